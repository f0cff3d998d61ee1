"""What needs are worth: formulas, money at stake, and how sure an order of them is."""
