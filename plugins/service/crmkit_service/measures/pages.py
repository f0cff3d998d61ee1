"""The page of staffing: how many people it takes to answer in time, by half hours of the week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from crmkit import CrmSession, InvalidInput, Page, texts
from crmkit_service.cases.words import CHANNELS
from crmkit_service.measures.arrivals import A_DAY, HALF, Plan, arrivals_of, plan_for
from crmkit_service.measures.reports import PERMISSION
from crmkit_service.measures.staffing import Goal, Interval

_ = texts("crmkit_service")

STAFFING = "/modules/service/staffing"
DAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
LIMITS: Mapping[str, tuple[float, float, float]] = {
    "weeks": (4, 1, 52),
    "level": (80, 1, 99.9),
    "within": (20, 0, 86_400),
    "occupancy": (95, 10, 100),
    "shrinkage": (30, 0, 90),
    "handling": (0, 0, 86_400),
}
"""Of each number that can be given: the usual one, the least and the most."""


@frozen(kw_only=True)
class Line:
    """A half hour of the day with what it takes on each day of the week; ``shades`` are from 0 to 4."""

    title: str
    cells: tuple[Interval | None, ...]
    shades: tuple[int, ...]


def staffing(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return how many people each half hour of the week takes, by what has come in."""
    given = {name: _number(query.get(name), name) for name in LIMITS}
    channel = query.get("channel", "") if query.get("channel", "") in CHANNELS else ""
    goal = Goal(level=given["level"] / 100, within=given["within"], occupancy=given["occupancy"] / 100)
    arrivals = arrivals_of(session, weeks=int(given["weeks"]), channel=channel)
    found, wrong = None, ""
    try:
        found = plan_for(arrivals, goal, shrinkage=given["shrinkage"] / 100, handling=given["handling"] or None)
    except InvalidInput as error:
        wrong = str(error.problems[0].message)
    return {
        "plan": found,
        "arrivals": arrivals,
        "lines": lines_of(found) if found is not None else (),
        "days": DAYS,
        "peak": _named(found.peak) if found is not None and found.peak is not None else None,
        "given": {name: _plain(value) for name, value in given.items()},
        "limits": LIMITS,
        "channel": channel,
        "channels": CHANNELS,
        "wrong": wrong,
        "here": STAFFING,
    }


def lines_of(found: Plan) -> tuple[Line, ...]:
    """Return the half hours of a day from the first to the last one in which anything comes in, by days of the week."""
    by_start = {each.start // HALF: each for each in found.intervals}
    used = sorted({place % A_DAY for place in by_start})
    if not used:
        return ()
    most = max(each.staffing.agents for each in found.intervals)
    lines: list[Line] = []
    for half in range(used[0], used[-1] + 1):
        cells = tuple(by_start.get(day * A_DAY + half) for day in range(7))
        shades = tuple(0 if each is None else max(1, round(4 * each.staffing.agents / most)) for each in cells)
        lines.append(Line(title=f"{half // 2:02d}:{half % 2 * 30:02d}", cells=cells, shades=shades))
    return tuple(lines)


def _named(interval: Interval) -> tuple[str, str, Interval]:
    place = interval.start // HALF
    return DAYS[place // A_DAY], f"{place % A_DAY // 2:02d}:{place % 2 * 30:02d}", interval


def _number(text: str | None, name: str) -> float:
    usual, least, most = LIMITS[name]
    try:
        value = float(text) if text else usual
    except ValueError:
        return usual
    return value if least <= value <= most else usual


def _plain(value: float) -> str:
    return f"{value:g}"


PAGES = [
    Page(
        name="service.staffing",
        title=_("Staffing"),
        path="/staffing",
        template="service/measures/staffing.html",
        context=staffing,
        permission=PERMISSION,
        icon="users",
        menu=True,
    )
]
