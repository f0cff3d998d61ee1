"""What service achieves and costs, and how many people it takes."""
