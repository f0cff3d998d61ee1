"""``crmkit experience promises``: what was promised, and saying that it was done."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option

_ = texts("crmkit_experience")


def add_to(above: click.Group) -> None:
    """Add the commands to those of experience."""
    promises = group(help=_("What was promised to customers."), name="promises")
    above.add_command(promises)

    @command(promises, "list", _("List promises, the most urgent first."))
    @option(
        "--state",
        type=click.Choice(["open", "kept", "broken", "withdrawn", "all"]),
        default="open",
        help=_("State."),
    )
    @option("--customer", default="", metavar="WHO", help=_("Of one customer alone."))
    @option("--suggested", is_flag=True, help=_("Sentences that read like promises, in their place."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, help=_("How many at most."))
    def list_(cli: Invocation, state: str, customer: str, suggested: bool, limit: int) -> None:
        """Print promises."""
        from crmkit_experience.promises import reading

        who = customer_id(cli, customer) if customer else None
        with cli.session() as session:
            found: Any
            if suggested:
                found = reading.suggestions(session, customer_id=who, limit=limit)
            else:
                found = reading.promises(session, state="" if state == "all" else state, customer_id=who, limit=limit)
            rows = [row_of(each) for each in found]
        columns = (
            Column("due_at", _("Until")),
            Column("kind", _("Kind")),
            Column("what", _("What was promised")),
            Column("state", _("State")),
        )
        cli.output.table(columns, rows, empty=_("There is no such promise."))

    @command(promises, "make", _("Note a promise."))
    @click.argument("customer")
    @click.argument("what")
    @option("--due", required=True, metavar="WHEN", help=_("A day such as 2027-03-01, or an instant with a zone."))
    @option(
        "--kind",
        type=click.Choice(["call_back", "deliver", "refund", "repair", "answer", "other"]),
        default="other",
        help=_("Kind."),
    )
    def make(cli: Invocation, customer: str, what: str, due: str, kind: str) -> None:
        """Note a promise and print it."""
        values: dict[str, Any] = {"customer_id": customer_id(cli, customer), "what": what, "kind": kind}
        values["due_on" if len(due.strip()) <= 10 else "due_at"] = due.strip()
        _say(cli, cli.run("experience.promise.make", values).id)

    @command(promises, "keep", _("Say that what was promised was done."))
    @click.argument("promise")
    @option("--at", metavar="WHEN", default="", help=_("When, as an instant with a zone; now, unless said."))
    @option("--outcome", default="", help=_("What came of it."))
    def keep(cli: Invocation, promise: str, at: str, outcome: str) -> None:
        """Settle a promise and print it."""
        values: dict[str, Any] = {"outcome": outcome} | ({"done_at": at} if at else {})
        _say(cli, cli.run("experience.promise.keep", values, target=promise).id)


def row_of(promise: Any) -> dict[str, Any]:
    """Return a promise, or a suggestion of one, as it is printed."""
    return {
        "id": str(promise.id),
        "customer": str(promise.customer_id),
        "kind": promise.kind,
        "what": promise.what if type(promise.what) is str else None,
        "due_at": promise.due_at,
        "whole_day": promise.whole_day,
        "state": promise.state,
        "late": getattr(promise, "late", None),
        "done_at": getattr(promise, "done_at", None),
        "owner": str(promise.owner_id) if promise.owner_id is not None else None,
    }


def _say(cli: Invocation, identity: Any) -> None:
    from crmkit_experience.promises.models import Promise

    with cli.session() as session:
        row = row_of(session.get_one(Promise, identity))
    if cli.output.json:
        cli.output.document(row)
    else:
        cli.output.say(_("{id}: {state}"), id=row["id"], state=row["state"])
