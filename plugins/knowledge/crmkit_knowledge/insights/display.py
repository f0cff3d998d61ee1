"""What insights add where a customer is shown, to the first page, and beside the fields of an insight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crmkit import CardLine, CrmSession, Customer, DashboardCard, Panel, RecordPanel, TimelineEntry, User, texts
from crmkit_knowledge.insights.history import history_of, ref_of
from crmkit_knowledge.insights.models import Insight
from crmkit_knowledge.insights.reading import holding, open_promises
from crmkit_knowledge.insights.topics import titles_of
from crmkit_knowledge.insights.words import EVENTS, PROMISE, SOURCES

_ = texts("crmkit_knowledge")

HOME = "/modules/knowledge/insights"
SHOWN = 8
LENGTH = 200


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return what is known of each customer, with how it came to be known, how surely and until when, and what was
    promised."""
    found: dict[UUID, list[Insight]] = {}
    for each in holding(session, customer_ids):
        found.setdefault(each.customer_id, []).append(each)
    titles = titles_of(session)
    panels: list[Panel] = []
    for customer_id, insights in found.items():
        rows = [row for each in insights[:SHOWN] for row in rows_of(session, each, titles.get(each.topic_id, "–"))]
        if len(insights) > SHOWN:
            rows.append((_("More"), str(len(insights) - SHOWN)))
        panels.append(
            Panel(
                customer_id=customer_id,
                title=_("What we know"),
                rows=rows,
                path=f"{HOME}?customer={customer_id}",
                link=_("All insights"),
            )
        )
    return panels


def rows_of(session: CrmSession, insight: Insight, topic: str) -> list[tuple[str, str]]:
    """Return what is known under its topic, and how it came to be known, how sure it is in percent and until when; of a
    promise its day. What is put together is the same in every language: the reader's is known to the page alone."""
    said = (topic, short(insight.text) or "–")
    if insight.kind == PROMISE and insight.due_on is not None:
        late = insight.due_on < session.today()
        return [said, (_("Overdue since") if late else _("Promised for"), insight.due_on.isoformat())]
    sure = f"{round(100 * insight.confidence)} %"
    until = f" · → {insight.expires_on.isoformat()}" if insight.expires_on is not None else ""
    return [said, (SOURCES[insight.source], sure + until)]


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when something was learnt about customers, within the half-open span."""
    query = select(Insight).where(Insight.customer_id.in_(customer_ids)).order_by(Insight.learnt_at, Insight.id)
    if since is not None:
        query = query.where(Insight.learnt_at >= since)
    if until is not None:
        query = query.where(Insight.learnt_at < until)
    titles = titles_of(session)
    return [
        TimelineEntry(
            customer_id=each.customer_id,
            occurred_at=each.learnt_at,
            kind="knowledge.insight",
            title=_("Promise made") if each.kind == PROMISE else _("Something learnt"),
            summary=f"{titles.get(each.topic_id, '–')}: {short(each.text)}",
            ref=ref_of(each),
        )
        for each in session.scalars(query)
    ]


def panels(session: CrmSession, insight: Insight) -> Sequence[RecordPanel]:
    """Return what happened to an insight, the newest first, and by what it was replaced."""
    events = list(reversed(history_of(session, insight)))
    people = {each.user_id for each in events if each.user_id is not None}
    names = {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(people)))}
    lines = [
        CardLine(
            title=EVENTS[each.kind], hint=names.get(each.user_id, "") if each.user_id is not None else "", at=each.at
        )
        for each in events
    ]
    newer = session.get(Insight, insight.superseded_by_id) if insight.superseded_by_id is not None else None
    if newer is not None:
        lines.insert(
            0,
            CardLine(
                title=_("What holds instead"), hint=short(newer.text), path=f"/records/knowledge.insight/{newer.id}"
            ),
        )
    return [RecordPanel(title=_("What happened"), lines=lines, icon="history")]


def due_lines(session: CrmSession) -> Sequence[CardLine]:
    """Return the open promises of whoever looks, the most urgent first."""
    user = session.guarding.rights.user_id
    if user is None:
        return []
    found = open_promises(session, 5, owner_id=user)
    ids = {each.customer_id for each in found}
    names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    today = session.today()
    return [
        CardLine(
            title=short(each.text) or "–",
            hint=str(names.get(each.customer_id, "")),
            at=each.due_on,
            path=f"{HOME}?customer={each.customer_id}",
            tone="bad" if each.due_on is not None and each.due_on < today else "",
            icon="flag",
        )
        for each in found
    ]


def short(text: object) -> str:
    """Return the beginning of a text; of one that the reader may not see nothing."""
    if type(text) is not str:
        return ""
    words = " ".join(text.split())
    return words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…"


CARDS = [
    DashboardCard(
        name="knowledge.promises",
        title=_("Promises to keep"),
        rows=due_lines,
        permission="knowledge.insight.read",
        path=HOME,
        icon="flag",
        order=40,
    )
]
