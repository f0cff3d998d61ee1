"""The page of what customers really do: a graph of what follows what, variants, throughput and a funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from crmkit import CrmkitError, CrmSession, Page, texts
from crmkit_journey.discovery.drawing import Link, Node, Picture, draw
from crmkit_journey.discovery.funnels import IDLE_DAYS, Reached, funnel
from crmkit_journey.discovery.mining import Edge, Findings, Trace, mine
from crmkit_journey.discovery.reading import events_of_log, kinds_there
from crmkit_journey.discovery.words import ACTIVITIES, CASES, ActivityBy, CaseBy, LogChoice

_ = texts("crmkit_journey")

MOST_NODES = 40
"""So many activities at most are drawn: the most frequent."""
ROWS = 50
_DAYS = 90
_LONGEST = 400


def discover_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return what a choice of interactions shows; without one, the last 90 days."""
    today = session.today()
    since, until = _day(query.get("since", ""), today - timedelta(days=_DAYS)), _day(query.get("until", ""), today)
    by, activity = query.get("by", ""), query.get("activity", "")
    kinds = _listed(query.get("kinds", ""))
    choice = LogChoice(
        by=cast("CaseBy", by if by in CASES else "customer"),
        activity=cast("ActivityBy", activity if activity in ACTIVITIES else "auto"),
        kinds=kinds,
        since=since,
        until=until,
    )
    wrong = ""
    traces: Sequence[Trace] = ()
    try:
        traces = events_of_log(session, choice)
    except CrmkitError as error:
        wrong = error.render(language)
    found = mine(traces)
    highest = max((each.count for each in found.edges), default=1)
    least = min(_whole(query.get("least", "")), highest)
    kept = [each for each in found.edges if each.count >= least]
    steps = _listed(query.get("funnel", ""))
    reached = funnel(traces, steps, session.gate.clock.business_now()) if steps else ()
    picture = picture_of(found, kept, least)
    return {
        "choice": choice,
        "cases": CASES,
        "activities": ACTIVITIES,
        "kinds": ", ".join(kinds),
        "known_kinds": kinds_there(session),
        "least": least,
        "highest": highest,
        "found": found,
        "picture": picture,
        "left_out": len(found.activities) - len(picture.boxes),
        "edges": kept[:ROWS],
        "more_edges": len(kept) > ROWS,
        "variants": found.variants[:ROWS],
        "more_variants": len(found.variants) > ROWS,
        "steps": ", ".join(steps),
        "reached": [_step(each, reached[0].cases) for each in reached],
        "idle_days": IDLE_DAYS,
        "took": took,
        "wrong": wrong,
        "here": "/modules/journey/discover",
    }


def picture_of(found: Findings, edges: Sequence[Edge], least: int = 1) -> Picture:
    """Return the drawing of the most frequent activities and the edges between them; without activities that are rarer
    than ``least`` and have none of the edges."""
    joined = {name for each in edges for name in (each.source, each.target)}
    shown = [each for each in found.activities if each.name in joined or each.count >= least][:MOST_NODES]
    nodes = [Node(name=each.name, count=each.count, rank=each.place) for each in shown]
    return draw(nodes, [Link(source=each.source, target=each.target, count=each.count) for each in edges])


def took(seconds: float | None) -> str:
    """Return a duration in short: seconds, minutes, hours or days with one decimal place at most."""
    if seconds is None:
        return "–"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:.0f} s"


def _step(each: Reached, first: int) -> dict[str, Any]:
    return {"reached": each, "part": each.cases / first if first else None}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text[:_LONGEST].split(",") if part.strip())


def _day(text: str, usual: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return usual


def _whole(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1


PAGES = [
    Page(
        name="journey.discover",
        title=_("What customers do"),
        path="/discover",
        template="journey/discovery/discover.html",
        context=discover_page,
        permission="journey.discovery.read",
        icon="route",
        order=64,
    )
]
