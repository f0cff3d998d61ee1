"""What members are told of their points, tiers and rewards, and before something expires."""
