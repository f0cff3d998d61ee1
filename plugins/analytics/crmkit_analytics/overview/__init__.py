"""The first page of analytics: how many come, what stays, what is unusual."""
