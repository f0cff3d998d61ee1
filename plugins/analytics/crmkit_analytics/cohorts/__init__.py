"""Customers by when they came: how many came back, what they spend since, and what of revenue stays."""
