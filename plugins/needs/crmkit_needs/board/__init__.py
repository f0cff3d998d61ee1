"""The public board: what customers read of needs, vote for and suggest, and how they are told."""
