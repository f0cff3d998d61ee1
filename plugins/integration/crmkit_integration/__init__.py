"""Other systems: web-hooks out and in, and synchronisation."""
