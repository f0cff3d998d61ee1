"""What measuring has, for the hook module."""
