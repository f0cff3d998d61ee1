"""Rewards: what points buy, who got what, and the codes that they were given."""
