"""Fitting models: what is fitted on which data, how good it is, and which fit counts."""
