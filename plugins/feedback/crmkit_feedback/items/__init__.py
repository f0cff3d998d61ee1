"""Feedback, by whatever way it came, and what becomes of it until the customer says that it is solved."""
