"""Flows: what is to happen to customers, step by step, as a definition that is drafted, checked and published."""
