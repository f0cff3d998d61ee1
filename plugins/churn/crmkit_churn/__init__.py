"""Churn: who is leaving, why, and what was done about it."""
