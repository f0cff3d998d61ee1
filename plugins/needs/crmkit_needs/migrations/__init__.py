"""Revisions of the tables of needs, in one line."""
