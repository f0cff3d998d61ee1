"""The commands, one room each; none is imported before it is run."""
