"""Quotes: what is offered to a customer for how much until when, version by version."""
