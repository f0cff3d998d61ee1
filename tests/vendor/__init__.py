"""A plugin as a vendor makes, tests and ships it."""
