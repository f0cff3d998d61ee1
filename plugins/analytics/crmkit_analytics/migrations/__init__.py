"""Revisions of the tables of analytics, in one line."""
