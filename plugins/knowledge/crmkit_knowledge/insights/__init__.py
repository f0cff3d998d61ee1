"""What is known about single customers: preferences, constraints, promises and facts, each with where it comes from."""
