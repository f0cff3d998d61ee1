"""Passages: customers on their way through a flow."""
