"""Needs and the evidence for them: who needs what, in whose words, and what becomes of it."""
