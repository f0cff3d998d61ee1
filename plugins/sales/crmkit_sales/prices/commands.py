"""``crmkit sales price``: what a customer pays for a product, and why."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option

if TYPE_CHECKING:
    from crmkit_sales.prices.finding import Why

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the command of this room to a group."""

    @command(sales, "price", _("Say what a customer pays for a product, and why."))
    @click.argument("customer")
    @click.argument("sku")
    @option("--quantity", default="1", metavar="N", help=_("How many (1)."))
    @option("--currency", metavar="CODE", help=_("In which currency (the base currency)."))
    @option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help=_("On which day (today)."))
    def price(
        cli: Invocation, customer: str, sku: str, quantity: str, currency: str | None, day: datetime | None
    ) -> None:
        """Print the price with what was decided of each list."""
        from sqlalchemy import select

        from crmkit import InvalidInput, Money, NotFound, Product
        from crmkit_sales.prices.finding import price_for

        try:
            many = Decimal(quantity)
        except InvalidOperation:
            raise InvalidInput(_("This is no number: {value}."), value=quantity) from None
        about = customer_id(cli, customer)
        with cli.session() as session:
            product = session.scalar(select(Product).where(Product.sku == sku))
            if product is None:
                raise NotFound(_('There is no product "{sku}".'), sku=sku)
            money = currency or session.crm.config.get(session).base_currency or ""
            when = day.date() if day is not None else session.today()
            found = price_for(session, about, product.id, many, money, when)
            rows = [{"list": each.list, "reason": each.reason, "why": _said(cli, each, money)} for each in found.why]
        if cli.json:
            cli.output.document(
                {"unit_price_minor": found.unit_price, "currency": money, "list": found.list, "why": rows}
            )
            return
        if found.unit_price is None:
            cli.output.say(_("No price list has a price for this."))
        else:
            cli.output.say(_("{price} for one"), price=str(Money(found.unit_price, money)))
        cli.output.table((Column("list", _("Price list")), Column("why", _("Why"))), rows, empty="")


def _said(cli: Invocation, why: Why, currency: str) -> str:
    from crmkit import Money

    values = dict(why.values)
    price = values.get("price")
    if isinstance(price, int):
        values["price"] = str(Money(price, currency))
    return cli.text(why.text, **values)
