"""How well the search finds what questions ask for: a guard against one that got worse."""
