"""What customers do: how often they come, how regularly, and how that changes."""
