"""Customers whom nobody has, for any seller to claim."""
