"""Revisions of the tables of journey, in one line."""
