"""What staff see: the overview, programmes, members, redemptions; and what stands on the page of a customer."""
