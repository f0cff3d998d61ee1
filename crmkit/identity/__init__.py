"""Who is who: opening customers for comparing, bringing two records of one customer together, and taking that back.

Whether two records are the same customer is decided elsewhere: by a person, or by a plugin that compares. Must not know
doors.
"""
