"""The pages and reports of churn. Must not change anything."""
