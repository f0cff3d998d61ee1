"""What sales adds where a customer is shown: entries of the timeline, and a panel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Money, Panel, TimelineEntry, texts
from crmkit.i18n import translate
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import Stage
from crmkit_sales.pipelines.stages import OPEN_KIND, WON

_ = texts("crmkit_sales")


def timeline_entries(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when opportunities were added and closed, within the half-open span."""
    found = session.scalars(select(Opportunity).where(Opportunity.customer_id.in_(customer_ids)))
    language = session.actor.language or session.business().language
    entries: list[TimelineEntry] = []
    for opportunity in found:
        moments = [("sales.opportunity.created", opportunity.opened_at, _("Opportunity: {title}"))]
        if opportunity.closed_at is not None:
            won = opportunity.stage_kind == WON
            moments.append(
                (
                    f"sales.opportunity.{opportunity.stage_kind}",
                    opportunity.closed_at,
                    _("Opportunity won: {title}") if won else _("Opportunity lost: {title}"),
                )
            )
        entries.extend(
            TimelineEntry(
                customer_id=opportunity.customer_id,
                occurred_at=occurred_at,
                kind=kind,
                title=translate(text, language, title=opportunity.title),
                summary=str(opportunity.amount or ""),
                ref=f"sales.opportunity:{opportunity.id}",
            )
            for kind, occurred_at, text in moments
            if (since is None or occurred_at >= since) and (until is None or occurred_at < until)
        )
    return entries


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open opportunities of each customer that has one, by stage, with their amounts by currency."""
    found = session.scalars(
        select(Opportunity)
        .where(Opportunity.customer_id.in_(customer_ids), Opportunity.stage_kind == OPEN_KIND)
        .order_by(Opportunity.id)
    )
    by_customer: dict[UUID, dict[UUID, list[Opportunity]]] = defaultdict(lambda: defaultdict(list))
    for opportunity in found:
        by_customer[opportunity.customer_id][opportunity.stage_id].append(opportunity)
    wanted = {stage_id for stages in by_customer.values() for stage_id in stages}
    order = list(session.scalars(select(Stage).where(Stage.id.in_(wanted)).order_by(Stage.position, Stage.id)))
    return [
        Panel(
            customer_id=customer_id,
            title=_("Open opportunities"),
            rows=[(each.title, _figures(stages[each.id])) for each in order if each.id in stages],
        )
        for customer_id, stages in by_customer.items()
    ]


def _figures(opportunities: Sequence[Opportunity]) -> str:
    sums: dict[str, Money] = {}
    for opportunity in opportunities:
        amount = opportunity.amount
        if amount is not None:
            sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return " · ".join([str(len(opportunities)), *(str(sums[currency]) for currency in sorted(sums))])
