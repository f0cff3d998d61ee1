"""What keeps a session from reading and writing rows that its actor may not: policies of models, the criterion that
every ORM statement gets, the census that finds statements without it, and the checks of what a flush would write.

Knows no particular model, role or grant: rights come to it as a value (`crmkit.core.store.guard.rights.Rights`).
"""

from crmkit.core.store.guard.regions import lookup, region

__all__ = ["lookup", "region"]
