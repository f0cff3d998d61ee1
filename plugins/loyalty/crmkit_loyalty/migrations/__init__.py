"""Revisions of the tables of loyalty, in one line."""
