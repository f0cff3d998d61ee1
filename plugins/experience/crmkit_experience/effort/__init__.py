"""Effort: what it costs customers to have something settled."""
