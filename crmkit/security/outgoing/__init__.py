"""Calls that the server itself makes to addresses that somebody configured, and never to what it must not reach."""
