"""The short tour of the demonstration company: counts, one customer with a timeline, the best customers and products.

Only reads. The figures are computed from the database by the same functions that anybody can call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from sqlalchemy import func, select

from crmkit.core.business.money import Money, format_money
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.figures import (
    CustomerRevenue,
    ProductSales,
    best_customers,
    best_products,
    counting,
    counts_by_kind,
)
from crmkit.core.interactions.models import Interaction, Product, PurchaseLine
from crmkit.core.interactions.timeline import TimelineItem, timeline
from crmkit.core.store.session import CrmSession
from crmkit.demo import decisions, foreseeing, rewarding
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

BEST = 5
ENTRIES = 6


@frozen(kw_only=True)
class Counts:
    """How much there is. ``buyers`` have bought at least once; ``revenue`` is gross, ``refunded`` what came back."""

    customers: int
    buyers: int
    countries: int
    products: int
    purchases: int
    purchase_lines: int
    refunds: int
    revenue: Money
    refunded: Money


@frozen(kw_only=True)
class Tour:
    """What the tour shows."""

    counts: Counts
    customer: CustomerRevenue
    timeline: Sequence[TimelineItem]
    best_customers: Sequence[CustomerRevenue]
    best_products: Sequence[ProductSales]


def gather(session: CrmSession, currency: str) -> Tour:
    """Read what the tour shows; all amounts are of one currency."""
    best = best_customers(session, currency=currency, limit=BEST)
    # Somebody with a few purchases and a refund tells more than the wholesaler with hundreds.
    chosen = _somebody(session, currency) or best[0]
    return Tour(
        counts=_counts(session, currency),
        customer=chosen,
        timeline=timeline(session, chosen.customer_id, limit=ENTRIES).entries,
        best_customers=best,
        best_products=best_products(session, currency=currency, limit=BEST),
    )


def _counts(session: CrmSession, currency: str) -> Counts:
    def total(*where: object) -> tuple[int, int]:
        row = session.execute(
            select(func.count(), func.coalesce(func.sum(Interaction.amount_minor), 0)).where(
                *where, Interaction.currency == currency, *counting()
            )
        ).one()
        return int(row[0]), int(row[1])

    purchases, revenue = total(Interaction.kind == "purchase")
    refunds, refunded = total(Interaction.kind == "refund")
    purchased = select(Interaction.id).where(Interaction.kind == "purchase")
    return Counts(
        customers=_one(session, select(func.count()).select_from(Customer)),
        buyers=_one(
            session, select(func.count(Interaction.customer_id.distinct())).where(Interaction.kind == "purchase")
        ),
        countries=_one(session, select(func.count(Customer.country.distinct()))),
        products=_one(session, select(func.count()).select_from(Product)),
        purchases=purchases,
        purchase_lines=_one(
            session,
            select(func.count()).select_from(PurchaseLine).where(PurchaseLine.interaction_id.in_(purchased)),
        ),
        refunds=refunds,
        revenue=Money(revenue, currency),
        refunded=Money(refunded, currency),
    )


def _one(session: CrmSession, query: object) -> int:
    return int(session.scalar(query) or 0)  # type: ignore[call-overload]


def _somebody(session: CrmSession, currency: str) -> CustomerRevenue | None:
    refunded = select(Interaction.customer_id).where(Interaction.kind == "refund")
    amount = func.sum(Interaction.amount_minor)
    row = session.execute(
        select(Customer.id, Customer.name, func.count(), amount)
        .join(Interaction, Interaction.customer_id == Customer.id)
        .where(Interaction.kind == "purchase", Interaction.currency == currency, Customer.id.in_(refunded))
        .group_by(Customer.id, Customer.name)
        .having(func.count() == ENTRIES - 2)
        .order_by(amount.desc(), Customer.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return CustomerRevenue(customer_id=row[0], name=row[1], purchases=int(row[2]), amount=Money(int(row[3]), currency))


def show(cli: Invocation) -> None:
    """Print the tour, or its figures with ``--json``."""
    from crmkit.cli.output import Column

    with cli.session() as session:
        currency = cli.crm.config.get(session).base_currency or "GBP"
        tour = gather(session, currency)
        kinds = counts_by_kind(session)
    output = cli.output
    if output.json:
        document = {"as_of": cli.crm.clock.business_now(), "tour": tour, "interactions": kinds}
        output.document({**document, "decisions": decisions.figures(cli), "models": foreseeing.figures(cli)})
        return

    def money(amount: Money) -> str:
        return format_money(amount, cli.language)

    counts = tour.counts
    output.heading(_("The demonstration company: {name}"), name=cli.crm.business().name)
    output.say(
        _(
            "Its time stands still at {day}. The purchases are real (UCI Online Retail, Daqing Chen, CC BY 4.0); the"
            " people's names are invented."
        ),
        day=cli.crm.clock.business_now().date(),
    )
    output.record(
        [
            (_("Customers"), _shown(cli, counts.customers, _("of whom {number} have bought"), counts.buyers)),
            (_("Countries"), counts.countries),
            (_("Products"), f"{counts.products:,}"),
            (_("Purchases"), _shown(cli, counts.purchases, _("with {number} lines"), counts.purchase_lines)),
            (_("Gross revenue"), money(counts.revenue)),
            (_("Refunds"), f"{counts.refunds:,} ({money(counts.refunded)})"),
        ],
    )
    output.heading(_("A customer: {name}"), name=tour.customer.name)
    output.table(
        (
            Column("when", _("When")),
            Column("what", _("What")),
            Column("summary", _("Summary")),
            Column("amount", _("Amount"), "right"),
        ),
        [
            {
                "when": item.occurred_at,
                "what": item.title,
                "summary": item.summary,
                "amount": money(item.amount) if item.amount is not None else "",
            }
            for item in tour.timeline
        ],
    )
    output.heading(_("The best customers by gross revenue"))
    output.table(
        (
            Column("name", _("Name")),
            Column("purchases", _("Purchases"), "right"),
            Column("amount", _("Gross revenue"), "right"),
        ),
        [
            {"name": item.name, "purchases": item.purchases, "amount": money(item.amount)}
            for item in tour.best_customers
        ],
    )
    output.heading(_("The best-selling products"))
    output.table(
        (
            Column("sku", _("SKU")),
            Column("title", _("Title")),
            Column("quantity", _("Sold"), "right"),
            Column("amount", _("Gross revenue"), "right"),
        ),
        [
            {
                "sku": item.sku,
                "title": item.title,
                "quantity": f"{item.quantity.normalize():,f}",
                "amount": money(item.amount),
            }
            for item in tour.best_products
        ],
    )
    decisions.show(cli)
    foreseeing.show(cli)
    rewarding.show(cli)
    output.heading(_("Go on"))
    home = cli.home
    for line in (
        "customer list --where city=上海",
        "customer show shop:14646",
        "customer timeline shop:14646",
        "search lantern",
        "segment why slipping_regulars shop:14646",
        "dimension list",
        "fact list",
        "operation list",
        "plugin list",
        "doctor",
    ):
        output.say(f"  crmkit --home {home} {line}")


def _shown(cli: Invocation, number: int, text: str, part: int) -> str:
    return f"{number:,}, {cli.text(text, number=f'{part:,}')}"
