"""Backups of an installation's data, each proved by restoring it, and bringing one back.

Knows the store; knows nothing of customers or doors. Keys are never in a backup.
"""
