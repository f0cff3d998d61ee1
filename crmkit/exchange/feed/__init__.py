"""The feed of events: what has happened, in one order that never changes, for other systems that follow it.

`places` gives committed events their order, `reading` gives a reader those that he may know of.
"""
