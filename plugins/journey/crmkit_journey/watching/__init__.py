"""Monitors: flows in which customers are stuck, that fail, lag, bring less than before, or into which nobody comes."""
