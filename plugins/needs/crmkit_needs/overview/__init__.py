"""How needs get on as a whole: how old they are, how fast they are decided, who is served, and what it changes."""
