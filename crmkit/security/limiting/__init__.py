"""Limits of how much somebody may ask for in a time: counted in each process, and shared over all by the database.

Must not know requests nor answers; guesses at credentials have buckets of their own beside them.
"""
