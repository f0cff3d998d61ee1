"""Approvals: chains of people who have to agree."""
