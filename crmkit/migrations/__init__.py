"""Schemas: one lineage of revisions, and one version table, for the kernel and for each plugin.

There is no other alembic environment in the house; plugins ship revision files only.
"""
