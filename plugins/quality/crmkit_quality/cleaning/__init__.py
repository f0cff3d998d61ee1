"""Cleaning in bulk: what is written otherwise than it should be is put right, shown before, and can be taken back."""
