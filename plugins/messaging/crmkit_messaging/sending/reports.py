"""The reports on messages: what became of them by channel and purpose, and why some were held or refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Period, Report, texts
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.quiet import on_the_wall
from crmkit_messaging.sending.words import SHORT, STATES

_ = texts("crmkit_messaging")

_COUNTED = ("sent", "waiting", "refused", "failed", "uncertain", "cancelled")


def bounds(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    """Return where a period of the company's days begins, and where what comes after it does (UTC)."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    after = period.last + timedelta(days=1)
    return on_the_wall(period.first, 0, zone, latest=False), on_the_wall(after, 0, zone, latest=False)


def outcome_rows(session: CrmSession, parameters: Period, moment: object) -> list[dict[str, Any]]:
    """Return what became of the messages of a period, by channel and purpose, and how long the sent ones were held."""
    first, after = bounds(session, parameters)
    columns = (
        OutgoingMessage.channel,
        OutgoingMessage.purpose,
        OutgoingMessage.state,
        OutgoingMessage.held_at,
        OutgoingMessage.created_at,
        OutgoingMessage.sent_at,
    )
    query = select(*columns).where(OutgoingMessage.created_at >= first, OutgoingMessage.created_at < after)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    waits: dict[tuple[str, str], list[float]] = defaultdict(list)
    for channel, purpose, state, held_at, created_at, sent_at in session.execute(query):
        row = groups.setdefault((channel, purpose), dict.fromkeys(("messages", "held", *_COUNTED), 0))
        row["messages"] += 1
        row["held"] += held_at is not None
        row["waiting" if state == "sending" else state] += 1
        if held_at is not None and sent_at is not None:
            waits[channel, purpose].append((sent_at - created_at).total_seconds() / 3600)
    titles = _titles(session)
    return [
        {
            "key": f"{channel}/{purpose}",
            "group": f"{titles['channel'].get(channel, channel or '–')} · {titles['purpose'].get(purpose, purpose)}",
            **row,
            "held_hours": round(sum(found) / len(found), 1) if (found := waits[channel, purpose]) else None,
        }
        for (channel, purpose), row in sorted(groups.items())
    ]


def reason_rows(session: CrmSession, parameters: Period, moment: object) -> list[dict[str, Any]]:
    """Return why messages of a period were refused, have failed or wait, with their number."""
    first, after = bounds(session, parameters)
    query = select(OutgoingMessage.state, OutgoingMessage.reason).where(
        OutgoingMessage.created_at >= first,
        OutgoingMessage.created_at < after,
        OutgoingMessage.reason.is_not(None),
        OutgoingMessage.state.in_(["refused", "failed", "waiting", "uncertain"]),
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for state, reason in session.execute(query):
        found[state, reason or ""] += 1
    return [
        {
            "key": f"{state}/{reason}",
            "reason": SHORT.get(reason, reason),
            "state": STATES[state],
            "messages": number,
        }
        for (state, reason), number in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _titles(session: CrmSession) -> Mapping[str, Mapping[str, str]]:
    return {
        "channel": {name: each.title for name, each in session.gate.registry.tables["channel"].items()},
        "purpose": session.crm.config.get(session).options.get("consent_purpose", {}),
    }


REPORTS = [
    Report(
        name="messaging.outcomes",
        title=_("Messages by channel and purpose"),
        rows=outcome_rows,
        parameters=Period,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="group", title=_("Channel and purpose")),
            Column(name="messages", title=_("Messages"), kind="integer", total=True, doc=_("All that were accepted.")),
            Column(name="sent", title=_("Sent"), kind="integer", total=True),
            Column(
                name="held",
                title=_("Held"),
                kind="integer",
                total=True,
                doc=_("Had to wait for quiet hours, a cap or the other side, whatever became of them."),
            ),
            Column(name="waiting", title=_("Still waiting"), kind="integer", total=True),
            Column(name="refused", title=_("Refused"), kind="integer", total=True, doc=_("By the gate.")),
            Column(name="failed", title=_("Failed"), kind="integer", total=True, doc=_("By the other side.")),
            Column(name="uncertain", title=_("Uncertain"), kind="integer", total=True),
            Column(name="cancelled", title=_("Cancelled"), kind="integer", total=True),
            Column(
                name="held_hours",
                title=_("Hours held (mean)"),
                kind="number",
                doc=_("From acceptance to sending, of those that were held and sent."),
            ),
        ],
        charts=[Chart.stack("group", "sent", "waiting", "refused", "failed", "uncertain")],
        temporal=False,
        doc=_("What became of the messages that were accepted in the period."),
    ),
    Report(
        name="messaging.reasons",
        title=_("Why messages did not leave"),
        rows=reason_rows,
        parameters=Period,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="reason", title=_("Reason")),
            Column(name="state", title=_("State")),
            Column(name="messages", title=_("Messages"), kind="integer", total=True),
        ],
        charts=[Chart.bars("reason", "messages")],
        temporal=False,
        doc=_("Why messages that were accepted in the period were refused, have failed or wait."),
    ),
]
