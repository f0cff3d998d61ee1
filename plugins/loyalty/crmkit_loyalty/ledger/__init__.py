"""The ledger: every point, where it came from, where it went, and when it expires."""
