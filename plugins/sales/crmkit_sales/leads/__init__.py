"""Who may become a customer: where they came from, what they want, and who takes them."""
