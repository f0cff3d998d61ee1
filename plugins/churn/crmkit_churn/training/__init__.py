"""Learning and judging a model of a definition, as a run of analytics that is kept."""
