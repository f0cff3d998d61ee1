"""Web-hooks out."""
