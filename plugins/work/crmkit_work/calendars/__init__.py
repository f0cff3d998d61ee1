"""Working calendars: when is worked, and what deadlines follow from it."""
