"""Duplicates found, merged and taken apart again; field rules, scores, cleaning and contracts with sources."""
