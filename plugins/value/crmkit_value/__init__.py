"""Customer value: what customers have brought, and what they are expected to bring."""
