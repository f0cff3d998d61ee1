"""Messages to customers and from them."""
