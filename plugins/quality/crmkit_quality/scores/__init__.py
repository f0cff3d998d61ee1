"""Scores of data quality: by customer and field, owner and source, with their history."""
