"""The page of alerts: what was unusual, how far, and what was said to it; with the course of the figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Page, moment_of, texts
from crmkit_analytics.alerts.models import STATES, Alert, AlertWatcher
from crmkit_analytics.alerts.series import WATCHED, daily, expected_on
from crmkit_analytics.stream.drawing import plot

_ = texts("crmkit_analytics")

SHOWN = 100
DAYS = 41
DIRECTIONS = {"up": _("More than usual"), "down": _("Fewer than usual")}
CAUSES = {
    "buying": _("Buying"),
    "refunding": _("Refunds"),
    "using": _("Using"),
    "contact": _("Contact"),
    "growth": _("New customers"),
}


def alerts_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the alerts, the newest first, and the course of the figure of one."""
    alerts = list(session.scalars(select(Alert).order_by(Alert.last_day.desc(), Alert.id).limit(SHOWN)))
    shown = next((each for each in alerts if str(each.id) == query.get("id")), alerts[0] if alerts else None)
    watched = False
    if session.actor.user_id is not None:
        own = select(func.count()).select_from(AlertWatcher).where(AlertWatcher.user_id == session.actor.user_id)
        watched = bool(session.scalar(own))
    rights = session.guarding.rights
    return {
        "alerts": alerts,
        "shown": shown,
        "drawn": None if shown is None else _course(session, shown),
        "states": STATES,
        "titles": WATCHED,
        "directions": DIRECTIONS,
        "causes": CAUSES,
        "watched": watched,
        "may_watch": session.actor.user_id is not None,
        "may_acknowledge": rights.unrestricted or rights.scope("analytics.alert", "acknowledge") != "none",
    }


def _course(session: CrmSession, alert: Alert) -> dict[str, Any]:
    last = alert.last_day
    moment = moment_of(session, last)
    found = daily(session, moment, last - timedelta(weeks=18), last)[alert.metric]
    scale = 100 if alert.metric == "revenue" else 1
    days = [last - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    own = [(float(place), found[day] / scale, None, None) for place, day in enumerate(days)]
    usual = [
        (float(place), expected / scale, None, None)
        for place, day in enumerate(days)
        if (expected := expected_on(found, day)) is not None
    ]
    return {
        "plot": plot([("", own), ("", usual)], across=float(DAYS - 1)),
        "first": days[0],
        "last": last,
        "days": DAYS,
    }


def open_alerts(session: CrmSession) -> int:
    """Return how many alerts are open: the number beside the menu's entry."""
    return session.scalar(select(func.count()).select_from(Alert).where(Alert.state == "open")) or 0


PAGES = [
    Page(
        name="analytics.alerts",
        title=_("Alerts"),
        path="/alerts",
        template="analytics/alerts/alerts.html",
        context=alerts_page,
        permission="analytics.alert.read",
        icon="bell",
        order=65,
        badge=open_alerts,
    )
]
