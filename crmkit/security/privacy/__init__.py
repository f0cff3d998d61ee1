"""What persons are entitled to: to be told what is kept about them, to be erased, and that nothing is kept for longer
than it is needed."""
