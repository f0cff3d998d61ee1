"""What was ordered, and how far it is."""
