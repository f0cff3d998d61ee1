"""A small plugin that keeps every rule; tests change single lines of it and look whether that is noticed."""
