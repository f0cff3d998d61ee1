"""Web-hooks in."""
