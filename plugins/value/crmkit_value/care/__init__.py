"""What is done for customers of high and of low value, and what it changes against those who are left alone."""
