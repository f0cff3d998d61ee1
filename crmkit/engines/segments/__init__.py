"""Segments: named expressions about customers, who belongs to them, since when and why, and how they relate."""
