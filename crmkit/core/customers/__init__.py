"""Customers: people and organisations from the first contact on, how to reach them, how they belong together, what they
agreed to, and every change that was made to what is known of them."""
