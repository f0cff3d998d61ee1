"""Revisions of the tables of value, in one line."""
