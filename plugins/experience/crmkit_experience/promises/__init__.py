"""Promises: what was promised to customers, by when, and whether it was kept."""
