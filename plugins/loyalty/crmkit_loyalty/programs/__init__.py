"""Programmes, the kinds of points that they have, and who takes part."""
