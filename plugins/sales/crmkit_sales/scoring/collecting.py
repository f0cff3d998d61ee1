"""Scores out of the base, set by set: who fits is asked of the facts, what they did of the stream.

For all customers at once or for some of them, as of any instant and by what was known at another one. The session has
to be in system scope: a score does not depend on who looks. Must not write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Interaction, Moment, catalogue_of, frame, row_condition, values_of
from crmkit_sales.scoring.calculating import Behaviour, Definition, Scored, scored
from crmkit_sales.scoring.criteria import FIELDS

CHUNK = 1000
ROWS = 5000
ASKED = ("kind", "channel", "direction", "outcome")
"""What a criterion can ask of an interaction by a value."""

Happened = Mapping[UUID, Mapping[int, Sequence[datetime]]]


def scores_at(
    session: CrmSession, definition: Definition, moment: Moment, customers: Collection[UUID] | None = None
) -> dict[UUID, Scored]:
    """Return the score of each customer who is scored at all, of all or of some, as of a moment."""
    conditions = [definition.among, *(each.condition for each in definition.fit)]
    members, *fits = _fitting(session, conditions, moment, customers)
    happened = _happened(session, definition.behaviour, moment, members if customers is not None else None)
    nothing: Mapping[int, Sequence[datetime]] = {}
    return {
        each: scored(definition, [each in fit for fit in fits], happened.get(each, nothing), moment.as_of)
        for each in members
    }


def _fitting(
    session: CrmSession, conditions: Sequence[str], moment: Moment, customers: Collection[UUID] | None
) -> list[set[UUID]]:
    """Return for each condition the customers for whom it holds."""
    if customers is None:
        return [{row[0] for row in frame(session, (), where=each, moment=moment).rows()} for each in conditions]
    catalogue = catalogue_of(session)
    expressions = [catalogue.checked(each) for each in conditions]
    facts = {ref for each in expressions for ref in each.facts}
    at = moment.surroundings(session.get_bind().dialect.name)
    known = values_of(session, facts, list(customers), moment)
    return [{who for who, values in known.items() if each.evaluate(values, at)} for each in expressions]


def _happened(
    session: CrmSession, criteria: Sequence[Behaviour], moment: Moment, customers: Collection[UUID] | None
) -> Happened:
    """Return when what each criterion counts happened, by customer and by the place of the criterion."""
    found: dict[UUID, dict[int, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    holds = [_holding(session, each) for each in criteria]
    if customers is None:
        # Of everybody each criterion asks for its own: what counts is a small part of the stream.
        for place, criterion in enumerate(criteria):
            details = [getattr(Interaction, name) for name in FIELDS] if criterion.condition else []
            conditions = [*_happenings(moment), *_asked(criterion), *_since(moment, [criterion])]
            for row in _rows(session, conditions, details):
                if holds[place](dict(zip(FIELDS, row[2:], strict=bool(details)))):
                    found[row[0]][place].append(row[1])
        return found
    details = [getattr(Interaction, name) for name in FIELDS]
    for chunk in _chunks(sorted(customers)):
        conditions = [*_happenings(moment), *_since(moment, criteria), Interaction.customer_id.in_(chunk)]
        for customer_id, occurred_at, *values in _rows(session, conditions, details):
            said = dict(zip(FIELDS, values, strict=True))
            for place, criterion in enumerate(criteria):
                if _is_asked(criterion, said, moment.as_of - occurred_at) and holds[place](said):
                    found[customer_id][place].append(occurred_at)
    return found


def _rows(session: CrmSession, conditions: Sequence[ColumnElement[bool]], details: Sequence[Any]) -> Any:
    statement = select(Interaction.customer_id, Interaction.occurred_at, *details).where(*conditions)
    return session.execute(statement.execution_options(yield_per=ROWS))


def _holding(session: CrmSession, criterion: Behaviour) -> Callable[[Mapping[str, Any]], bool]:
    """Return what says of an interaction whether the condition of a criterion holds."""
    if not criterion.condition:
        return lambda said: True
    return row_condition(session, criterion.condition, FIELDS)


def _since(moment: Moment, criteria: Sequence[Behaviour]) -> list[ColumnElement[bool]]:
    """Return the condition that leaves out what is too long ago to count for any of some criteria."""
    horizons = [each.horizon for each in criteria]
    known = [each for each in horizons if each is not None]
    return [Interaction.occurred_at > moment.as_of - max(known)] if known and len(known) == len(horizons) else []


def _is_asked(criterion: Behaviour, said: Mapping[str, Any], age: timedelta) -> bool:
    """Say of an interaction what `_asked` and `_since` say in SQL."""
    if criterion.horizon is not None and age >= criterion.horizon:
        return False
    wanted = {name: getattr(criterion, name) for name in ASKED}
    return all(not value or said[name] == value for name, value in wanted.items())


def _happenings(moment: Moment) -> list[ColumnElement[bool]]:
    """Return the conditions for interactions that had occurred and were known, and that nothing had taken back."""
    reversal = _reversal()
    taken_back = and_(
        reversal.reverses_id == Interaction.id,
        reversal.occurred_at <= moment.as_of,
        reversal.recorded_at <= moment.known_at,
    )
    return [
        Interaction.customer_id.is_not(None),
        Interaction.occurred_at <= moment.as_of,
        Interaction.recorded_at <= moment.known_at,
        Interaction.reverses_id.is_(None),
        ~exists().where(taken_back),
    ]


@cache
def _reversal() -> Any:
    return aliased(Interaction)


def _asked(criterion: Behaviour) -> list[ColumnElement[bool]]:
    said = {name: getattr(criterion, name) for name in ASKED}
    return [getattr(Interaction, name) == value for name, value in said.items() if value]


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
