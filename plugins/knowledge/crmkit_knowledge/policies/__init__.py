"""How often articles have to be verified, by whom, and what happens where nobody does."""
