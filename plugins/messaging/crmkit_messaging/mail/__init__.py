"""Mailboxes: how mail goes out and comes in."""
