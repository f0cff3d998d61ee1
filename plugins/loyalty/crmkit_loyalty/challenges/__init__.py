"""Challenges, streaks and badges: what members do often enough is rewarded."""
