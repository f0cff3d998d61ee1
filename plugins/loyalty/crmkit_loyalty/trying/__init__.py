"""Trying rules before they count: what a purchase would give, and what past months would have given."""
