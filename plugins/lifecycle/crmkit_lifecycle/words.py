"""The words of lifecycle: kinds of stages, causes of moves, ends of passages. Must not know tables."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_lifecycle")

ABOUT = {
    "any": _("Persons and organisations"),
    "person": _("Persons"),
    "organization": _("Companies and organisations"),
}
"""Whom a model is about, with titles."""
VERSION_STATES = {"draft": _("Draft"), "published": _("Published"), "retired": _("Retired")}
ENTRY, ACTIVE, GOOD, BAD = "entry", "active", "good", "bad"
KINDS = {ENTRY: _("Entry"), ACTIVE: _("On the way"), GOOD: _("Good end"), BAD: _("Bad end")}
"""What a stage can be, with titles."""
ENDS = (GOOD, BAD)
"""The kinds of stages in which a passage ends."""
LEFT = "left"
OUTCOMES = {GOOD: _("Reached its good end"), BAD: _("Reached a bad end"), LEFT: _("Left the model")}
"""How passages end, with titles."""
DIRECTIONS = {
    "enter": _("Entered"),
    "forward": _("Forward"),
    "skip": _("Skipped ahead"),
    "back": _("Back"),
    "version": _("Brought along"),
}
"""Which way a move went, with titles."""
CAUSES = {
    "criteria": _("Its criteria were met"),
    "person": _("A person"),
    "rule": _("A rule"),
    "version": _("A new version of the model"),
    "replay": _("Computed for the past"),
}
"""What moved somebody, with titles."""
ROLL_UPS = {
    "none": _("Not rolled up"),
    "max": _("The farthest of its people, unless all are lost"),
    "any": _("The heaviest stage in which anybody is"),
    "weighted": _("The stage by the mean weight of its people"),
}
"""How the stage of an organisation follows from its people's, with titles."""
LABELS = {"potential": _("Potential"), "new": _("New"), "mature": _("Mature"), "lost": _("Lost")}
"""The labels of the dimension that the usual model refines, with titles."""
MARKS = {
    "none": _("Nothing"),
    "mql": _("Qualified by marketing"),
    "sql": _("Accepted by sales"),
    "customer": _("Customer"),
}
"""What a stage stands for in acquisition, with titles."""
ANSWERS = {
    "offered": _("Waiting for an answer"),
    "accepted": _("Accepted"),
    "declined": _("Declined"),
    "expired": _("Not accepted in time"),
}
"""What became of handing somebody over, with titles."""
ACTIVITIES = {"none": _("Has not bought"), "active": _("Active"), "silent": _("Silent"), "lost": _("Lost")}
"""How active somebody is by the own gap between purchases, with titles."""
