"""Something to sell on the first day: leads, opportunities on a board, a quote, a quota, for who looks around.

Does what the plugin sales has operations for, and nothing where that is not enabled. All of it is made up.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.figures import best_customers
from crmkit.core.store.actor import Actor
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

DEALS = (
    (_("Gifts for the season"), "negotiation", 840_000, 9),
    (_("Range for three new shops"), "proposal", 2_150_000, 40),
    (_("Kitchen ware for a year"), "qualification", 1_200_000, 75),
    (_("Party supplies"), "proposal", 310_000, 21),
    (_("Paper bags with their own print"), "negotiation", 560_000, 14),
    (_("Clocks and frames"), "qualification", 275_000, 60),
    (_("Restocking after the season"), "qualification", 690_000, 33),
    (_("Garden collection"), "proposal", 980_000, 80),
    (_("Candles in bulk"), "won", 420_000, -2),
    (_("Lunch boxes for schools"), "won", 365_000, -1),
    (_("Ceramics on commission"), "lost", 1_500_000, -3),
)
"""What is being sold: its title, how far it is, the amount in minor units, and in how many days it should close."""

LEADS = (
    ("Rosewood Tea Rooms", "rosewood@example.com", _("A price list for thirty tea rooms"), "high", "now"),
    ("Harbour Books", "buying@example.org", _("Gift wrapping for the shop"), "medium", "quarter"),
    ("Ines Ferreira", "ines@example.net", _("Samples of the paper range"), "low", "later"),
)
"""Who has asked for something: name, address, what for, how much they want it, and when."""


def give_sales(cli: Invocation, user_id: UUID) -> None:
    """Give a user leads, opportunities, a quote and a quota. To be called once."""
    crm, actor = cli.crm, Actor.system("demonstration")
    if "sales.opportunity.create" not in crm.registry.operations:
        return
    with crm.session(actor) as session:
        today = session.today()
        currency = crm.config.get(session).base_currency
        customers = _customers(session, currency)
    if currency is None or not customers:
        return
    with crm.transaction(actor) as session:
        quoted = _deals(cli, session, customers, user_id, currency, today)
        for name, email, need, intent, timing in LEADS:
            said = {"name": name, "email": email, "need": cli.text(need), "title": cli.text(need)}
            session.run("sales.lead.capture", {**said, "intent": intent, "timing": timing, "source": ""})
        first, last = _quarter(today)
        quota = {"first": first, "last": last, "amount_minor": 3_000_000, "currency": currency, "owner_id": user_id}
        session.run("sales.quota.create", quota)
        lines = [
            {"text": cli.text(_("Gift box, with ribbon")), "quantity": "400", "unit_price": "12.50", "tax_rate": "20"},
            {"text": cli.text(_("Print of their own")), "quantity": "1", "unit_price": "250", "tax_rate": "20"},
        ]
        session.run("sales.quote.create", {"opportunity_id": quoted, "currency": currency, "lines": lines})


def _deals(
    cli: Invocation, session: CrmSession, customers: list[UUID], user_id: UUID, currency: str, today: date
) -> UUID:
    """Add the opportunities, and return the id of the one that gets a quote."""
    quoted: UUID | None = None
    for number, (title, stage, amount, days) in enumerate(DEALS):
        values: dict[str, Any] = {
            "customer_id": customers[number % len(customers)],
            "title": cli.text(title),
            "amount_minor": amount,
            "currency": currency,
            "expected_close": today + timedelta(days=days),
            "owner_id": user_id,
        }
        if stage not in ("won", "lost"):
            values["stage"] = stage
        made = session.run("sales.opportunity.create", values)
        if stage == "won":
            session.run("sales.opportunity.win", target=made)
        elif stage == "lost":
            session.run("sales.opportunity.lose", {"reason": cli.text(_("The price"))}, target=made)
        quoted = quoted or made.id
    assert quoted is not None
    return quoted


def _customers(session: CrmSession, currency: str | None) -> list[UUID]:
    if currency is None:
        return []
    best = [each.customer_id for each in best_customers(session, currency=currency, limit=len(DEALS))]
    return best or list(session.scalars(select(Customer.id).order_by(Customer.id).limit(len(DEALS))))


def _quarter(today: date) -> tuple[date, date]:
    """Return the first and the last day of the calendar quarter of a day."""
    month = (today.month - 1) // 3 * 3 + 1
    following = date(today.year + 1, 1, 1) if month == 10 else date(today.year, month + 3, 1)
    return date(today.year, month, 1), following - timedelta(days=1)
