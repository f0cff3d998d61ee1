"""What passages add where a customer is shown: where it stands, and the moves among what has happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Panel, TimelineEntry, texts
from crmkit.i18n import translate
from crmkit_lifecycle.designing.models import LifecycleModel, Stage
from crmkit_lifecycle.passages.models import Passage, RolledUp, StageInterval
from crmkit_lifecycle.words import LEFT, OUTCOMES

_ = texts("crmkit_lifecycle")

HOME = "/modules/lifecycle/passages"


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return where each customer stands, in each model, and for an organisation where its people do."""
    language = session.actor.language or session.business().language
    rows: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    query = (
        select(Passage, Stage.title, LifecycleModel.title)
        .join(Stage, Stage.id == Passage.stage_id)
        .join(LifecycleModel, LifecycleModel.id == Passage.model_id)
        .where(Passage.customer_id.in_(customer_ids), LifecycleModel.active)
        .order_by(LifecycleModel.usual.desc(), LifecycleModel.name, Passage.number.desc())
    )
    seen: set[tuple[UUID, UUID]] = set()
    for passage, stage, model in session.execute(query):
        if (passage.customer_id, passage.model_id) in seen:
            continue
        seen.add((passage.customer_id, passage.model_id))
        words = stage if passage.outcome != LEFT else translate(OUTCOMES[LEFT], language)
        if passage.number > 1:
            words = f"{words} · {translate(_('passage {number}'), language).format(number=passage.number)}"
        if passage.late_at is not None and passage.ended_at is None:
            words = f"{words} · {translate(_('overdue'), language)}"
        rows[passage.customer_id].append((model, words))
    rolled = select(RolledUp).where(RolledUp.customer_id.in_(customer_ids)).order_by(RolledUp.since, RolledUp.id)
    last = {each.customer_id: each for each in session.scalars(rolled)}
    for customer_id, each in last.items():
        people = ", ".join(f"{name}: {count}" for name, count in each.people.items()) or "–"
        title = _("By its people (contradictory)") if each.conflict else _("By its people")
        rows[customer_id].append((translate(title, language), f"{each.stage_name or '–'} ({people})"))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Lifecycle"),
            rows=found,
            path=f"{HOME}?customer={customer_id}",
            link=_("All passages, with their evidence"),
        )
        for customer_id, found in rows.items()
    ]


def timeline_entries(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return the moves of customers within the half-open span."""
    query = (
        select(StageInterval, Stage.title)
        .join(Stage, Stage.id == StageInterval.stage_id)
        .where(StageInterval.customer_id.in_(customer_ids))
        .order_by(StageInterval.entered_at, StageInterval.step)
    )
    if since is not None:
        query = query.where(StageInterval.entered_at >= since)
    if until is not None:
        query = query.where(StageInterval.entered_at < until)
    language = session.actor.language or session.business().language
    return [
        TimelineEntry(
            customer_id=each.customer_id,
            occurred_at=each.entered_at,
            kind="lifecycle.stage",
            title=translate(_("Lifecycle: {stage}"), language).format(stage=title),
            ref=f"lifecycle.passage:{each.passage_id}",
        )
        for each, title in session.execute(query)
    ]
