"""The fixed words of tasks with their titles: states, priorities, outcomes. Must not know tables."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_work")

TASK_STATES = {
    "open": _("Open"),
    "in_progress": _("In progress"),
    "waiting": _("Waiting"),
    "done": _("Done"),
    "dropped": _("Dropped"),
}
"""What a task can be, with titles."""
OPEN = ("open", "in_progress", "waiting")
"""The states in which something is still to be done."""
PRIORITIES = {"low": _("Low"), "normal": _("Normal"), "high": _("High"), "urgent": _("Urgent")}
"""How much a task matters, with titles, the least first."""
RANKS = {name: rank for rank, name in enumerate(PRIORITIES)}
"""The priorities as numbers, to sort by."""
OUTCOMES = {
    "successful": _("Successful"),
    "unsuccessful": _("Unsuccessful"),
    "no_answer": _("Nobody answered"),
    "rescheduled": _("Put off"),
    "not_needed": _("Not needed any more"),
}
"""What came of a task, with titles."""
REPEAT_WHEN = {"finished": _("When it is finished"), "due": _("When it is due")}
"""When the next task of a series is made, with titles; one that is finished earlier makes it then."""
REPEATS = {
    "FREQ=DAILY": _("Every day"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": _("Monday to Friday"),
    "FREQ=WEEKLY": _("Every week"),
    "FREQ=WEEKLY;INTERVAL=2": _("Every two weeks"),
    "FREQ=MONTHLY": _("Every month"),
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": _("The last weekday of the month"),
    "FREQ=MONTHLY;INTERVAL=3": _("Every quarter"),
    "FREQ=YEARLY": _("Every year"),
}
"""Rules of repetition that forms offer, with titles; any other one of RFC 5545 is taken as well."""
SNOOZES = {
    "hour": _("An hour"),
    "afternoon": _("This afternoon"),
    "tomorrow": _("Tomorrow morning"),
    "working_day": _("Next working day"),
    "week": _("Next week"),
}
"""For how long a task or a reminder is put aside at a click, with titles."""


def said_rule(rule: str) -> str:
    """Return what a rule of repetition says: its title where it is one that forms offer, else itself."""
    return REPEATS.get(rule, rule)
