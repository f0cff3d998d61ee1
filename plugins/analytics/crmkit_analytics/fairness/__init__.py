"""Whether decision rules go by protected attributes of persons, or by what stands in for them."""
