"""How lately, how often and for how much customers buy: scores, and segments with names."""
