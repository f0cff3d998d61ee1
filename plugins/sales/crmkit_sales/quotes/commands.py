"""``crmkit sales quotes`` and ``crmkit sales quote``: what was offered to whom, and the PDF of it."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option
from crmkit_sales.quotes.words import STATES

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(sales, "quotes", _("List quotes, the newest first."))
    @option("--customer", metavar="CUSTOMER", help=_("Those of a customer."))
    @option("--state", type=click.Choice(list(STATES)), help=_("Those of a state."))
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("How many (50)."))
    def quotes(cli: Invocation, customer: str | None, state: str | None, limit: int) -> None:
        """Print quotes that whoever calls may see."""
        from sqlalchemy import select

        from crmkit import Customer
        from crmkit_sales.quotes.models import Quote

        about = customer_id(cli, customer) if customer else None
        wanted = select(Quote, Customer.name).join(Customer, Customer.id == Quote.customer_id)
        if about is not None:
            wanted = wanted.where(Quote.customer_id == about)
        if state:
            wanted = wanted.where(Quote.state == state)
        with cli.session() as session:
            found = session.execute(wanted.order_by(Quote.created_at.desc(), Quote.id.desc()).limit(limit))
            rows = [
                {
                    "quote": quote.name,
                    "id": quote.id,
                    "customer": str(name),
                    "title": quote.title,
                    "state": quote.state,
                    "valid_until": quote.valid_until,
                    "net": str(quote.net),
                    "total": str(quote.total),
                }
                for quote, name in found
            ]
        columns = (
            Column("quote", _("Quote")),
            Column("customer", _("Customer")),
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("valid_until", _("Valid until")),
            Column("total", _("Total")),
        )
        cli.output.table(columns, rows, empty=_("There are no quotes."))

    @command(sales, "quote", _("Write a quote as a PDF: the newest version of a number, or such as 1042/2."))
    @click.argument("number")
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    def quote(cli: Invocation, number: str, file: Path) -> None:
        """Write the PDF of a quote that whoever calls may see."""
        from crmkit_sales.quotes.document import document_of, pdf_of
        from crmkit_sales.quotes.reading import quote_named

        with cli.session() as session:
            document = document_of(session, quote_named(session, number))
        file.write_bytes(pdf_of(document))
        cli.output.say(_("Written: {file}"), file=str(file))
