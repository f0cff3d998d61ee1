"""Keeping and winning back: activity by the own gap, and plans with eligibility, cool-down and a control group."""
