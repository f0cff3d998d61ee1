"""What is done to keep customers, whom it is not done to for comparison, and what it changed."""
