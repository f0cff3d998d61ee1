"""Servers that tests and benchmarks start themselves."""
