"""Revisions of the tables of service, in one line."""
