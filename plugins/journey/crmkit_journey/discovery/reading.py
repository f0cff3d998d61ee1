"""Reading interactions as an event log: as the reader may see them, in one statement.

What was reversed did not happen, and neither did its reversal. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Interaction, InvalidInput, Refused, texts
from crmkit_journey.discovery.mining import Happening, Trace
from crmkit_journey.discovery.words import LogChoice

_ = texts("crmkit_journey")

MOST_EVENTS = 500_000
"""So many events at most are read at once: they are all held in memory."""
_BATCH = 5000


def require_reading(session: CrmSession) -> None:
    """Raise Refused for whoever may not see what customers really do."""
    rights = session.guarding.rights
    if not rights.unrestricted and rights.scope("journey.discovery", "read") == "none":
        raise Refused(_("You may not see what customers really do."), fix=_("Ask for journey.discovery.read."))


def events_of_log(session: CrmSession, choice: LogChoice) -> list[Trace]:
    """Return the cases of a choice with their events in order of time; of equal times in the order of their ids, which
    is that of recording. Cases are in the order of their keys: ids of customers, or threads.

    Raises InvalidInput for a period that ends before it begins and for more than 500,000 events, Refused for whoever
    lacks journey.discovery.read.
    """
    require_reading(session)
    conditions = _conditions(session, choice)
    number = session.scalar(select(func.count(Interaction.id)).where(*conditions)) or 0
    if number > MOST_EVENTS:
        raise InvalidInput(
            _("These are {number} events."),
            fix=_("Choose a shorter time or fewer kinds: {most} are the most."),
            field="since",
            number=number,
            most=MOST_EVENTS,
        )
    taken = _taken(session, choice, conditions)
    case = Interaction.thread if choice.by == "thread" else Interaction.customer_id
    order = (case, Interaction.occurred_at, Interaction.id)
    rows = _with_subjects(session, case, conditions, order) if taken == "subject" else _plain(
        session, case, conditions, order, taken
    )  # fmt: skip
    traces = [
        Trace(case=str(key), events=[happening for _key, happening in group])
        for key, group in groupby(rows, key=lambda row: row[0])
    ]
    return sorted(traces, key=lambda trace: trace.case)


def _plain(
    session: CrmSession, case: Any, conditions: list[ColumnElement[bool]], order: tuple[Any, ...], taken: str
) -> Iterator[tuple[Any, Happening]]:
    columns = (case, Interaction.kind, Interaction.outcome, Interaction.occurred_at)
    query = select(*columns).where(*conditions).order_by(*order).execution_options(yield_per=_BATCH)
    for key, kind, outcome, at in session.execute(query):
        yield key, Happening(activity=(outcome or kind) if taken == "outcome" else kind, at=at, outcome=outcome)


def _with_subjects(
    session: CrmSession, case: Any, conditions: list[ColumnElement[bool]], order: tuple[Any, ...]
) -> Iterator[tuple[Any, Happening]]:
    # Subjects may be sealed: records open them, as their reader may see them.
    query = select(case, Interaction).where(*conditions).order_by(*order)
    for key, each in session.execute(query):
        yield key, Happening(activity=each.subject or each.kind, at=each.occurred_at, outcome=each.outcome)


def _taken(session: CrmSession, choice: LogChoice, conditions: list[ColumnElement[bool]]) -> str:
    """Return what is taken as activity: "kind", "outcome" or "subject"."""
    if choice.activity != "auto":
        return choice.activity
    kinds = session.scalars(select(Interaction.kind).where(*conditions).distinct().limit(2)).all()
    if len(kinds) != 1:
        return "kind"
    named = select(Interaction.id).where(*conditions, Interaction.outcome.is_not(None)).limit(1)
    if session.scalar(named) is not None:
        return "outcome"
    return "subject"


def _conditions(session: CrmSession, choice: LogChoice) -> list[ColumnElement[bool]]:
    if choice.since is not None and choice.until is not None and choice.until < choice.since:
        raise InvalidInput(
            _("The time ends before it begins."), fix=_("Give a later day."), field="until", value=str(choice.until)
        )
    reversal = aliased(Interaction)
    taken_back = select(reversal.reverses_id).where(reversal.reverses_id.is_not(None))
    found: list[ColumnElement[bool]] = [
        (Interaction.thread if choice.by == "thread" else Interaction.customer_id).is_not(None),
        Interaction.occurred_at <= session.gate.clock.business_now(),
        Interaction.reverses_id.is_(None),
        Interaction.id.not_in(taken_back),
    ]
    zone = session.business().zone
    if choice.kinds:
        found.append(Interaction.kind.in_(choice.kinds))
    if choice.since is not None:
        found.append(Interaction.occurred_at >= midnight(choice.since, zone))
    if choice.until is not None and choice.until < date.max:
        found.append(Interaction.occurred_at < midnight(choice.until + timedelta(days=1), zone))
    return found


def midnight(day: date, zone: str) -> datetime:
    """Return the instant at which a calendar day begins in a zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def kinds_there(session: CrmSession) -> list[str]:
    """Return the kinds of interactions that the reader may see any of, by the alphabet."""
    return sorted(session.scalars(select(Interaction.kind).distinct()))
