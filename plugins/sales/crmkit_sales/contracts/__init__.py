"""What was agreed on for a time, and when it renews."""
