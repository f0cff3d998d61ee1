"""``crmkit sales renewals``: which contracts end when."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(sales, "renewals", _("List contracts that end within the next months, the first one first."))
    @option("--months", type=click.IntRange(1, 600), default=12, metavar="N", help=_("How many months (12)."))
    def renewals(cli: Invocation, months: int) -> None:
        """Print contracts that whoever calls may see, with what they bring in a year."""
        from sqlalchemy import select

        from crmkit import Customer
        from crmkit_sales.contracts.reading import endings
        from crmkit_sales.contracts.terms import last_day

        with cli.session() as session:
            today = session.today()
            found = endings(session, today, last_day(today, months))
            ids = {each.contract.customer_id for each in found}
            known = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
            names = {row[0]: row[1] for row in known}
            rows = [
                {
                    "contract": each.contract.label,
                    "id": each.contract.id,
                    "customer": str(names.get(each.contract.customer_id, "–")),
                    "title": each.contract.title,
                    "end_on": each.contract.end_on,
                    "notice_by": each.contract.notice_by,
                    "renewal": each.contract.renewal,
                    "state": each.contract.state,
                    "yearly": str(each.contract.yearly or ""),
                }
                for each in found
            ]
        columns = (
            Column("contract", _("Contract")),
            Column("customer", _("Customer")),
            Column("title", _("Title")),
            Column("end_on", _("Last day")),
            Column("notice_by", _("Notice until")),
            Column("renewal", _("At the end")),
            Column("yearly", _("Recurring in a year")),
        )
        cli.output.table(columns, rows, empty=_("No contract ends by then."))
