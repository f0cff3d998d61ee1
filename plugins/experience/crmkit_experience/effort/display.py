"""What effort adds where a customer is shown, and to the page of an issue: the index with its parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CardLine, CrmSession, Panel, RecordPanel, texts
from crmkit_experience.effort.index import PARTS
from crmkit_experience.effort.models import UNITS, EffortIssue
from crmkit_experience.effort.words import PART_TITLES

_ = texts("crmkit_experience")

SHOWN = 5
LATELY = timedelta(days=90)


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return what effort each customer had in the last 90 days: the newest issues with their indexes."""
    rights = session.guarding.rights
    if not rights.unrestricted and rights.scope("experience.effort", "read") == "none":
        return []
    query = select(EffortIssue).where(
        EffortIssue.customer_id.in_(customer_ids), EffortIssue.last_at > session.gate.clock.business_now() - LATELY
    )
    rows: dict[UUID, list[tuple[str, str]]] = {}
    for each in session.scalars(query.order_by(EffortIssue.last_at.desc(), EffortIssue.id)):
        rows.setdefault(each.customer_id, []).append((UNITS[each.unit], f"{each.started_at:%Y-%m-%d} · {short(each)}"))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Effort"),
            rows=found[:SHOWN],
            path="/records/experience.effort",
            link=_("All issues"),
        )
        for customer_id, found in rows.items()
    ]


def short(issue: EffortIssue) -> str:
    """Return an index in numbers: of 100, by contacts, transfers and what was given again."""
    return f"{issue.index:.0f}/100"


def panels(session: CrmSession, issue: EffortIssue) -> Sequence[RecordPanel]:
    """Return what the index of an issue is made of."""
    lines = [
        CardLine(
            title=PART_TITLES[part.name],
            hint=f"{held.get('count', 0):.1f} → +{held.get('points', 0):.1f}",
            tone="bad" if held.get("share", 0) >= 1 else "",
        )
        for part in PARTS
        if (held := issue.parts.get(part.name)) is not None
    ]
    return [RecordPanel(title=_("What the index is made of"), lines=lines, icon="activity")]
