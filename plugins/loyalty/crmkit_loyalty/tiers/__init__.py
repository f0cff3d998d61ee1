"""Tiers: who has reached which, until when, and what is missing."""
