"""What points are given for: rules, promotions, referral, challenges."""
