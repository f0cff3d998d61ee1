"""Conditions and formulas that people type: one text, one typed tree, two executions that agree.

A text is parsed into a closed tree (`tree`), checked against a vocabulary (`checking`) into a plan of operators
(`operators`), and the plan runs as a Python closure on one customer (`closures`) and as SQL over all of them (`sql`).
Must not know where facts come from, who asks, or what a condition is for.
"""
