"""Users and teams, and later who may see and do what."""
