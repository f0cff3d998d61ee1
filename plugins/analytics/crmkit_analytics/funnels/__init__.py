"""Funnels: how many get from one step to the next, how long it takes them, and where they are lost."""
