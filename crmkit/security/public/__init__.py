"""Signed links by which people without an account reach one page, as visitors with few rights. No HTTP in it."""
