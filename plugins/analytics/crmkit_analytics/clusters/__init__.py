"""Clusters of similar customers: how many there are, what each is like, and how firmly they stand."""
