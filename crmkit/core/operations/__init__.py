"""The one way to change anything: operations, the gate that every call goes through, events, the outbox and jobs.

Knows the store; knows nothing of customers, of doors or of particular plugins.
"""
