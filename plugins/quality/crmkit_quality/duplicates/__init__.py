"""Pairs of customers that are probably one: found, looked at, merged or kept apart."""
