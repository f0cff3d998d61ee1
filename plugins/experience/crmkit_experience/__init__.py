"""Experience: how it is to be our customer, and what made it better."""
