"""Revisions of the tables of work, in one line."""
