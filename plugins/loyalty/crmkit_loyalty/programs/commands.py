"""``crmkit loyalty programs`` and ``join``: programmes, and who takes part."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option

_ = texts("crmkit_loyalty")


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""

    @command(group, "programs", _("List loyalty programmes with their members and points."))
    def programs(cli: Invocation) -> None:
        """Print programmes."""
        from sqlalchemy import select

        from crmkit_loyalty.desk.figures import members_of, outstanding
        from crmkit_loyalty.programs.finding import types_of
        from crmkit_loyalty.programs.models import Program

        rows: list[dict[str, object]] = []
        with cli.session() as session:
            now = session.gate.clock.business_now()
            for each in session.scalars(select(Program).order_by(Program.name)):
                kinds = outstanding(session, types_of(session, each.id), now)
                rows.append(
                    {
                        "program": each.name,
                        "title": each.title,
                        "active": each.active,
                        "members": members_of(session, each),
                        "points": {kind.kind.name: kind.whole for kind in kinds},
                    }
                )
        columns = (
            Column("program", _("Name")),
            Column("title", _("Title")),
            Column("active", _("Active")),
            Column("members", _("Members"), align="right"),
            Column("points", _("Points")),
        )
        cli.output.table(columns, rows, empty=_("There is no loyalty programme yet"))

    @command(group, "join", _("Have a customer join a programme."))
    @click.argument("customer")
    @option("--program", metavar="NAME", default="", help=_("Which programme, where there are several."))
    def join(cli: Invocation, customer: str, program: str) -> None:
        """Have a customer join."""
        from crmkit_loyalty.programs.models import Account

        made = cli.run("loyalty.member.join", {"customer_id": customer_id(cli, customer), "program": program})
        with cli.session() as session:
            number = session.get_one(Account, made.account_id).number
        cli.output.document({"member": str(made.id), "account": str(made.account_id), "number": number})
