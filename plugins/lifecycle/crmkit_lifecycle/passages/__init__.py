"""Passages: which customer has come how far in which model, when, why, and on what evidence."""
