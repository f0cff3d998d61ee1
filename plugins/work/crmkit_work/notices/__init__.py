"""Notices: what the system tells staff."""
