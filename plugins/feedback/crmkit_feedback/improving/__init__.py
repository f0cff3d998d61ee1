"""What is done about themes, and whether it has helped."""
