"""Work that departments hand to each other: working calendars."""
