"""The migrations of integration."""
