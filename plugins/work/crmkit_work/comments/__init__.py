"""Comments, mentions and watchers."""
