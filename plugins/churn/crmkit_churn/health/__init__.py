"""How healthy each customer is: measures that an admin weighs, kept as they were once somebody has left."""
