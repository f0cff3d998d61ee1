"""What customers are expected to bring: the models fitted to their purchases, and the scores of each customer."""
