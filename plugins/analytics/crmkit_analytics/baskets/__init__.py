"""Baskets: which products and categories are bought together, more often than by chance."""
