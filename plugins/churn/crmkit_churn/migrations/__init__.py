"""Revisions of the tables of churn, in one line."""
