"""What satisfaction has to do with staying and spending."""
