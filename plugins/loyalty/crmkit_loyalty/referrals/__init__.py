"""Members who invite others, and what both get for it."""
