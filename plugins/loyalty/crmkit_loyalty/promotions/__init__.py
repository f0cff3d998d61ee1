"""Promotions: what carts cost less, what comes free, and codes that are used so often and no more."""
