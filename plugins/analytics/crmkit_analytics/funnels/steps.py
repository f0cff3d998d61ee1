"""The arithmetic of funnels: who comes through ordered steps within a window. Must not know the database.

A customer enters by the first event of the first step within the period. Each further step is reached by the first
event of it behind the step before, within the window from the entry. Who meets with an excluded event between the entry
and the last step that was reached is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from attrs import field, frozen

EXCLUDED = -1
"""Stands for the excluded events among the steps."""


@frozen(kw_only=True)
class Step:
    """One step: an interaction of a kind, with a channel, an outcome or a direction where one is named; or the moment
    of a fact, such as ``sales.won_at``."""

    title: str
    kind: str = ""
    channel: str = ""
    outcome: str = ""
    direction: Literal["", "in", "out", "internal"] = ""
    fact: str = ""


@frozen(kw_only=True)
class Funnel:
    """Ordered steps, the days within which they have to be taken from the first one on, what takes a customer out (an
    interaction of a kind), and which customers are looked at (a condition over facts)."""

    steps: tuple[Step, ...] = field(converter=tuple)
    window_days: int = 30
    exclude: str = ""
    where: str = ""


@frozen(kw_only=True)
class Course:
    """When a customer reached each step that they reached, the first one first."""

    customer_id: UUID
    reached: tuple[datetime, ...]


Event = tuple[UUID, datetime, int]
"""A customer, an instant, and which step it is of (or `EXCLUDED`); in the order of customers and instants."""


def courses(
    events: Iterable[Event], steps: int, window: timedelta, first: datetime, last: datetime
) -> Iterable[Course]:
    """Return the courses of those who entered from ``first`` to before ``last``, and were not taken out.

    An event can be of several steps; then it stands there once for each, and takes at most one of them.
    """
    who: UUID | None = None
    held: list[tuple[datetime, int]] = []
    for customer_id, at, step in events:
        if customer_id != who:
            if who is not None and (found := _course(who, held, steps, window, first, last)) is not None:
                yield found
            who, held = customer_id, []
        held.append((at, step))
    if who is not None and (found := _course(who, held, steps, window, first, last)) is not None:
        yield found


def _course(
    who: UUID,
    held: Sequence[tuple[datetime, int]],
    steps: int,
    window: timedelta,
    first: datetime,
    last: datetime,
) -> Course | None:
    entry = next((place for place, (at, step) in enumerate(held) if step == 0 and first <= at < last), None)
    if entry is None:
        return None
    reached = [held[entry][0]]
    begun, excluded = reached[0], False
    for at, step in held[entry + 1 :]:
        if at - begun > window or len(reached) == steps:
            break
        if step == EXCLUDED:
            excluded = True
            break
        # The same event cannot be two steps: what is next has to come later.
        if step == len(reached) and at > reached[-1]:
            reached.append(at)
    return None if excluded else Course(customer_id=who, reached=tuple(reached))


def days_to(found: Sequence[Course], step: int) -> list[float]:
    """Return in how many days those came to a step who came so far, from their entry on, in ascending order."""
    spans = [(each.reached[step] - each.reached[0]) / timedelta(days=1) for each in found if len(each.reached) > step]
    return sorted(spans)


def nearest(values: Sequence[float], share: float) -> float | None:
    """Return a quantile of ascending values by nearest rank, None of nothing."""
    if not values:
        return None
    return values[max(int(-(-share * len(values) // 1)), 1) - 1]
