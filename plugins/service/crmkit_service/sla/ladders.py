"""Escalation ladders as they are written and climbed: which step of a clock is due when.

Pure; must not know tables. A step is a line: when, whom, how often again, and what else is done:

    75% owner                          when three quarters of the working time are used up
    -30m owner                         half an hour before the deadline
    0 lead priority:urgent             at the deadline, and the case becomes urgent
    +2h manager repeat 1h x3           two hours later and three times more, an hour apart
    +4h rota:night queue:escalations   to whoever is on call, and the case goes to that queue
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit_service.sla.terms import format_amount
from crmkit_service.sla.words import PRIORITIES

_ = texts("crmkit_service")

MOST_STEPS = 20
MOST_TURNS = 50
LATE = timedelta(minutes=5)
"""What is taken so long after it was planned is marked as late."""
TARGETS = {
    "owner": _("Owner"),
    "lead": _("Lead of the team"),
    "manager": _("Manager chain"),
    "rota": _("On-call rota"),
    "user": _("User"),
    "team": _("Whole team"),
}
"""Whom a step tells. The manager chain is the leads of the teams above, one further up with each repetition."""
_NAMED = ("rota", "user", "team")
_WHEN = re.compile(r"(?P<percent>\d{1,3})%|(?P<sign>[+-]?)(?P<number>\d{1,6})(?P<unit>m|h|d)?", re.IGNORECASE)
_REPEAT = re.compile(r"\s+repeat\s+(\d{1,5})\s*(m|h|d)\s*x\s*(\d{1,2})(?=\s|$)", re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 1440}


@frozen(kw_only=True)
class Step:
    """One step: at so many percent of the working time, or minutes from the deadline; whom it tells, how often it is
    repeated how many minutes apart, and the priority and the queue that the case gets."""

    percent: int | None = None
    minutes: int = 0
    target: str
    name: str = ""
    every: int = 0
    times: int = 0
    priority: str = ""
    queue: str = ""


class Planned(NamedTuple):
    """A step that is taken at an instant; ``turn`` counts its repetitions from 0."""

    at: datetime
    step: int
    turn: int

    @property
    def key(self) -> str:
        """What tells it from every other one of the ladder: ``2.0``."""
        return f"{self.step}.{self.turn}"


def parse_steps(text: str, *, field: str = "steps") -> tuple[Step, ...]:
    """Return the steps that a text has, one a line or parted by semicolons. Raises InvalidInput repeating the line that
    is not understood."""
    found = [_step(line.strip(), field) for line in re.split(r"[\n;；]", text) if line.strip()]
    if not 0 < len(found) <= MOST_STEPS:
        message = _("A ladder has 1 to {most} steps.")
        raise InvalidInput([Problem(InvalidInput.code, message, field=field, most=MOST_STEPS)])
    return tuple(found)


def format_steps(steps: Sequence[Step]) -> str:
    """Return the text of steps, as `parse_steps` reads it."""
    return "\n".join(_said(step) for step in steps)


def plan(
    steps: Sequence[Step], due: datetime, target: int, reaches: Callable[[timedelta], datetime | None]
) -> list[Planned]:
    """Return when each step and each of its repetitions is taken, in order.

    ``target`` are the seconds of working time of the clock, ``reaches`` says when an amount of them is used up; minutes
    from the deadline go by the wall clock.
    """
    found: list[Planned] = []
    for number, step in enumerate(steps):
        if step.percent is None:
            at = due + timedelta(minutes=step.minutes)
        elif (reached := reaches(timedelta(seconds=target * step.percent / 100))) is not None:
            at = reached
        else:
            continue
        found += [
            Planned(at + timedelta(minutes=step.every * turn) if turn else at, number, turn)
            for turn in range(step.times + 1)
        ]
    return sorted(found)


def _step(line: str, field: str) -> Step:
    repeat = _REPEAT.search(line)
    words = (_REPEAT.sub(" ", line) if repeat is not None else line).split()
    when = _WHEN.fullmatch(words[0]) if words else None
    if when is None or len(words) < 2:
        raise _problem(line, field)
    target, _colon, name = words[1].partition(":")
    target = target.lower()
    if target not in TARGETS or (target in _NAMED) != bool(name):
        raise _problem(line, field)
    effects = {"priority": "", "queue": ""}
    for word in words[2:]:
        key, _colon, value = word.partition(":")
        if key not in effects or not value or (key == "priority" and value not in PRIORITIES):
            raise _problem(line, field)
        effects[key] = value
    percent = int(when["percent"]) if when["percent"] is not None else None
    if percent is not None and not 0 < percent <= 500:
        raise _problem(line, field)
    minutes = 0
    if percent is None:
        minutes = int(when["number"]) * _MINUTES[(when["unit"] or "m").lower()]
        minutes = -minutes if when["sign"] == "-" else minutes
    times = int(repeat[3]) if repeat is not None else 0
    if times > MOST_TURNS:
        raise _problem(line, field)
    return Step(
        percent=percent,
        minutes=minutes,
        target=target,
        name=name,
        every=int(repeat[1]) * _MINUTES[repeat[2].lower()] if repeat is not None else 0,
        times=times,
        **effects,
    )


def _said(step: Step) -> str:
    when = f"{step.percent}%" if step.percent is not None else "0"
    if step.percent is None and step.minutes:
        when = ("-" if step.minutes < 0 else "+") + _amount(abs(step.minutes))
    parts = [when, f"{step.target}:{step.name}" if step.name else step.target]
    if step.times:
        parts.append(f"repeat {_amount(step.every)} x{step.times}")
    parts += [f"{key}:{value}" for key, value in (("priority", step.priority), ("queue", step.queue)) if value]
    return " ".join(parts)


def _amount(minutes: int) -> str:
    return f"{minutes}m" if minutes % 60 else format_amount(minutes * 60)


def _problem(line: str, field: str) -> InvalidInput:
    hint = _("Such as: 75% owner; 0 lead priority:urgent; +2h manager repeat 1h x3; +4h rota:night. Whom: {targets}.")
    message = _('"{line}" is no step of a ladder.')
    values = {"line": line[:80], "targets": ", ".join(TARGETS)}
    return InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, **values)])
