"""Discovery: what customers really do, from their interactions."""
