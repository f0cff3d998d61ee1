"""What contracts add where other things are shown: customers, timelines, the first page, calendars, search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import (
    Calendar,
    CardLine,
    CrmSession,
    Customer,
    DashboardCard,
    Panel,
    Searchable,
    SearchField,
    TimelineEntry,
    texts,
)
from crmkit.i18n import translate
from crmkit_sales.contracts.models import Contract
from crmkit_sales.contracts.words import STATES

_ = texts("crmkit_sales")

SOON = timedelta(days=30)
MOST = 6


def path_of(contract: Contract) -> str:
    """Return the page of a contract."""
    return f"/modules/sales/contract?id={contract.id}"


def to_decide(session: CrmSession) -> Sequence[CardLine]:
    """Return the active contracts whose last day of notice comes within a month, the first one first."""
    today = session.today()
    query = (
        select(Contract, Customer.name)
        .join(Customer, Customer.id == Contract.customer_id)
        .where(Contract.state == "active", Contract.notice_by >= today, Contract.notice_by <= today + SOON)
        .order_by(Contract.notice_by, Contract.id)
        .limit(MOST)
    )
    return [
        CardLine(
            title=f"{contract.label} {contract.title}",
            facts=[(_("Customer"), name), (_("Notice until"), contract.notice_by)],
            at=contract.notice_by,
            figure=contract.yearly,
            path=path_of(contract),
            icon="file-text",
            tone="warn" if contract.renewal == "automatic" else "",
        )
        for contract, name in session.execute(query)
    ]


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the contracts of each customer that run, those that end first in front."""
    query = select(Contract).where(
        Contract.customer_id.in_(customer_ids), Contract.state.in_(("active", "notice_given"))
    )
    found: dict[UUID, list[Contract]] = defaultdict(list)
    for contract in session.scalars(query.order_by(Contract.end_on.asc().nulls_last(), Contract.number)):
        found[contract.customer_id].append(contract)
    return [
        Panel(
            customer_id=customer_id,
            title=_("Contracts"),
            rows=[
                (
                    f"{each.label} {each.title}",
                    " · ".join(
                        part
                        for part in (
                            str(each.value or ""),
                            each.end_on.isoformat() if each.end_on is not None else "",
                            STATES[each.state] if each.state != "active" else "",
                        )
                        if part
                    ),
                )
                for each in contracts[:5]
            ],
            path=f"/records/sales.contract?customer_id={customer_id}",
            link=_("All contracts"),
        )
        for customer_id, contracts in found.items()
    ]


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when contracts were signed or renewed, and when they ended, within the half-open span."""
    language = session.actor.language or session.business().language
    zone = ZoneInfo(session.crm.config.get(session).zone)
    entries: list[TimelineEntry] = []
    for each in session.scalars(select(Contract).where(Contract.customer_id.in_(customer_ids))):
        moments: list[tuple[str, datetime | None, str]] = [
            (
                "sales.contract.activated" if each.term == 1 else "sales.contract.renewed",
                each.activated_at,
                _("Contract {contract}: {title}") if each.term == 1 else _("Contract renewed: {contract} {title}"),
            )
        ]
        if each.ended_on is not None:
            over = datetime.combine(each.ended_on + timedelta(days=1), time(), zone).astimezone(UTC)
            moments.append(("sales.contract.ended", over, _("Contract ended: {contract} {title}")))
        entries.extend(
            TimelineEntry(
                customer_id=each.customer_id,
                occurred_at=at,
                kind=kind,
                title=translate(text, language, contract=each.label, title=each.title),
                summary=str(each.value or ""),
                ref=f"sales.contract:{each.id}",
            )
            for kind, at, text in moments
            if at is not None and (since is None or at >= since) and (until is None or at < until)
        )
    return entries


CARDS = [
    DashboardCard(
        name="sales.contracts",
        title=_("Contracts to decide on"),
        rows=to_decide,
        permission="sales.contract.read",
        path="/modules/sales/renewals",
        icon="file-text",
        order=35,
    )
]
CALENDARS = [
    Calendar(
        name="sales.contract_ends",
        title=_("Ends of contracts"),
        resource="sales.contract",
        start="end_on",
        label=["number", "title", "customer_id"],
        state="state",
        states={"notice_given": "warn", "ended": "", "renewed": "good", "active": "info"},
    ),
    Calendar(
        name="sales.contract_notices",
        title=_("Last days of notice"),
        resource="sales.contract",
        start="notice_by",
        label=["number", "title", "customer_id"],
        state="renewal",
        states={"automatic": "warn", "manual": "info"},
    ),
]
SEARCHABLES = [
    Searchable(
        name="sales.contract",
        model=Contract,
        title=_("Contract"),
        fields=[SearchField(name="title", part="title")],
        customer="customer_id",
    )
]
