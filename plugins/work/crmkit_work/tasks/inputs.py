"""What is said of a task when it is added or changed. Must not know what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import attrs

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_work.tasks.words import OUTCOMES, PRIORITIES, REPEAT_WHEN, REPEATS, SNOOZES

_ = texts("crmkit_work")

Title = Annotated[str, Input(title=_("Title"), max_length=300, classified="internal")]
Description = Annotated[str, Input(title=_("Description"), max_length=20_000, multiline=True, classified="text")]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
UserId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")]
QueueId = Annotated[UUID, Input(title=_("Queue"), resource="work.queue", classified="internal")]
QueueName = Annotated[
    str, Input(title=_("Queue, by name"), max_length=60, classified="internal", help=_("In place of its id."))
]
DueAt = Annotated[datetime, Input(title=_("Due"), classified="internal")]
DueText = Annotated[
    str,
    Input(
        title=_("Due, in words"),
        max_length=80,
        classified="internal",
        help=_("Such as tomorrow 10:00, fri, +2h, +3wd (working days), 明天 10:00."),
    ),
]
CalendarId = Annotated[UUID, Input(title=_("Working calendar"), resource="work.calendar", classified="internal")]
Priority = Annotated[str, Input(title=_("Priority"), choices=PRIORITIES, classified="internal", max_length=8)]
Ref = Annotated[
    str, Input(title=_("About"), help=_("A record, as resource:id."), max_length=160, classified="internal")
]
Source = Annotated[str, Input(title=_("Source"), max_length=60, classified="internal")]
Skills = Annotated[
    tuple[str, ...],
    Input(title=_("Skills that it needs"), max_length=50, classified="internal", help=_("Such as billing:3.")),
]
Languages = Annotated[tuple[str, ...], Input(title=_("Languages that it needs"), max_length=20, classified="internal")]
Remind = Annotated[
    int,
    Input(title=_("Remind, minutes before"), minimum=-525_600, maximum=525_600, classified="internal"),
]
Rule = Annotated[
    str,
    Input(
        title=_("Repeats"),
        max_length=300,
        choices=REPEATS,
        classified="internal",
        help=_("One of these, or a rule of RFC 5545 such as FREQ=WEEKLY;BYDAY=MO."),
    ),
]
RepeatWhen = Annotated[
    str, Input(title=_("The next one is made"), choices=REPEAT_WHEN, max_length=8, classified="internal")
]
LadderId = Annotated[UUID, Input(title=_("Escalation ladder"), resource="work.ladder", classified="internal")]
Outcome = Annotated[str, Input(title=_("Outcome"), choices=OUTCOMES, max_length=20, classified="internal")]
Note = Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="text")]
LongNote = Annotated[str, Input(title=_("Note"), max_length=5000, multiline=True, classified="text")]
Until = Annotated[datetime, Input(title=_("Until"), classified="internal")]
Choice = Annotated[str, Input(title=_("For how long"), choices=SNOOZES, max_length=20, classified="internal")]


@attrs.frozen(kw_only=True)
class NewTask:
    """A task to be added.

    It goes to its owner, team or queue (by id or name); out of a queue the assignment engine picks the owner, by
    ``skills`` and ``languages`` besides. With none of them it is whoever's adds it, or the customer's owner's. ``due``
    says in words what ``due_at`` (UTC) says as an instant. ``ref`` is the record that it is about, ``source`` the
    plugin that makes it.
    """

    title: Title
    description: Description | None = None
    customer_id: CustomerId | None = None
    due_at: DueAt | None = None
    due: DueText = ""
    priority: Priority = "normal"
    owner_id: UserId | None = None
    team_id: TeamId | None = None
    queue_id: QueueId | None = None
    queue: QueueName = ""
    remind_minutes: Remind | None = None
    repeat_rule: Rule | None = None
    repeat_when: RepeatWhen = "finished"
    due_calendar_id: CalendarId | None = None
    ladder_id: LadderId | None = None
    skills: Skills = ()
    languages: Languages = ()
    ref: Ref = ""
    source: Source = ""


@attrs.frozen(kw_only=True)
class TaskUpdate:
    """What to change of a task; what is not given stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    customer_id: CustomerId | UnsetType | None = UNSET
    due_at: DueAt | UnsetType | None = UNSET
    due: DueText | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    repeat_rule: Rule | UnsetType | None = UNSET
    repeat_when: RepeatWhen | UnsetType = UNSET
    due_calendar_id: CalendarId | UnsetType | None = UNSET
    ladder_id: LadderId | UnsetType | None = UNSET
