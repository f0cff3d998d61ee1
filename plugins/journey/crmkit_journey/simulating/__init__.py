"""Simulation: what a flow would have done with what happened."""
