"""Acquisition: what sources bring and cost, and how far what they bring comes."""
