"""Finding alerts, acknowledging them, and saying that one wants to be told. One cause is told once while it lasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import attrs
from crmkit_work.api import NewNotice, notify
from sqlalchemy import select

from crmkit import Conflict, CrmSession, Input, Job, moment_of, operation, texts
from crmkit_analytics.alerts.models import Alert, AlertWatcher
from crmkit_analytics.alerts.series import CAUSES, WATCHED, WEEKS, Unusual, daily, unusual

_ = texts("crmkit_analytics")

PAUSE = timedelta(days=7)
"""What is unusual again within these days belongs to the alert that there is."""
DAYS = timedelta(weeks=2 * WEEKS)
TOLD = {"up": _("{figure} on {day}: unusually many"), "down": _("{figure} on {day}: unusually few")}


@operation("analytics.alert.find", title=_("Look for unusual figures"), permission="analytics.alert.find", hidden=True)
def find_alerts(
    session: CrmSession, *, day: Annotated[date | None, Input(title=_("Day"), classified="internal")] = None
) -> int:
    """Look whether figures of a day, by default of yesterday, are unusual, and return how many new alerts there are.

    A cause that is known already, and no older than a week, gets one more day and nobody is told again.
    """
    when = day or session.today() - timedelta(days=1)
    series = daily(session, moment_of(session, when), when - DAYS, when)
    found: dict[tuple[str, str], list[Unusual]] = {}
    for each in unusual(series, when):
        found.setdefault((CAUSES[each.metric], "up" if each.z > 0 else "down"), []).append(each)
    made = 0
    for (cause, direction), figures in sorted(found.items()):
        known = _known(session, cause, direction, when)
        values = _values(figures)
        if known is not None:
            if when > known.last_day:
                for name, value in {**values, "last_day": when}.items():
                    setattr(known, name, value)
            continue
        alert = Alert(cause=cause, direction=direction, first_day=when, last_day=when, state="open", **values)
        session.add(alert)
        session.flush()
        _tell(session, alert)
        made += 1
    _end_old(session, when)
    return made


@operation("analytics.alert.acknowledge", title=_("Acknowledge"), effect="update")
def acknowledge(
    session: CrmSession,
    alert: Alert,
    *,
    note: Annotated[str, Input(title=_("Note"), max_length=1000, multiline=True, classified="internal")] = "",
) -> Alert:
    """Say that somebody has seen an alert, and what they know of it. Raises Conflict for one that is not open."""
    if alert.state != "open":
        raise Conflict(_("This alert is not open."))
    alert.state, alert.note = "acknowledged", note or None
    alert.acknowledged_by, alert.acknowledged_at = session.actor.id, session.gate.clock.now()
    return alert


@operation("analytics.alert.watch", title=_("Be told of alerts"), permission="analytics.alert.watch")
def watch(
    session: CrmSession, *, told: Annotated[bool, Input(title=_("Tell me"), classified="internal")] = True
) -> None:
    """Say that one wants to be told of alerts, or no longer. Raises Conflict for who is no user."""
    user_id = session.actor.user_id
    if user_id is None:
        raise Conflict(_("Only users are told of alerts."))
    known = session.scalars(select(AlertWatcher).where(AlertWatcher.user_id == user_id)).first()
    if told and known is None:
        session.add(AlertWatcher(user_id=user_id))
    elif not told and known is not None:
        session.delete(known)


def find_nightly(session: CrmSession, tick: datetime) -> None:
    """Look at the figures of yesterday: the job of every night."""
    session.run("analytics.alert.find", {})


def _known(session: CrmSession, cause: str, direction: str, when: date) -> Alert | None:
    query = select(Alert).where(Alert.cause == cause, Alert.direction == direction, Alert.last_day >= when - PAUSE)
    return session.scalars(query.order_by(Alert.last_day.desc(), Alert.id).limit(1)).first()


def _values(figures: list[Unusual]) -> dict[str, Any]:
    first = figures[0]
    shown = [{**attrs.asdict(each), "day": each.day.isoformat()} for each in figures]
    return {
        "metric": first.metric,
        "value": first.value,
        "expected": first.expected,
        "z": first.z,
        "figures": shown,
    }


def _end_old(session: CrmSession, when: date) -> None:
    query = select(Alert).where(Alert.state != "over", Alert.last_day < when - PAUSE)
    for alert in session.scalars(query.order_by(Alert.id)):
        alert.state = "over"


def _tell(session: CrmSession, alert: Alert) -> None:
    watchers = list(session.scalars(select(AlertWatcher.user_id).order_by(AlertWatcher.user_id)))
    notify(
        session,
        watchers,
        NewNotice(
            kind="analytics.alert",
            title=TOLD[alert.direction],
            values={"figure": WATCHED[alert.metric], "day": alert.last_day},
            ref=f"analytics.alert:{alert.id}",
            path="/modules/analytics/alerts",
        ),
    )


OPERATIONS = [find_alerts, acknowledge, watch]
JOBS = [
    Job(
        name="analytics.find_alerts",
        title=_("Look for unusual figures"),
        handler=find_nightly,
        cron="20 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
