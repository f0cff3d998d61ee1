"""The demonstration company: real purchases of a public data set under invented customers' names."""
