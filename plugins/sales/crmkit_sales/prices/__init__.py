"""Price lists, what a customer pays for what, and what a sale comes to."""
