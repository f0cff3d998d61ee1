"""What has to be met before an order goes on: conditions with names, each of which says in words what is not met.

Rules name those that count. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import field, frozen
from sqlalchemy import exists, select

from crmkit import (
    ContactPoint,
    CrmkitError,
    CrmSession,
    Money,
    Problem,
    Product,
    catalogue_of,
    convert,
    moment_of,
    texts,
    values_of as facts_of,
)
from crmkit_sales.orders.errors import OrderHeld
from crmkit_sales.orders.models import CreditLimit, Order
from crmkit_sales.orders.words import BROKEN, HOLD

_ = texts("crmkit_sales")

UNPAID = ("sales.unpaid_amount", "sales.unpaid_unconverted")
"""The facts that say what a customer owes."""


@frozen(kw_only=True)
class Unmet:
    """A condition that is not met; ``details`` fill in its words and are kept with the exception."""

    kind: str
    details: Mapping[str, str] = field(factory=dict[str, str])

    @property
    def problem(self) -> Problem:
        """Return what is wrong, for the error that refuses an order."""
        return Problem(OrderHeld.code, words_of(self.kind), field=self.kind, **self.details)


WORDS: Mapping[str, str] = {
    "lines": _("The order has no lines."),
    "price": _("There is no price for {lines}."),
    "product": _("Not sold any more: {products}."),
    "date": _("{day} has passed."),
    "address": _("Nobody knows where to ship it."),
    "external_id": _("Order {number} has the same external id {external_id}."),
    "credit": _("The credit limit is {limit}, and {open} is unpaid already."),
    "credit_rate": _("The credit limit cannot be checked: {problem}"),
    HOLD: _("Held: {reason}"),
    BROKEN: _('The rule "{rule}" cannot be judged: {problem}'),
}
"""What an exception says, by its kind, with the fields that its details fill in."""


def words_of(kind: str) -> str:
    """Return what an exception of a kind says, to be translated and filled in."""
    return WORDS.get(kind, _("A condition is not met."))


def check_lines(session: CrmSession, order: Order) -> Unmet | None:
    """An order has at least one line."""
    return None if order.lines else Unmet(kind="lines")


def check_prices(session: CrmSession, order: Order) -> Unmet | None:
    """Every line has a price."""
    missing = [each.description for each in order.lines if each.unit_price_minor is None]
    return Unmet(kind="price", details={"lines": ", ".join(missing[:5])}) if missing else None


def check_products(session: CrmSession, order: Order) -> Unmet | None:
    """Every product is still sold."""
    ids = [each.product_id for each in order.lines if each.product_id is not None]
    gone = session.scalars(
        select(Product.title).where(Product.id.in_(ids), Product.active.is_(False)).order_by(Product.sku)
    )
    titles = gone.all()
    return Unmet(kind="product", details={"products": ", ".join(titles[:5])}) if titles else None


def check_dates(session: CrmSession, order: Order) -> Unmet | None:
    """Neither the day on which it is wanted nor the last one of its prices has passed."""
    today = session.today()
    passed = [day for day in (order.wanted_on, order.valid_until) if day is not None and day < today]
    return Unmet(kind="date", details={"day": min(passed).isoformat()}) if passed else None


def check_address(session: CrmSession, order: Order) -> Unmet | None:
    """What is shipped has an address: its own, or one among the customer's contact points."""
    if order.delivery != "ship" or order.ship_to is not None:
        return None
    known = select(exists().where(ContactPoint.customer_id == order.customer_id, ContactPoint.kind == "address"))
    return None if session.scalar(known) else Unmet(kind="address")


def check_external_id(session: CrmSession, order: Order) -> Unmet | None:
    """No other order that counts has the same external id of the same source."""
    if order.external_id is None:
        return None
    other = session.scalar(
        select(Order.number)
        .where(Order.external_id == order.external_id, Order.source == order.source, Order.id != order.id)
        .where(Order.state != "cancelled")
        .order_by(Order.number)
        .limit(1)
    )
    if other is None:
        return None
    return Unmet(kind="external_id", details={"number": str(other), "external_id": order.external_id})


def check_credit(session: CrmSession, order: Order) -> Unmet | None:
    """What is unpaid stays within the customer's credit limit, this order included; without a limit, or once the order
    is paid, there is nothing to check. What cannot be converted is not met."""
    if order.paid_at is not None:
        return None
    limit = session.scalar(select(CreditLimit).where(CreditLimit.customer_id == order.customer_id))
    if limit is None:
        return None
    catalogue = catalogue_of(session)
    refs = [catalogue.ref(name) for name in UNPAID]
    found = facts_of(session, refs, [order.customer_id], moment_of(session)).get(order.customer_id, {})
    unpaid, unconverted = (int(found.get(ref) or 0) for ref in refs)
    base = session.crm.config.get(session).base_currency or limit.currency
    today = session.today()
    try:
        own = convert(session, order.total, limit.currency, today)
        open_amount = convert(session, Money(unpaid, base), limit.currency, today)
    except CrmkitError as error:
        return Unmet(kind="credit_rate", details={"problem": error.render()})
    if unconverted:
        problem = Problem(OrderHeld.code, _("{count} unpaid orders cannot be converted."), count=unconverted)
        return Unmet(kind="credit_rate", details={"problem": problem.render()})
    if (open_amount + own).amount <= limit.limit_minor:
        return None
    return Unmet(kind="credit", details={"limit": str(limit.limit), "open": str(open_amount)})


Check = Callable[[CrmSession, Order], Unmet | None]
CHECKS: Mapping[str, tuple[str, Check]] = {
    "lines": (_("It has lines"), check_lines),
    "price": (_("Every line has a price"), check_prices),
    "product": (_("Every product is sold"), check_products),
    "date": (_("No day has passed"), check_dates),
    "address": (_("There is an address"), check_address),
    "external_id": (_("No other order has its external id"), check_external_id),
    "credit": (_("Within the credit limit"), check_credit),
}
"""The checks by name, with their titles."""
TITLES: Mapping[str, str] = {
    **{name: title for name, (title, _check) in CHECKS.items()},
    "credit_rate": _("Within the credit limit"),
    HOLD: _("Held"),
    BROKEN: _("A rule that can be judged"),
}
"""Titles of everything that can keep an order back."""


def unmet_of(session: CrmSession, order: Order, checks: Sequence[str]) -> list[Unmet]:
    """Return which of some checks are not met, in their order."""
    judged = (CHECKS[name][1](session, order) for name in dict.fromkeys(checks) if name in CHECKS)
    return [each for each in judged if each is not None]
