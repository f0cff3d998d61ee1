"""Opportunities on their way through the stages of a sale."""
