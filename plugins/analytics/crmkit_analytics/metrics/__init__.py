"""Definitions of figures: what each means, for whom it is counted, and who answers for it."""
