"""What leaving means, and what is known of customers as of a day: definitions, features, outcomes."""
