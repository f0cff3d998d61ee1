"""The kernel's revisions."""
