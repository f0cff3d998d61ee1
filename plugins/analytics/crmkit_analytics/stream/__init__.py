"""What is read out of the stream of interactions for all customers at once: purchases by day, activity by period."""
