"""Points, tiers and rewards for customers, on a ledger in which nothing is lost or made out of nothing."""
