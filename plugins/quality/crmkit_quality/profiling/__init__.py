"""Profiling: what the values of a field or a column look like, before anybody relies on them."""
