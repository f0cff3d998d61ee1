"""Lifecycle: how far customers have come, and where they get stuck."""
