"""Actions: what was done about it, and what it changed."""
