"""Revisions of the tables of lifecycle, in one line."""
