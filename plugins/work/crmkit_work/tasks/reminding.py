"""Reminders: laying them down, putting them off, and firing them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmkit import CrmSession, Input, InvalidInput, NotFound, Problem, User, operation, texts
from crmkit.errors import Conflict, Refused
from crmkit_work.tasks.adding import require_open
from crmkit_work.tasks.alarm_models import Reminder, ReminderFiring
from crmkit_work.tasks.events import ReminderFired
from crmkit_work.tasks.inputs import Choice, DueText, Until
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.moving import end_of
from crmkit_work.tasks.people import calendar_of, own_calendar, stand_in, tell, zone_of
from crmkit_work.tasks.recurrence import Recurrence, check_rule, check_zone
from crmkit_work.tasks.timing import LATE, before_due
from crmkit_work.tasks.whens import parse_when

_ = texts("crmkit_work")

UPDATE = "work.task.update"
REMIND = {
    "FREQ=DAILY": _("Every day"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": _("Monday to Friday"),
    "FREQ=WEEKLY": _("Every week"),
}
"""Rules of reminders that forms offer, with titles."""


@operation("work.task.remind", title=_("Remind me"), permission=UPDATE, effect="update")
def remind(
    session: CrmSession,
    task: Task,
    *,
    at: Annotated[datetime | None, Input(title=_("At"), classified="internal")] = None,
    when: DueText = "",
    minutes: Annotated[
        int | None, Input(title=_("Minutes before it is due"), minimum=-525_600, maximum=525_600, classified="internal")
    ] = None,
    working_days: Annotated[
        int | None, Input(title=_("Working days before it is due"), minimum=-366, maximum=366, classified="internal")
    ] = None,
    rule: Annotated[
        str,
        Input(
            title=_("Again and again"),
            max_length=300,
            choices=REMIND,
            classified="internal",
            help=_("One of these, or a rule of RFC 5545, from the instant on that is given."),
        ),
    ] = "",
    user_id: Annotated[UUID | None, Input(title=_("For"), resource="user", classified="internal")] = None,
    zone: Annotated[str, Input(title=_("Time zone"), max_length=60, classified="internal")] = "",
) -> Reminder:
    """Lay down a reminder of a task: at an instant (``at``, or ``when`` in words), so long before it is due, or again
    and again by a rule on the clock of the person's zone. It is for whoever acts unless another user is named, and for
    the owner where nobody in particular acts.

    Raises Conflict for a task that is not open, InvalidInput for none or several of these, an instant that has passed,
    or what is no rule; NotFound for a user who is not there.
    """
    require_open(task)
    now = session.gate.clock.now()
    if user_id is not None and session.get(User, user_id) is None:
        raise NotFound(_("There is no active user {id}."), id=user_id)
    user = user_id or session.actor.user_id
    local = check_zone(zone) if zone else zone_of(session, user or task.owner_id)
    if when.strip():
        at = parse_when(when, now, local, own_calendar(session, user))
    relative = minutes is not None or working_days is not None
    if relative == (at is not None) or (minutes is not None and working_days is not None):
        raise _problem("at", _("Say once when: at an instant, or how long before it is due."))
    reminder = Reminder(task_id=task.id, customer_id=task.customer_id, user_id=user, zone=local, kind="at")
    if relative:
        if rule:
            raise _problem("rule", _("A rule counts from an instant."))
        reminder.kind, reminder.minutes, reminder.working_days = "before", minutes or 0, working_days or 0
        reminder.next_at = before_due(reminder, task, calendar_of(session, task))
    else:
        reminder.start_at = reminder.next_at = at
        if rule:
            reminder.kind, reminder.rule = "recurring", check_rule(rule, field="rule")
            reminder.next_at = _series(reminder).after(now)
    if reminder.next_at is None and not relative:
        raise _problem("rule", _("This never comes again."))
    if reminder.next_at is not None and reminder.next_at <= now:
        raise _problem("at", _("This lies in the past."))
    session.add(reminder)
    return reminder


@operation("work.reminder.snooze", title=_("Remind me later"), permission=UPDATE, effect="update")
def snooze_reminder(
    session: CrmSession, reminder: Reminder, *, choice: Choice = "", until: Until | None = None
) -> Reminder:
    """Have a reminder fire again at an instant, or after as long as one of the choices says. Raises Conflict for one
    that was dismissed, InvalidInput for no instant to come."""
    if reminder.state == "dismissed":
        raise Conflict(_("The reminder was dismissed."))
    reminder.next_at, reminder.state, reminder.snoozed = end_of(session, choice, until), "waiting", True
    return reminder


@operation("work.reminder.dismiss", title=_("Dismiss the reminder"), permission=UPDATE, effect="update")
def dismiss_reminder(session: CrmSession, reminder: Reminder) -> Reminder:
    """Have a reminder not fire any more."""
    reminder.state, reminder.next_at = "dismissed", None
    return reminder


@operation("work.reminder.fire", title=_("Fire a reminder"), permission=UPDATE, hidden=True)
def fire_reminder(session: CrmSession, reminder: Reminder) -> datetime | None:
    """Fire a reminder that is due and return when it fires next. An absent person's goes to the deputy.

    Of several turns that were missed each is kept in the log, and the last one alone is told. Raises Refused outside
    system scope.
    """
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Reminders fire in system scope."))
    now, planned = session.gate.clock.now(), reminder.next_at
    task = session.get(Task, reminder.task_id)
    if task is None or planned is None or planned > now or reminder.state != "waiting":
        return reminder.next_at
    if not task.is_open:
        reminder.state, reminder.next_at = "dismissed", None
        return None
    following = None
    if reminder.kind == "recurring":
        # One that was put off goes on where it would be now; what lay between was put off with it.
        following = _series(reminder).after(now if reminder.snoozed else planned)
    behind = following is not None and following <= now
    wanted = reminder.user_id or task.owner_id or task.given_by_id
    person = stand_in(session, wanted, now) if wanted is not None else None
    told = [person] if person is not None and not behind else []
    if told:
        title = _("Reminder: {title}") if person == wanted else _("Reminder for {name}, who is away: {title}")
        absent = session.get(User, wanted) if person != wanted else None
        tell(session, told, "reminder", title, task, name=absent.name if absent is not None else "")
    late = now - planned > LATE
    session.add(
        ReminderFiring(
            reminder_id=reminder.id,
            task_id=task.id,
            planned_at=planned,
            fired_at=now,
            late=late,
            told=[str(each) for each in told],
            in_place_of=wanted if told and person != wanted else None,
        )
    )
    reminder.count += 1
    reminder.snoozed = False
    reminder.next_at = following
    if following is None:
        reminder.state = "fired"
    session.emit(ReminderFired(reminder_id=reminder.id, task_id=task.id, customer_id=task.customer_id, late=late))
    return following


def _series(reminder: Reminder) -> Recurrence:
    assert reminder.rule is not None
    assert reminder.start_at is not None
    return Recurrence(rule=reminder.rule, start=reminder.start_at, zone=reminder.zone)


def _problem(name: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=name)])


OPERATIONS = [remind, snooze_reminder, dismiss_reminder, fire_reminder]
