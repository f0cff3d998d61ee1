"""The help centre: what anybody reads, finds and rates without an account."""
