"""Alerts: figures that are unusual for their day of the week, each cause told once."""
