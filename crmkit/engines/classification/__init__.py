"""Which kind of customer is this? Dimensions with ordered labels, who decides over them, and the history of every
customer's labels with its reasons."""
