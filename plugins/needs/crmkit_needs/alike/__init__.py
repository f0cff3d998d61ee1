"""Needs that may be the same: suggested by what they say, and dismissed by who knows better."""
