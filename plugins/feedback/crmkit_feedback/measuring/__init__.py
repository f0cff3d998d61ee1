"""How satisfied customers are: figures with intervals, trends, drivers, and what they are worth."""
