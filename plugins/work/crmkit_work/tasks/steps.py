"""Escalation ladders as they are written and as they are climbed: which step is due when.

Pure; must not know tables. A step is a line: when, whom, and how often more.

    -60m owner                    an hour before it is due
    0 lead                        when it is due
    +2wh lead repeat 1h x3        two working hours later, and three times more, an hour apart
    +1wd team:Support             the next working day at the same time
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit_work.calendars.clock import NoWorkingTime, WorkingCalendar
from crmkit_work.tasks.alarm_models import TARGETS
from crmkit_work.tasks.whens import working_days_on

_ = texts("crmkit_work")

MOST_STEPS = 20
MOST_TURNS = 50
_LINE = re.compile(
    r"(?P<when>[+-]?\d{1,6})\s*(?P<unit>m|h|d|wm|wh|wd)?\s+(?P<target>owner|lead|above|user|team)"
    r"(?::\s*(?P<name>.+?))?(?:\s+repeat\s+(?P<every>\d{1,5})\s*(?P<every_unit>m|h|d)\s*x\s*(?P<times>\d{1,2}))?",
    re.IGNORECASE,
)
_MINUTES = {"m": 1, "h": 60, "d": 1440, "wm": 1, "wh": 60}


@frozen(kw_only=True)
class Step:
    """One step: how far from the due time (``minutes``, or ``days`` of work), whether in working time, whom it tells,
    and how often it is repeated how many minutes apart."""

    minutes: int = 0
    days: int = 0
    working: bool = False
    target: str
    name: str = ""
    every: int = 0
    times: int = 0


@frozen(kw_only=True)
class Planned:
    """A step that is taken at an instant; ``turn`` counts its repetitions from 0."""

    at: datetime
    step: int
    turn: int


def parse_steps(text: str) -> tuple[Step, ...]:
    """Return the steps that a text has, one a line or parted by semicolons. Raises InvalidInput repeating the line that
    is not understood."""
    found: list[Step] = []
    for line in re.split(r"[\n;；]", text):
        given = line.strip()
        if not given:
            continue
        match = _LINE.fullmatch(given)
        if match is None or (match["target"].lower() in ("user", "team")) != bool(match["name"]):
            raise _problem(given)
        unit, number = (match["unit"] or "m").lower(), int(match["when"])
        times = int(match["times"] or 0)
        if times > MOST_TURNS or (unit == "wd" and abs(number) > 366):
            raise _problem(given)
        found.append(
            Step(
                minutes=0 if unit == "wd" else number * _MINUTES[unit],
                days=number if unit == "wd" else 0,
                working=unit.startswith("w"),
                target=match["target"].lower(),
                name=match["name"] or "",
                every=int(match["every"] or 0) * _MINUTES[(match["every_unit"] or "m").lower()],
                times=times,
            )
        )
    if not found or len(found) > MOST_STEPS:
        message = _("A ladder has 1 to {most} steps.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="steps", most=MOST_STEPS)])
    return tuple(found)


def plan(steps: Sequence[Step], due: datetime, calendar: WorkingCalendar | None, zone: str) -> list[Planned]:
    """Return when each step and each of its repetitions is taken, in order."""
    found = [
        Planned(at=at + timedelta(minutes=step.every * turn), step=number, turn=turn)
        for number, step in enumerate(steps)
        for at in [moment_of(step, due, calendar, zone)]
        for turn in range(step.times + 1)
    ]
    return sorted(found, key=lambda each: (each.at, each.step, each.turn))


def moment_of(step: Step, due: datetime, calendar: WorkingCalendar | None, zone: str) -> datetime:
    """Return when a step is taken for a due time; by the wall clock where working time is asked for and there is
    none."""
    if step.days:
        return working_days_on(due, step.days, zone, calendar)
    span = timedelta(minutes=abs(step.minutes))
    if step.working and calendar is not None:
        try:
            return calendar.add(due, span) if step.minutes >= 0 else calendar.subtract(due, span)
        except NoWorkingTime:
            pass
    return due + timedelta(minutes=step.minutes)


def _problem(line: str) -> InvalidInput:
    hint = _("Such as: -60m owner; 0 lead; +2wh lead repeat 1h x3; +1wd user:eve. Targets: {targets}.")
    message = _('"{line}" is no step of a ladder.')
    targets = ", ".join(TARGETS)
    return InvalidInput(
        [Problem(InvalidInput.code, message, field="steps", hint=hint, line=line[:80], targets=targets)]
    )
