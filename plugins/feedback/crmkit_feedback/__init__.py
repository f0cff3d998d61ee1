"""Feedback: surveys, what customers say by any way, what is done about it, and how satisfied they are."""
