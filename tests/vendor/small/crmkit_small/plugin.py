"""What the plugin has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crmkit import (
    Chart,
    Column,
    CrmSession,
    ExportSection,
    Page,
    Panel,
    PersonalData,
    Report,
    Resource,
    SearchHit,
    Table,
    TimelineEntry,
    hookimpl,
    texts,
)
from crmkit_small import models, operations, queries

_ = texts("crmkit_small")


@hookimpl
def crmkit_models() -> Sequence[type[Any]]:
    """Return the models."""
    return [models.Item, models.Part]


@hookimpl
def crmkit_resources() -> Sequence[Resource]:
    """Return what the doors serve."""
    return [Resource(name="small.item", model=models.Item, title=_("Item"), plural=_("Items"), columns=("title",))]


@hookimpl
def crmkit_personal_data() -> Sequence[PersonalData]:
    """Return what the tables hold about persons."""
    return [PersonalData(table="small_item", columns=("title", "note"), purpose=_("Work for the customer"))]


@hookimpl
def crmkit_operations() -> Sequence[Any]:
    """Return the operations."""
    return [operations.create_item, operations.finish_item]


@hookimpl
def crmkit_timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return the items, as of the instant when they were added."""
    return [
        TimelineEntry(
            customer_id=item.customer_id,
            occurred_at=item.created_at.astimezone(UTC),
            kind="small.item",
            title=item.title,
            ref=f"small.item:{item.id}",
        )
        for item in queries.items_of(session, customer_ids)
    ]


@hookimpl
def crmkit_customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return how many items there are of each customer."""
    found = queries.items_of(session, customer_ids)
    return [
        Panel(
            customer_id=each,
            title=_("Items"),
            rows=((_("Items"), str(sum(item.customer_id == each for item in found))),),
        )
        for each in customer_ids
    ]


@hookimpl
def crmkit_search(session: CrmSession, text: str, limit: int) -> Sequence[SearchHit]:
    """Return the items, whatever is searched for."""
    return [
        SearchHit(ref=f"small.item:{item.id}", title=item.title, score=1.0, customer_id=item.customer_id)
        for item in queries.every_item(session)[:limit]
    ]


@hookimpl
def crmkit_export_customer(session: CrmSession, customer_id: UUID) -> Sequence[ExportSection]:
    """Return nothing beyond the rows of the map."""
    return []


def item_rows(session: CrmSession, parameters: None, moment: Any) -> Table:
    """Return a row for each item."""
    return Table(rows=[{"title": item.title, "number": 1} for item in queries.every_item(session)])


@hookimpl
def crmkit_reports() -> Sequence[Report]:
    """Return the reports."""
    return [
        Report(
            name="small.items",
            title=_("Items"),
            rows=item_rows,
            columns=[
                Column(name="title", title=_("Title")),
                Column(name="number", title=_("Number"), kind="integer"),
            ],
            charts=[Chart.bars("title", "number")],
            temporal=False,
        )
    ]


def items_context(session: CrmSession) -> Mapping[str, Any]:
    """Return what the page of items shows."""
    return {"items": queries.every_item(session)}


@hookimpl
def crmkit_pages() -> Sequence[Page]:
    """Return the pages."""
    return [
        Page(name="small.items", title=_("Items"), path="/items", template="small/items.html", context=items_context)
    ]
