"""Hand-offs between departments."""
