"""Whose turn it is among people who can all take a piece of work: round robin, least loaded, smooth weighted.

Pure computation; must not know databases, calendars or people's names. Everything is in whole numbers and ties have a
last key, so that two processes that see the same state choose the same person.

Weighted is the smooth weighted round robin of nginx: everybody gains their weight, whoever has most is chosen and pays
the sum of all weights. With many members it lets somebody fall behind by more than one turn, so a choice by which
somebody would (there is a look ahead, which is exact) gives way to the earliest deadline: of the two of any round, the
one whose next turn is due first. So after N choices among the same people each has had N·w/W, give or take less than 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Literal
from uuid import UUID

from attrs import evolve, frozen

Strategy = Literal["round_robin", "least_loaded", "weighted"]

AHEAD = 5_000
"""So many choices are looked ahead at most."""


@frozen(kw_only=True)
class Contender:
    """Somebody who can take the work: the weight, the open work, and what is kept of the turns so far.

    ``current`` is what smooth weighting keeps, ``served`` the number of the last turn (0 before the first), ``order``
    the last key among equals.
    """

    user_id: UUID
    weight: int = 1
    load: int = 0
    current: int = 0
    served: int = 0
    order: int = 0


@frozen(kw_only=True)
class Choice:
    """Who is chosen, and what is to be kept of everybody's ``current``."""

    user_id: UUID
    currents: Mapping[UUID, int]


def choose(strategy: Strategy, contenders: Sequence[Contender]) -> Choice:
    """Return who is chosen. Raises ValueError where nobody contends, or for a weight below 1."""
    if not contenders or any(each.weight < 1 for each in contenders):
        raise ValueError("somebody contends, and every weight is at least 1")
    return _STRATEGIES[strategy](contenders)


def _longest_ago(each: Contender) -> tuple[int, int, UUID]:
    return each.served, each.order, each.user_id


def _round_robin(contenders: Sequence[Contender]) -> Choice:
    return _kept(min(contenders, key=_longest_ago), contenders)


def _least_loaded(contenders: Sequence[Contender]) -> Choice:
    """Choose the smallest load for the weight: whoever has the weight 2 carries twice as much."""
    chosen = min(contenders, key=lambda each: (Fraction(each.load, each.weight), *_longest_ago(each)))
    return _kept(chosen, contenders)


def _kept(chosen: Contender, contenders: Sequence[Contender]) -> Choice:
    return Choice(user_id=chosen.user_id, currents={each.user_id: each.current for each in contenders})


def _weighted(contenders: Sequence[Contender]) -> Choice:
    total = sum(each.weight for each in contenders)
    gained = [evolve(each, current=each.current + each.weight) for each in contenders]
    usual = min(gained, key=lambda each: (-each.current, *_longest_ago(each)))
    paid = _paid(gained, usual, total)
    if not _keeps_up(paid, total):
        due = [each for each in gained if each.current > 0] or [usual]
        first = min(due, key=lambda each: (Fraction(total - each.current, each.weight), *_longest_ago(each)))
        paid, usual = _paid(gained, first, total), first
    return Choice(user_id=usual.user_id, currents={each.user_id: each.current for each in paid})


def _paid(gained: Sequence[Contender], chosen: Contender, total: int) -> Sequence[Contender]:
    return [evolve(each, current=each.current - total) if each is chosen else each for each in gained]


def _keeps_up(paid: Sequence[Contender], total: int) -> bool:
    """Say whether nobody has to fall behind by a whole turn, whatever is chosen from now on.

    Of the turns that are due within the next n choices there may be n at most (Hall's condition; of later spans it
    holds of itself). Once nobody is ahead of their share any more it holds of itself, too.
    """
    last = max((-each.current // each.weight + 1 for each in paid if each.current < 0), default=0)
    last = min(last, AHEAD)
    # Who has no turn due within that time adds nothing.
    due = [(each.current, each.weight) for each in paid if each.current + last * each.weight >= total]
    return all(
        sum(max(0, (current + step * weight) // total) for current, weight in due) <= step
        for step in range(1, last + 1)
    )


_STRATEGIES: Mapping[Strategy, Callable[[Sequence[Contender]], Choice]] = {
    "round_robin": _round_robin,
    "least_loaded": _least_loaded,
    "weighted": _weighted,
}
