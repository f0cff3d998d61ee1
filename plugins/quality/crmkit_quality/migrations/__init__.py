"""Revisions of the tables of quality, in one line."""
