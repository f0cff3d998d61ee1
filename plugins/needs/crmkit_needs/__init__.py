"""Needs: what customers ask for, with the evidence, how much it matters, and what becomes of it."""
