"""Templates of articles: what a new one of a kind begins with."""
