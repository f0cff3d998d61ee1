"""Surveys: what they ask, in versions and languages, checked before they are published."""
