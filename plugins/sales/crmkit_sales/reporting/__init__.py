"""The reports on sales."""
