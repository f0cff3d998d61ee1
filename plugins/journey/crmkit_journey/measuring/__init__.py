"""Figures: how many reach what in a flow, by node, and whether it helps beside those held out."""
