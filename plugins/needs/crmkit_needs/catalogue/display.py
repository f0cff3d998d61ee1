"""What needs add where a customer is shown, to the search, and beside the fields of a need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmkit import CardLine, CrmSession, Panel, RecordPanel, TimelineEntry, texts
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.history import events_of, path_of
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.catalogue.words import OPEN, SOURCES, STATES

_ = texts("crmkit_needs")

SHOWN = 20
LENGTH = 160
HAPPENED = {
    "opened": _("Written down"),
    "state": _("State"),
    "note": _("Note"),
    "assigned": _("Owner"),
    "due_soon": _("Owner told that it is due soon"),
    "overdue": _("Owner told that it is late"),
    "merged": _("Merged"),
    "took_in": _("Another was merged into it"),
    "unmerged": _("Merge undone"),
    "gave_back": _("Merge undone"),
    "scored": _("Score"),
    "kano": _("Kano's questions"),
}
"""What a row of the history says."""


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return what each customer needs: the open needs, what was delivered, and which promises are overdue."""
    root = aliased(Need)
    query = (
        select(Evidence, root)
        .join(Need, Need.id == Evidence.need_id)
        .join(root, root.id == Need.root_id)
        .where(Evidence.customer_id.in_(customer_ids))
        .order_by(Evidence.importance.desc(), root.number)
    )
    today = session.today()
    found: dict[UUID, dict[UUID, tuple[Need, bool]]] = {}
    for evidence, need in session.execute(query):
        mine = found.setdefault(evidence.customer_id, {})
        days = [each for each in (evidence.promised_on, need.promised_on) if each is not None]
        late = need.state in OPEN and any(each < today for each in days)
        mine[need.id] = (need, late or (need.id in mine and mine[need.id][1]))
    panels: list[Panel] = []
    for customer_id, needs in found.items():
        waiting = [need for need, _late in needs.values() if need.state in OPEN]
        rows: list[tuple[str, str]] = [
            (_("Open needs"), str(len(waiting))),
            (_("Delivered"), str(sum(need.state == "delivered" for need, _late in needs.values()))),
        ]
        late_count = sum(late for _need, late in needs.values())
        if late_count:
            rows.append((_("Overdue promises"), str(late_count)))
        first = waiting[0] if waiting else next(iter(needs.values()))[0]
        rows.append((_("State"), STATES[first.state]))
        panels.append(
            Panel(
                customer_id=customer_id,
                title=_("Needs"),
                rows=rows,
                path=path_of(first),
                link=f"{first.number} · {first.title}",
            )
        )
    return panels


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when needs of customers were heard of, within the half-open span."""
    query = (
        select(Evidence, Need)
        .join(Need, Need.id == Evidence.need_id)
        .where(Evidence.customer_id.in_(customer_ids))
        .order_by(Evidence.heard_at, Evidence.id)
    )
    if since is not None:
        query = query.where(Evidence.heard_at >= since)
    if until is not None:
        query = query.where(Evidence.heard_at < until)
    return [
        TimelineEntry(
            customer_id=evidence.customer_id,
            occurred_at=evidence.heard_at,
            kind="needs.evidence",
            title=_("Need heard of"),
            summary=f"{need.number} · {need.title}",
            ref=f"needs.need:{need.id}",
        )
        for evidence, need in session.execute(query)
    ]


def panels(session: CrmSession, need: Need) -> Sequence[RecordPanel]:
    """Return who needs it, in their words, and what happened to it."""
    said = [
        CardLine(
            title=_short(each.quote) or SOURCES[each.source],
            hint=SOURCES[each.source],
            at=each.heard_at,
            path=f"/customers/{each.customer_id}",
            icon="message",
        )
        for each in evidence_of(session, need)[:SHOWN]
    ]
    happened = [
        CardLine(
            title=HAPPENED.get(each.kind, each.kind),
            hint=_short(each.text) or (STATES.get(each.after or "", "") if each.kind == "state" else ""),
            at=each.at,
            icon="history",
        )
        for each in reversed(events_of(session, need.id)[-SHOWN:])
    ]
    return [
        RecordPanel(title=_("Who needs it"), lines=said, empty=_("Nobody said so yet."), icon="message"),
        RecordPanel(title=_("What happened"), lines=happened, empty=_("Nothing has happened."), icon="history"),
    ]


def _short(body: object) -> str:
    """Return the beginning of a text; of one that the reader may not see nothing."""
    if type(body) is not str:
        return ""
    words = " ".join(body.split())
    return words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…"
