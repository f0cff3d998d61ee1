"""Staleness: what is known ages; what is too old or has proved wrong is verified again by somebody."""
