"""Contracts with sources: what a source has to send, and what stops it from being taken in."""
