"""Revisions of the tables of feedback, in one line."""
