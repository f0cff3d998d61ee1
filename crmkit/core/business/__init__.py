"""What belongs to the business and not to a machine: its currency and rates, zone and place, fiscal year, option lists
and required fields."""
