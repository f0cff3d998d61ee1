"""Whom surveys ask, when and by what way: distributions, invitations, reminders and call lists."""
