"""Lifecycle models: their versions, their stages, and what a change to them would move."""
