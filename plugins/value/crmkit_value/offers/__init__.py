"""What to offer whom next, by what is bought together, what it brings and what the customer allows."""
