"""Assignment: who gets the work, and why."""
