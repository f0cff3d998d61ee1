"""``crmkit loyalty``: balances, histories, spending and changing points, what time brings, and whether the books
agree."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option

_ = texts("crmkit_loyalty")

PROGRAM = _("Which programme, where there are several.")
TYPE = _("Which kind of points; without it the first that can be spent.")
KEY = _("The same command with the same key happens once.")


def add_to(group: click.Group) -> None:
    """Add the commands to those of loyalty."""
    _add_reading(group)
    _add_writing(group)
    _add_running(group)


def _add_reading(group: click.Group) -> None:
    @command(group, "balance", _("Show the points of a customer, and what expires next."))
    @click.argument("customer")
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    def balance(cli: Invocation, customer: str, program: str) -> None:
        """Print balances."""
        from crmkit_loyalty.ledger.reading import standing_of
        from crmkit_loyalty.programs.finding import accounts_of, program_named, require_member, types_of

        who = customer_id(cli, customer)
        with cli.session() as session:
            found = program_named(session, program)
            require_member(session, found, who)
            standings = standing_of(session, accounts_of(session, found.id, who), types_of(session, found.id))
            rows = [
                {
                    "points": each.kind.name,
                    "title": each.kind.title,
                    "available": each.available,
                    "pending": each.pending,
                    "held": each.held,
                    "expiring": each.expiring,
                    "expires_at": each.expires_at,
                }
                for each in standings
            ]
        columns = (
            Column("title", _("Points")),
            Column("available", _("Can be spent"), align="right"),
            Column("pending", _("Waiting"), align="right"),
            Column("held", _("Reserved"), align="right"),
            Column("expiring", _("Expire next"), align="right"),
            Column("expires_at", _("Expires at")),
        )
        cli.output.table(columns, rows, empty=_("There are no points."))

    @command(group, "history", _("Show what happened to the points of a customer, the latest first."))
    @click.argument("customer")
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("How many (50)."))
    def history(cli: Invocation, customer: str, program: str, limit: int) -> None:
        """Print movements."""
        from crmkit_loyalty.ledger.reading import history_of
        from crmkit_loyalty.programs.finding import accounts_of, program_named, require_member, types_of

        who = customer_id(cli, customer)
        with cli.session() as session:
            found = program_named(session, program)
            require_member(session, found, who)
            names = {each.id: each.name for each in types_of(session, found.id)}
            accounts = [each.id for each in accounts_of(session, found.id, who)]
            rows = [
                {
                    "transaction": str(each.transaction.id),
                    "at": each.transaction.at,
                    "kind": each.transaction.kind,
                    "points": names.get(each.type_id),
                    "available": each.available,
                    "pending": each.pending,
                    "held": each.held,
                    "reason": each.transaction.reason,
                }
                for each in history_of(session, accounts, limit)
            ]
        columns = (
            Column("at", _("When")),
            Column("kind", _("What")),
            Column("points", _("Points")),
            Column("available", _("Can be spent"), align="right"),
            Column("pending", _("Waiting"), align="right"),
            Column("held", _("Reserved"), align="right"),
            Column("reason", _("Reason")),
        )
        cli.output.table(columns, rows, empty=_("Nothing happened yet"))

    @command(group, "verify", _("Check that the books agree; end with 1 where they do not."))
    def verify(cli: Invocation) -> None:
        """Print where the books do not agree."""
        from crmkit_loyalty.ledger.reading import disagreements

        with cli.session() as session:
            rows = [
                {"what": each.what, "record": str(each.record_id), "stated": each.stated, "counted": each.counted}
                for each in disagreements(session)
            ]
        columns = (
            Column("what", _("What")),
            Column("record", _("Record")),
            Column("stated", _("Stated"), align="right"),
            Column("counted", _("Counted"), align="right"),
        )
        cli.output.table(columns, rows, empty=_("The books agree."))
        if rows:
            raise SystemExit(1)


def _add_writing(group: click.Group) -> None:
    @command(group, "spend", _("Spend points of a customer."))
    @click.argument("customer")
    @click.argument("points", type=int)
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--type", "point_type", metavar="NAME", default="", help=TYPE)
    @option("--reason", metavar="TEXT", default="", help=_("What for."))
    @option("--key", metavar="KEY", default="", help=KEY)
    def spend(cli: Invocation, customer: str, points: int, program: str, **said: str) -> None:
        """Spend points."""
        values = {"customer_id": customer_id(cli, customer), "points": points, "program": program, **said}
        _done(cli, cli.run("loyalty.points.spend", values))

    @command(group, "adjust", _("Give points to a customer by hand, or take them with a number below nought."))
    @click.argument("customer")
    @click.argument("points", type=int)
    @option("--reason", metavar="TEXT", required=True, help=_("Why; it stays in the books."))
    @option("--program", metavar="NAME", default="", help=PROGRAM)
    @option("--type", "point_type", metavar="NAME", default="", help=TYPE)
    @option("--key", metavar="KEY", default="", help=KEY)
    def adjust(cli: Invocation, customer: str, points: int, program: str, **said: str) -> None:
        """Change points by hand."""
        target = _account(cli, customer_id(cli, customer), program)
        _done(cli, cli.run("loyalty.points.adjust", {"points": points, **said}, target=target))


def _add_running(group: click.Group) -> None:
    for name, title, operation in (
        ("release", _("Make points available whose waiting time is over."), "loyalty.ledger.release"),
        ("expire", _("Let points expire whose time is over, and reservations run out."), "loyalty.ledger.expire"),
    ):
        _add_run(group, name, title, operation)


def _add_run(group: click.Group, name: str, title: str, operation: str) -> None:
    @command(group, name, title)
    def run(cli: Invocation) -> None:
        """Do what is due, batch by batch."""
        done: dict[str, int] = {"accounts": 0}
        if name == "expire":
            done["reservations"] = _all(cli, "loyalty.hold.run_out")
        done["accounts"] = _all(cli, operation)
        cli.output.document(done)


def _all(cli: Invocation, operation: str) -> int:
    whole = 0
    while count := cli.run(operation):
        whole += count
    return whole


def _account(cli: Invocation, who: UUID, program: str) -> UUID:
    from crmkit_loyalty.programs.finding import program_named, require_member

    with cli.session() as session:
        return require_member(session, program_named(session, program), who).account_id


def _done(cli: Invocation, transaction: Any) -> None:
    cli.output.document({"transaction": str(transaction.id), "kind": transaction.kind, "at": transaction.at})
