"""Message templates and what is made of them."""
