"""Revisions of the tables of experience, in one line."""
