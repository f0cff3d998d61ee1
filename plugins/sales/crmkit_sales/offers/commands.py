"""``crmkit sales offers``: what to offer a customer next, and why."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(sales, "offers", _("Say what to offer a customer next, and why."))
    @click.argument("customer")
    def offers(cli: Invocation, customer: str) -> None:
        """Print the offers for a customer whom whoever calls may see."""
        from crmkit_sales.offers.reading import offers_of

        about = customer_id(cli, customer)
        with cli.session() as session:
            rows = [
                {
                    "sku": each.product.sku,
                    "product": each.product.title,
                    "because": each.because.sku,
                    "why": each.why(cli.language),
                    "confidence": each.confidence,
                    "lift": each.lift,
                }
                for each in offers_of(session, [about])
            ]
        columns = (Column("product", _("Product")), Column("why", _("Why")))
        cli.output.table(columns, rows, empty=_("There is nothing to offer."))
