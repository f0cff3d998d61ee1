"""The pages of maps: all of them, one drawn as a grid with its figures, and what differs between two revisions.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import attrs
from sqlalchemy import select

from crmkit import CrmSession, Page, User, texts
from crmkit_journey.discovery.words import LogChoice
from crmkit_journey.maps.content import MapContent, Touchpoint, compared
from crmkit_journey.maps.figures import conformance, figures
from crmkit_journey.maps.finding import content, map_named, maps, revisions

_ = texts("crmkit_journey")

HOME = "/modules/journey/maps"
DAYS = (30, 90, 365)
FACES = {-2: _("Very bad"), -1: _("Bad"), 0: _("Neither"), 1: _("Good"), 2: _("Very good")}
CURVE_HIGH, CURVE_STEP = 90, 150
WRONG = {
    "unexpected": _("Not in the map"),
    "out_of_order": _("Out of order"),
    "skipped": _("Stage passed over"),
}


def maps_page(session: CrmSession) -> Mapping[str, Any]:
    """Return all maps."""
    return {"maps": maps(session), "may_manage": _may(session, "journey.map", "manage"), "home": HOME}


def map_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one map with its figures, and how far reality agrees with it. Raises NotFound."""
    found = map_named(session, query.get("map", ""))
    number = int(query["revision"]) if query.get("revision", "").isdigit() else None
    shown = content(session, found, number)
    days = int(query["days"]) if query.get("days", "") in [str(each) for each in DAYS] else 90
    today = session.today()
    since = today - timedelta(days=days - 1)
    held = None
    if _may(session, "journey.discovery", "read"):
        held = conformance(session, shown, LogChoice(activity="kind", since=since, until=today))
    counted = figures(session, shown, since, today)
    logins = {each.owner for stage in shown.stages for each in stage.touchpoints if each.owner}
    owners = {each.login: each.name for each in session.scalars(select(User).where(User.login.in_(sorted(logins))))}
    return {
        "map": found,
        "content": shown,
        "number": number,
        "revisions": revisions(session, found)[:30],
        "figures": {each.name: each for each in counted.stages},
        "shares": counted.shares,
        "wrong": counted.wrong,
        "most": max((each.customers for each in counted.stages), default=0),
        "held": held,
        "wrong_words": WRONG,
        "curve": _curve(shown),
        "curve_wide": max(1, len(shown.stages)) * CURVE_STEP,
        "curve_high": CURVE_HIGH,
        "faces": FACES,
        "owners": owners,
        "days": days,
        "all_days": DAYS,
        "filled": _filled,
        "may_manage": _may(session, "journey.map", "manage") and number is None,
        "home": HOME,
        "here": f"{HOME}/map?map={found.name}",
    }


def compare_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what differs between two revisions of a map. Raises NotFound."""
    found = map_named(session, query.get("map", ""))
    old, new = (int(query[name]) if query.get(name, "").isdigit() else 0 for name in ("old", "new"))
    old, new = old or max(1, found.revision - 1), new or found.revision
    return {
        "map": found,
        "old": old,
        "new": new,
        "revisions": revisions(session, found)[:100],
        "differences": compared(content(session, found, old), content(session, found, new)),
        "may_manage": _may(session, "journey.map", "manage"),
        "home": HOME,
        "here": f"{HOME}/map?map={found.name}",
    }


def _curve(shown: MapContent) -> list[tuple[int, int, float]]:
    """Return the points of the emotional curve: the mean of each stage's touchpoints, in pixels, and the mean."""
    found: list[tuple[int, int, float]] = []
    for at, stage in enumerate(shown.stages):
        if stage.touchpoints:
            mean = sum(each.emotion for each in stage.touchpoints) / len(stage.touchpoints)
            found.append(
                (at * CURVE_STEP + CURVE_STEP // 2, round(CURVE_HIGH / 2 - mean * (CURVE_HIGH / 2 - 10) / 2), mean)
            )
    return found


def _filled(stage: str, each: Touchpoint) -> dict[str, str]:
    """Return what the form of a touchpoint is filled with."""
    said = {name: value for name, value in attrs.asdict(each).items() if name != "name" and value not in ("", ())}
    plain = {name: ", ".join(value) if isinstance(value, tuple) else str(value) for name, value in said.items()}
    return {"stage": stage, "touchpoint": each.name, **plain}


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="journey.maps",
        title=_("Journey maps"),
        path="/maps",
        template="journey/maps/maps.html",
        context=maps_page,
        permission="journey.map.read",
        icon="map",
        order=60,
    ),
    Page(
        name="journey.map",
        title=_("Journey map"),
        path="/maps/map",
        template="journey/maps/map.html",
        context=map_page,
        permission="journey.map.read",
        icon="map",
        menu=False,
    ),
    Page(
        name="journey.map_compare",
        title=_("What differs"),
        path="/maps/compare",
        template="journey/maps/compare.html",
        context=compare_page,
        permission="journey.map.read",
        icon="map",
        menu=False,
    ),
]
