"""``crmkit messaging suppressed``: the addresses that get nothing any more."""

from __future__ import annotations

from typing import Any

import click

from crmkit import NotFound, texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_messaging")

suppressed = group(help=_("Addresses that get no messages any more. They are kept as codes alone."), name="suppressed")
"""The group ``crmkit messaging suppressed``."""
SHOWN = 50
_KIND = click.Choice(["email", "phone", "social", "address"])


@command(suppressed, "list", _("List what is suppressed, the newest first; addresses themselves are not kept."))
@option("--reason", metavar="CODE", help=_("Only for this reason, such as hard_bounce or complaint."))
@option("--limit", type=click.IntRange(1, 100_000), metavar="N", help=_("At most so many (50; with --json all)."))
def list_(cli: Invocation, reason: str | None, limit: int | None) -> None:
    """Print suppressions."""
    from sqlalchemy import select

    from crmkit_messaging.sending.models import Suppression

    query = select(Suppression).order_by(Suppression.created_at.desc(), Suppression.id.desc())
    if reason is not None:
        query = query.where(Suppression.reason == reason)
    most = limit if limit is not None else None if cli.json else SHOWN
    with cli.session() as session:
        rows = [_row(each) for each in session.scalars(query if most is None else query.limit(most))]
    columns = (
        Column("created_at", _("Since")),
        Column("kind", _("Kind")),
        Column("reason", _("Reason")),
        Column("source", _("Source")),
        Column("customer_id", _("Customer")),
    )
    cli.output.table(columns, rows, empty=_("Nothing is suppressed."))


@command(suppressed, "find", _("Say whether an address is suppressed, and why."))
@click.argument("address")
@option("--kind", type=_KIND, default="email", help=_("Kind of address (email)."))
def find(cli: Invocation, address: str, kind: str) -> None:
    """Print what says that an address is suppressed; ends with an error where nothing does."""
    from crmkit_messaging.sending.suppression import form_of, suppression_of
    from crmkit_messaging.sending.words import SUPPRESSIONS

    form_of(kind, address)
    with cli.session() as session:
        found = suppression_of(session, kind, address)
        row = None if found is None else _row(found)
    if row is None:
        raise NotFound(_("This address is not suppressed."))
    pairs = [
        (_("Since"), row["created_at"]),
        (_("Reason"), cli.text(SUPPRESSIONS.get(row["reason"]) or row["reason"])),
        (_("Source"), row["source"]),
    ]
    cli.output.record(pairs, json=row)


@command(suppressed, "add", _("Suppress an address: it gets nothing any more, whoever has it."))
@click.argument("address")
@option("--kind", type=_KIND, default="email", help=_("Kind of address (email)."))
@option("--reason", metavar="CODE", default="manual", help=_("Why: manual, complaint, unsubscribed, hard_bounce …"))
def add(cli: Invocation, address: str, kind: str, reason: str) -> None:
    """Suppress an address."""
    made = cli.run("messaging.suppression.add", {"address": address, "kind": kind, "reason": reason})
    if cli.json:
        cli.output.document({"id": str(made.id), "reason": made.reason})
    else:
        cli.output.say(_("The address is suppressed."))


@command(suppressed, "lift", _("Let an address get messages again."))
@click.argument("address")
@option("--kind", type=_KIND, default="email", help=_("Kind of address (email)."))
@option("--why", metavar="TEXT", required=True, help=_("The reason; it is kept in the audit log."))
def lift(cli: Invocation, address: str, kind: str, why: str) -> None:
    """Lift a suppression."""
    cli.run("messaging.suppression.remove", {"address": address, "kind": kind, "why": why})
    if cli.json:
        cli.output.document({"lifted": True})
    else:
        cli.output.say(_("The address gets messages again."))


def _row(each: Any) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "created_at": each.created_at,
        "kind": each.kind,
        "reason": each.reason,
        "source": each.source,
        "customer_id": None if each.customer_id is None else str(each.customer_id),
    }
