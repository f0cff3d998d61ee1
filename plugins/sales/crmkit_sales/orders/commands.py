"""``crmkit sales orders``, ``order`` and ``exceptions``: what was ordered, and what keeps it back."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option
from crmkit_sales.orders.words import MARKS, STATES

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(sales, "orders", _("List orders, the newest first."))
    @option("--customer", metavar="CUSTOMER", help=_("Those of a customer."))
    @option("--state", type=click.Choice(list(STATES)), help=_("Those of a state."))
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("How many (50)."))
    def orders(cli: Invocation, customer: str | None, state: str | None, limit: int) -> None:
        """Print orders that whoever calls may see."""
        from sqlalchemy import select

        from crmkit import Customer
        from crmkit_sales.orders.models import Order

        wanted = select(Order, Customer.name).join(Customer, Customer.id == Order.customer_id)
        if customer:
            wanted = wanted.where(Order.customer_id == customer_id(cli, customer))
        if state:
            wanted = wanted.where(Order.state == state)
        with cli.session() as session:
            rows = [
                {
                    "number": order.number,
                    "id": order.id,
                    "customer": str(name),
                    "state": order.state,
                    "exceptions": order.exceptions,
                    "wanted_on": order.wanted_on,
                    "total": str(order.total),
                    "refunded": str(order.refunded),
                }
                for order, name in session.execute(wanted.order_by(Order.number.desc()).limit(limit))
            ]
        columns = (
            Column("number", _("Order")),
            Column("customer", _("Customer")),
            Column("state", _("State")),
            Column("exceptions", _("Exceptions")),
            Column("total", _("Total")),
        )
        cli.output.table(columns, rows, empty=_("There are no orders."))

    @command(sales, "order", _("Note that an order was paid, shipped or received, and let it go on."))
    @click.argument("number", type=click.IntRange(1))
    @click.argument("mark", type=click.Choice(list(MARKS)), required=False)
    def order(cli: Invocation, number: int, mark: str | None) -> None:
        """Note what happened to an order, or only look at it again, and print what became of it."""
        from crmkit_sales.orders.reading import order_numbered

        with cli.session() as session:
            target = order_numbered(session, number).id
        if mark:
            found = cli.run("sales.order.mark", {"mark": mark}, target=target)
        else:
            found = cli.run("sales.order.advance", target=target)
        cli.output.say(
            _("Order {number}: {state}, {exceptions} exceptions."),
            number=number,
            state=cli.text(STATES[found.state]),
            exceptions=found.exceptions,
        )

    @command(sales, "exceptions", _("List what keeps orders back, what waits longest first."))
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("How many (50)."))
    def exceptions(cli: Invocation, limit: int) -> None:
        """Print exceptions of orders that whoever calls may see."""
        from crmkit_sales.orders.checks import words_of
        from crmkit_sales.orders.reading import open_exceptions

        with cli.session() as session:
            rows = [
                {
                    "order": order.number,
                    "id": found.id,
                    "customer": name,
                    "kind": found.kind,
                    "why": cli.text(words_of(found.kind), **found.details),
                    "raised_at": found.raised_at,
                    "total": str(order.total),
                }
                for found, order, name in open_exceptions(session, limit)
            ]
        columns = (
            Column("order", _("Order")),
            Column("customer", _("Customer")),
            Column("why", _("Why")),
            Column("raised_at", _("Since")),
            Column("total", _("Total")),
        )
        cli.output.table(columns, rows, empty=_("Nothing keeps an order back."))
