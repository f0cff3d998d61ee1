"""Revisions of the tables of knowledge, in one line."""
