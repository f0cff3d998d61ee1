"""The measures of service over the stories of cases: what of them falls into a span of time, and what that comes to.

Pure computation; must not know databases. Times are in seconds. What a case counts for is decided by when something
happened to it: it is opened once, answered first once, and solved when it was solved last as far as is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import fmean, median, quantiles

from attrs import define, field

from crmkit_service.channels.words import SATISFIED
from crmkit_service.measures.stories import Story

Elapsed = Callable[[datetime, datetime], float]
"""Seconds of working time between two instants."""
CONTACTS = 1
"""More answers of persons than this are not one contact."""
NINETY = 0.9


@define
class Tally:
    """What the cases of a group come to within a span of time.

    ``first``, ``later`` and ``solving`` are seconds on the calendar until the first answer, a later one, and the
    solution; ``..._worked`` the same in working time. ``settled`` are solutions of which it is known by now whether
    they held, ``once`` those of them that took one contact and held.
    """

    opened: int = 0
    answered: int = 0
    solved: int = 0
    reopened: int = 0
    settled: int = 0
    once: int = 0
    one_touch: int = 0
    transfers: int = 0
    untouched: int = 0
    first_owner: int = 0
    ratings: int = 0
    satisfied: int = 0
    scores: list[int] = field(factory=list[int])
    first: list[float] = field(factory=list[float])
    first_worked: list[float] = field(factory=list[float])
    later: list[float] = field(factory=list[float])
    later_worked: list[float] = field(factory=list[float])
    solving: list[float] = field(factory=list[float])
    solving_worked: list[float] = field(factory=list[float])
    ages: list[float] = field(factory=list[float])
    """Seconds since the cases were opened that were open at the end of the span."""

    @property
    def backlog(self) -> int:
        """Return how many cases were open at the end."""
        return len(self.ages)

    @property
    def score(self) -> float | None:
        """Return the mean score, or None without ratings."""
        return fmean(self.scores) if self.scores else None


def add(
    tally: Tally,
    story: Story,
    first: datetime,
    last: datetime,
    until: datetime,
    elapsed: Elapsed,
    *,
    holds: timedelta = timedelta(days=7),
) -> None:
    """Add what of a case falls into the span from ``first`` to ``last`` (which is not of it), as far as was known
    ``until`` then. A solution has held once it was not reopened for so long as ``holds``."""

    def within(at: datetime | None) -> bool:
        return at is not None and first <= at < last

    for at, score in story.scores:
        if within(at):
            tally.ratings += 1
            tally.satisfied += score >= SATISFIED
            tally.scores.append(score)
    if not story.counts:
        return
    tally.opened += within(story.opened_at)
    if story.first.until is not None and within(story.first.until):
        tally.answered += 1
        tally.first.append((story.first.until - story.first.since).total_seconds())
        tally.first_worked.append(elapsed(story.first.since, story.first.until))
    for wait in story.next:
        if wait.until is not None and within(wait.until):
            tally.later.append((wait.until - wait.since).total_seconds())
            tally.later_worked.append(elapsed(wait.since, wait.until))
    _solutions(tally, story, within, until, elapsed, holds)
    if _was_open(story, min(last, until)):
        tally.ages.append((min(last, until) - story.opened_at).total_seconds())


def _solutions(
    tally: Tally,
    story: Story,
    within: Callable[[datetime | None], bool],
    until: datetime,
    elapsed: Elapsed,
    holds: timedelta,
) -> None:
    for place, solution in enumerate(story.resolutions):
        if not within(solution.at):
            continue
        tally.solved += 1
        tally.reopened += solution.reopened_at is not None
        tally.solving.append((solution.at - story.opened_at).total_seconds())
        tally.solving_worked.append(elapsed(story.opened_at, solution.at))
        tally.one_touch += place == 0 and solution.answers <= CONTACTS
        tally.transfers += story.transfers
        tally.untouched += story.transfers == 0
        tally.first_owner += bool(story.owners) and solution.owner == story.owners[0]
        came_back = solution.reopened_at is not None and solution.reopened_at - solution.at <= holds
        if came_back or until - solution.at >= holds:
            tally.settled += 1
            tally.once += place == 0 and solution.answers <= CONTACTS and not came_back


def _was_open(story: Story, at: datetime) -> bool:
    """Say whether a case was still to be solved at an instant."""
    if story.opened_at >= at:
        return False
    for solution in story.resolutions:
        if solution.at < at and (solution.reopened_at is None or solution.reopened_at >= at):
            return False
    return True


def middle(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def ninetieth(values: Sequence[float]) -> float | None:
    """Return the value that nine of ten do not exceed, by linear interpolation (R's type 7), or None of nothing."""
    if not values:
        return None
    if len(values) == 1:
        return float(values[0])
    return quantiles(values, n=10, method="inclusive")[-1]
