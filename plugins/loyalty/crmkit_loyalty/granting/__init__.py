"""Points given to many at once from a file: opening balances of another system, and gifts."""
