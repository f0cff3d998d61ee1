"""The pages of assignment: queues with their members, people, absences, and why work went to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Calendar, CrmSession, Page, Panel, texts
from crmkit.i18n import Text
from crmkit_work.assignment.models import PRESENCES, Absence, AssignmentEntry, Person, Queue
from crmkit_work.assignment.reading import decisions_of, last_decisions, members_of, names_of, people as everybody
from crmkit_work.assignment.values import HOW, REJECTED, STRATEGIES, Availability, Reason

_ = texts("crmkit_work")

PLACE = "/modules/work"
SHOWN = 60
AHEAD = timedelta(days=120)


def queues(session: CrmSession) -> Mapping[str, Any]:
    """Return the queues with their members."""
    now = session.gate.clock.business_now()
    found = session.scalars(select(Queue).order_by(Queue.active.desc(), Queue.name)).all()
    ids = {one for each in found for one in (each.fallback_queue_id, each.fallback_team_id) if one is not None}
    return {
        "queues": [(each, members_of(session, each, now)) for each in found],
        "names": names_of(session, ids),
        "strategies": STRATEGIES,
        "presence": _presence,
        "may_manage": _may(session, "work.queue", "manage"),
        "may_rebalance": _may(session, "work.queue", "rebalance"),
    }


def people(session: CrmSession) -> Mapping[str, Any]:
    """Return who is there, with their open work, and what one may say of oneself."""
    now = session.gate.clock.business_now()
    own = session.guarding.rights.user_id
    notes = {
        each.user_id: each.presence_note
        for each in session.scalars(select(Person).where(Person.presence_note != ""))
        if each.presence_until is None or each.presence_until > now
    }
    found = everybody(session, now)
    deputies = {each.deputy_id for each, _there in found if each.deputy_id is not None}
    return {
        "people": found,
        "names": names_of(session, deputies),
        "notes": notes,
        "own": own,
        "presences": PRESENCES,
        "presence": _presence,
        "may_say": _may(session, "work.person", "presence") and own is not None,
        "may_manage": _may(session, "work.person", "manage"),
        "may_plan": _may(session, "work.absence", "plan") and own is not None,
    }


def absences(session: CrmSession) -> Mapping[str, Any]:
    """Return the absences of now and of the weeks to come."""
    now = session.gate.clock.business_now()
    query = select(Absence).where(Absence.ends_at > now, Absence.starts_at <= now + AHEAD)
    found = session.scalars(query.order_by(Absence.starts_at, Absence.id)).all()
    own = session.guarding.rights.user_id
    manages = _may(session, "work.absence", "manage")
    return {
        "absences": found,
        "names": names_of(session, {one for each in found for one in (each.user_id, each.deputy_id) if one}),
        "now": now,
        "may_change": {each.id for each in found if manages or each.user_id == own},
        "may_plan": _may(session, "work.absence", "plan") and own is not None,
    }


def log(session: CrmSession, query: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Return why a piece of work (``ref``) went to whom, or the last decisions of a queue."""
    ref, queue_id = str(query.get("ref", "")), _identity(query.get("queue"))
    found = decisions_of(session, ref) if ref else last_decisions(session, queue_id=queue_id, limit=SHOWN)
    return {
        "decisions": found,
        "ref": ref,
        "how": HOW,
        "zone": session.crm.config.get(session).zone,
        "language": language,
        "path": partial(path_of, session),
    }


def path_of(session: CrmSession, ref: str) -> str:
    """Return the page of the record that a reference names, or nothing where no door serves it."""
    resource, _colon, identity = ref.partition(":")
    if resource == "work.task":
        return f"{PLACE}/task?id={identity}"
    return f"/records/{resource}/{identity}" if resource in session.gate.registry.resources else ""


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return who got the last work of each customer, and why."""
    query = (
        select(AssignmentEntry)
        .where(AssignmentEntry.customer_id.in_(list(customer_ids)))
        .order_by(AssignmentEntry.decided_at.desc(), AssignmentEntry.id.desc())
        .limit(20 * len(customer_ids))
    )
    last: dict[UUID, AssignmentEntry] = {}
    for entry in session.scalars(query):
        if entry.customer_id is not None:
            last.setdefault(entry.customer_id, entry)
    names = names_of(session, {one for each in last.values() for one in (each.user_id, each.team_id) if one})
    found: list[Panel] = []
    for customer_id, entry in last.items():
        whose = names.get(entry.user_id or entry.team_id or customer_id, "–")
        found.append(
            Panel(
                customer_id=customer_id,
                title=_("Last assignment"),
                rows=[(_("With"), whose), (_("How"), HOW[entry.strategy])],
                path=f"{PLACE}/assignments?ref={entry.ref}",
                link=_("Why"),
            )
        )
    return found


def _presence(found: Availability) -> tuple[Text, Mapping[str, Any], str]:
    """Return whether somebody is there: the words, what fills them in, and the tone."""
    if found.present:
        return _("Present"), {}, "good"
    words: dict[str, Any] = {
        "absent": _("Absent"),
        "off_hours": _("Off work"),
        "inactive": _("Not active"),
    }
    text = words.get(found.reason) or PRESENCES.get(found.reason) or REJECTED[found.reason]
    return text, dict(Reason(code=found.reason).values), "warn" if found.reason == "busy" else "bad"


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


def _identity(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


PAGES = [
    Page(
        name="work.queues",
        title=_("Queues"),
        path="/queues",
        template="work/assignment/queues.html",
        context=queues,
        permission="work.queue.read",
        icon="columns",
        order=44,
    ),
    Page(
        name="work.people",
        title=_("People"),
        path="/people",
        template="work/assignment/people.html",
        context=people,
        permission="work.person.read",
        icon="users-group",
        order=45,
    ),
    Page(
        name="work.absences",
        title=_("Who is absent"),
        path="/absences",
        template="work/assignment/absences.html",
        context=absences,
        permission="work.absence.read",
        icon="sun",
        menu=False,
    ),
    Page(
        name="work.assignments",
        title=_("Assignments"),
        path="/assignments",
        template="work/assignment/log.html",
        context=log,
        permission="work.assignment.read",
        icon="route",
        menu=False,
    ),
]
CALENDARS = [
    Calendar(
        name="work.absences",
        title=_("Absences"),
        resource="work.absence",
        start="starts_at",
        end="ends_at",
        label=["user_id", "deputy_id"],
        icon="sun",
        order=46,
    )
]
