"""``crmkit needs``: needs by their numbers, who needs them, and what becomes of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option
from crmkit_needs.catalogue.words import DECLINES, KINDS, STATES, URGENCIES

_ = texts("crmkit_needs")

TO_STATES = [each for each in STATES if each != "duplicate"]


def add_to(group: click.Group) -> None:
    """Add the commands to those of needs."""
    _add_reading(group)
    _add_writing(group)


def _add_reading(group: click.Group) -> None:
    @command(group, "list", _("List needs, the newest first."))
    @option("--state", type=click.Choice(list(STATES)), help=_("In this state."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def list_(cli: Invocation, state: str | None, limit: int) -> None:
        """Print needs."""
        from sqlalchemy import select

        from crmkit_needs.catalogue.models import Need

        query = select(Need).order_by(Need.number.desc()).limit(limit)
        if state:
            query = query.where(Need.state == state)
        with cli.session() as session:
            rows = [_row(each) for each in session.scalars(query)]
        columns = (
            Column("number", _("Number")),
            Column("title", _("Title")),
            Column("kind", _("Kind")),
            Column("urgency", _("Urgency")),
            Column("state", _("State")),
        )
        cli.output.table(columns, rows, empty=_("There are no needs."))

    @command(group, "show", _("Show a need with who needs it."))
    @click.argument("number", type=int)
    def show(cli: Invocation, number: int) -> None:
        """Print a need and its evidence; of a merged one those of the need in which it goes on."""
        from crmkit_needs.catalogue.evidence import evidence_of
        from crmkit_needs.catalogue.history import need_numbered, survivor_of

        with cli.session() as session:
            found = survivor_of(session, need_numbered(session, number))
            said = [
                {
                    "customer_id": str(each.customer_id),
                    "source": each.source,
                    "importance": each.importance,
                    "heard_at": each.heard_at,
                    "quote": each.quote,
                }
                for each in evidence_of(session, found)
            ]
            document = {**_row(found), "evidence": said}
        cli.output.document(document)


def _add_writing(group: click.Group) -> None:
    @command(group, "add", _("Write a need down."))
    @click.argument("title")
    @option("--kind", type=click.Choice(list(KINDS)), default="request", help=_("Of which kind (request)."))
    @option("--urgency", type=click.Choice(list(URGENCIES)), default="normal", help=_("How urgent (normal)."))
    @option("--area", metavar="NAME", default="", help=_("The product area."))
    @option("--customer", metavar="WHO", help=_("Who needs it."))
    @option("--quote", metavar="TEXT", default="", help=_("In their words."))
    def add(cli: Invocation, title: str, kind: str, urgency: str, area: str, customer: str | None, quote: str) -> None:
        """Write a need down, with the customer who needs it."""
        who = customer_id(cli, customer) if customer is not None else None
        made = cli.run("needs.need.create", {"title": title, "kind": kind, "urgency": urgency, "area": area})
        if who is not None:
            cli.run("needs.evidence.add", {"customer_id": who, "quote": quote}, target=made.id)
        cli.output.document({"number": made.number, "state": made.state})

    @command(group, "move", _("Let a need go to another state."))
    @click.argument("number", type=int)
    @click.argument("state", type=click.Choice(TO_STATES))
    @option("--text", metavar="TEXT", default="", help=_("What customers read."))
    @option("--decline", type=click.Choice(list(DECLINES)), help=_("Why it is declined."))
    def move(cli: Invocation, number: int, state: str, text: str, decline: str | None) -> None:
        """Change the state."""
        values = {"to": state, "text": text, "decline": decline}
        cli.run("needs.need.move", values, target=_need(cli, number))
        cli.output.document({"number": number, "state": state})

    @command(group, "merge", _("Merge a need into another one."))
    @click.argument("number", type=int)
    @click.argument("into", type=int)
    def merge(cli: Invocation, number: int, into: int) -> None:
        """Merge."""
        cli.run("needs.need.merge", {"into_id": _need(cli, into)}, target=_need(cli, number))
        cli.output.document({"number": number, "into": into})


def _need(cli: Invocation, number: int) -> UUID:
    from crmkit_needs.catalogue.history import need_numbered

    with cli.session() as session:
        return need_numbered(session, number).id


def _row(need: Any) -> dict[str, Any]:
    return {
        "number": need.number,
        "title": need.title,
        "kind": need.kind,
        "urgency": need.urgency,
        "state": need.state,
    }
