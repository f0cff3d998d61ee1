"""Definitions of funnels, cohorts and figures: each change is a new version, and none is lost."""
