"""Revisions of the tables of sales, in one line."""
