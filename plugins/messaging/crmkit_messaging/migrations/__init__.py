"""The migrations of messaging."""
