"""Two-way synchronisation."""
