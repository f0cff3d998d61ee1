"""Field rules: what has to hold of customers' data, how grave it is where it does not, and for whom it does not."""
