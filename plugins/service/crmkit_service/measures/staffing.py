"""How many people it takes to answer in time, by Erlang C: contacts come at random, wait for as long as it takes, and
each person handles one at a time.

Pure computation; must not know databases. Loads are in erlangs (contacts per second times seconds of handling), times
in seconds, shares from 0 to 1. Sources: A. K. Erlang (1917); R. B. Cooper, Introduction to Queueing Theory (1981), 3.3
and 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

from crmkit import InvalidInput, Problem, texts

_ = texts("crmkit_service")

MOST = 100_000
"""So many people are tried at most."""
FULL = 0.95
"""How busy people may be at most, unless somebody says otherwise: who never has a moment makes mistakes."""


@frozen(kw_only=True)
class Demand:
    """What comes in: ``contacts`` within ``seconds``, each of which takes ``handling`` seconds of somebody's time."""

    contacts: float
    seconds: float
    handling: float

    @property
    def load(self) -> float:
        """Return how many people are busy on average, in erlangs."""
        return self.contacts / self.seconds * self.handling


@frozen(kw_only=True)
class Goal:
    """What is wanted: the share ``level`` of contacts is answered within ``within`` seconds, and nobody is busy for
    more than the share ``occupancy`` of the time."""

    level: float = 0.8
    within: float = 20.0
    occupancy: float = FULL


@frozen(kw_only=True)
class Staffing:
    """What so many people achieve.

    ``waiting`` is the probability that a contact has to wait, ``level`` the share that is answered within ``within``
    seconds, ``occupancy`` the share of the time that people are busy, ``answer`` the seconds until an answer on
    average. Where the load is more than there are people, the queue only grows: ``answer`` is None then.
    """

    agents: int
    load: float
    waiting: float
    level: float
    within: float
    occupancy: float
    answer: float | None


def erlang_b(agents: int, load: float) -> float:
    """Return the probability that all are busy where nobody waits: Erlang's loss formula, by its recursion, which stays
    exact for thousands of people as no factorial is ever computed. Raises InvalidInput for what is negative."""
    _check(agents >= 0 and load >= 0 and math.isfinite(load))
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(agents: int, load: float) -> float:
    """Return the probability that a contact has to wait; 1 where the load is as much as there are people, or more.
    Raises InvalidInput for what is negative."""
    return _waiting(agents, load, erlang_b(agents, load))


def achieved(demand: Demand, agents: int, within: float = 20.0) -> Staffing:
    """Return what so many people achieve. Raises InvalidInput for a demand that cannot be."""
    _check_demand(demand)
    return _staffing(demand, agents, within, erlang_b(agents, demand.load))


def needed(demand: Demand, goal: Goal) -> Staffing:
    """Return the least people who reach a goal, and what they achieve.

    Raises InvalidInput for a demand or a goal that cannot be, and for one that even 100,000 people do not reach.
    """
    _check_demand(demand)
    _check(0 < goal.level < 1 and goal.within >= 0 and 0 < goal.occupancy <= 1)
    if demand.load == 0:
        return _staffing(demand, 0, goal.within, 1.0)
    blocked, agents = 1.0, 0
    while agents < MOST:
        agents += 1
        blocked = demand.load * blocked / (agents + demand.load * blocked)
        if agents <= demand.load:
            continue
        found = _staffing(demand, agents, goal.within, blocked)
        if found.level >= goal.level and found.occupancy <= goal.occupancy:
            return found
    raise InvalidInput([Problem(InvalidInput.code, _("No number of people up to {most} reaches this."), most=MOST)])


def rostered(agents: int, shrinkage: float) -> int:
    """Return how many people have to be on the roster for so many to be there, where the share ``shrinkage`` of the
    time goes to breaks, training and illness. Raises InvalidInput for a share of 1 or more."""
    _check(agents >= 0 and 0 <= shrinkage < 1)
    # What comes out whole must not be rounded up for the last bit of a fraction.
    return math.ceil(round(agents / (1 - shrinkage), 9))


@frozen(kw_only=True)
class Interval:
    """What an interval of the week or the day takes: its ``start`` in seconds from the beginning, what comes in, the
    people, and how many are on the roster for them."""

    start: int
    demand: Demand
    staffing: Staffing
    rostered: int


def plan(demands: Sequence[tuple[int, Demand]], goal: Goal, shrinkage: float = 0.0) -> tuple[Interval, ...]:
    """Return what each interval takes. Raises as `needed` and `rostered`."""
    found: list[Interval] = []
    for start, demand in demands:
        staffing = needed(demand, goal)
        found.append(
            Interval(start=start, demand=demand, staffing=staffing, rostered=rostered(staffing.agents, shrinkage))
        )
    return tuple(found)


def _waiting(agents: int, load: float, blocked: float) -> float:
    if load == 0:
        return 0.0 if agents else 1.0
    if agents <= load:
        return 1.0
    busy = load / agents
    return blocked / (1 - busy * (1 - blocked))


def _staffing(demand: Demand, agents: int, within: float, blocked: float) -> Staffing:
    load = demand.load
    if load == 0:
        return Staffing(agents=agents, load=0, waiting=0, level=1, within=within, occupancy=0, answer=0)
    if agents <= load:
        return Staffing(agents=agents, load=load, waiting=1, level=0, within=within, occupancy=1, answer=None)
    waiting = _waiting(agents, load, blocked)
    spare = (agents - load) / demand.handling
    return Staffing(
        agents=agents,
        load=load,
        waiting=waiting,
        level=1 - waiting * math.exp(-spare * within),
        within=within,
        occupancy=load / agents,
        answer=waiting / spare,
    )


def _check_demand(demand: Demand) -> None:
    numbers = (demand.contacts, demand.seconds, demand.handling)
    _check(all(math.isfinite(each) for each in numbers) and demand.contacts >= 0)
    _check(demand.seconds > 0 and demand.handling > 0)


def _check(sound: bool) -> None:
    if not sound:
        raise InvalidInput([Problem(InvalidInput.code, _("These numbers cannot be: there is no such load or goal."))])
