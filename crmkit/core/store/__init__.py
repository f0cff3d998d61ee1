"""Rows and sessions: engines, column types, the bases of all models, guarded sessions, and what is known of plugins.

Knows nothing of customers, of operations' meaning or of doors.
"""
