"""The tags of articles: which there are, by what other names they go, and what they make related."""
