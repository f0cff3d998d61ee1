"""What points that are out will cost: what came and went to the point, which part is never redeemed, and what was
booked at the end of a period."""
