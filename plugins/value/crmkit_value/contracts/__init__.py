"""Customers under contract: how many renew, and what the margin of a period is worth."""
