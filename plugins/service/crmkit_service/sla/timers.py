"""When something comes of a clock by itself: at its deadline, and at the steps of its ladder.

Pure; must not know tables, nor what a step does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from crmkit_service.sla.folding import ClockState
from crmkit_service.sla.ladders import Planned, Step, plan

BREACH = "breach"


@frozen
class Timer:
    """Something that comes of a clock at an instant: its breach, or a step of its ladder."""

    at: datetime
    key: str
    planned: Planned | None = None


def timers(
    clock: ClockState,
    steps: Sequence[Step],
    *,
    taken: Collection[str] = (),
    told: bool = False,
    acknowledged: bool = False,
) -> list[Timer]:
    """Return what is still to come of a clock, in order: nothing while it is paused or has ended, and no step once it
    was acknowledged."""
    if clock.state != "running" or clock.due_at is None:
        return []
    found = [] if told else [Timer(clock.due_at, BREACH)]
    if steps and not acknowledged:
        found += [Timer(each.at, each.key, each) for each in climb_of(clock, steps) if each.key not in taken]
    # At the same instant the breach comes first: its event is the reason for the step.
    return sorted(found, key=lambda each: (each.at, each.key != BREACH))


def coming_at(
    clock: ClockState, climb: Sequence[Planned], *, taken: Collection[str], told: bool, acknowledged: bool
) -> datetime | None:
    """Return when the first of what is still to come of a clock does, or None: that of `timers`, for a climb that is
    known."""
    if clock.state != "running" or clock.due_at is None:
        return None
    at = None if told else clock.due_at
    if not acknowledged:
        step = next((each.at for each in climb if each.key not in taken), None)
        if step is not None and (at is None or step < at):
            at = step
    return at


def climb_of(clock: ClockState, steps: Sequence[Step]) -> list[Planned]:
    """Return when each step of a ladder is taken for a clock that runs, in order; nothing for any other one."""
    if clock.state != "running" or clock.due_at is None or not steps:
        return []
    return plan(steps, clock.due_at, clock.target, clock.reaches)


def begun(
    climb: Sequence[Planned], now: datetime, *, running: bool, taken: Collection[str] = (), tell_last: bool
) -> list[str]:
    """Return the steps that count as taken for a clock that is new, or has another target, at an instant.

    What was taken stays so, unless its time is still to come now. Others that lie in the past count as taken, too, save
    for the last one where that is to be told.
    """
    if not running:
        return list(taken)
    past = [each.key for each in climb if each.at <= now]
    fresh = [key for key in past if key not in taken]
    return [key for key in past if key in taken] + (fresh[:-1] if tell_last else fresh)


def late(planned: datetime, now: datetime) -> int:
    """Return by how many seconds something comes too late."""
    return max(0, int((now - planned) / timedelta(seconds=1)))
