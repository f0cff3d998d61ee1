"""Experiments and hold-outs: who is treated how, by chance that can be repeated, and what that has changed."""
