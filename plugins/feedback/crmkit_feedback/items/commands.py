"""``crmkit feedback list``, ``take`` and ``move``: what customers say, from the command line."""

from __future__ import annotations

from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id

_ = texts("crmkit_feedback")


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""

    @command(group, "list", _("List feedback, the last first."))
    @click.option("--state", help=_("Only what is in this state."))
    @click.option("--source", help=_("Only what came from there."))
    @click.option("--band", help=_("Only bad, middling or good scores."))
    @click.option("--open", "is_open", is_flag=True, help=_("Only what is still to be seen to."))
    @click.option("--late", "is_late", is_flag=True, help=_("Only what is late."))
    @click.option("--limit", type=click.IntRange(1, 10_000), default=50, help=_("At most so many."))
    def listing(
        cli: Invocation,
        state: str | None,
        source: str | None,
        band: str | None,
        is_open: bool,
        is_late: bool,
        limit: int,
    ) -> None:
        """Print feedback."""
        from sqlalchemy import select

        from crmkit import Customer
        from crmkit_feedback.items.models import Feedback
        from crmkit_feedback.items.ticking import late
        from crmkit_feedback.items.words import OPEN

        query = select(Feedback)
        for column, wanted in ((Feedback.state, state), (Feedback.source, source), (Feedback.band, band)):
            if wanted:
                query = query.where(column == wanted)
        if is_open:
            query = query.where(Feedback.loop.is_(True), Feedback.state.in_(OPEN))
        with cli.session() as session:
            if is_late:
                query = query.where(late(session.gate.clock.business_now()))
            found = session.scalars(query.order_by(Feedback.received_at.desc(), Feedback.number.desc()).limit(limit))
            items = found.all()
            ids = {each.customer_id for each in items}
            names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
            rows = [
                {
                    "number": each.number,
                    "received_at": each.received_at,
                    "source": each.source,
                    "customer": names.get(each.customer_id, "") if each.customer_id is not None else "",
                    "score": each.score,
                    "band": each.band or "",
                    "state": each.state,
                    "due_at": each.due_at if each.loop else None,
                    "text": _short(each.verbatim),
                }
                for each in items
            ]
        columns = (
            Column("number", _("Number")),
            Column("received_at", _("Received at")),
            Column("source", _("Source")),
            Column("customer", _("Customer")),
            Column("score", _("Score")),
            Column("band", _("Band")),
            Column("state", _("State")),
            Column("due_at", _("Due at")),
            Column("text", _("What was said")),
        )
        cli.output.table(columns, rows, empty=_("There is no feedback."))

    @command(group, "take", _("Write down what somebody said."))
    @click.argument("text", default="")
    @click.option("--customer", help=_("Whose it is: an id, an address or a number."))
    @click.option("--source", default="note", help=_("Where it comes from: note, call, mail, review, social or api."))
    @click.option("--metric", help=_("What the score counts: nps, csat, ces or stars."))
    @click.option("--score", type=int, help=_("The score."))
    @click.option("--item", default="", help=_("What it is about."))
    def take(
        cli: Invocation, text: str, customer: str | None, source: str, metric: str | None, score: int | None, item: str
    ) -> None:
        """Write feedback down and print it."""
        given: dict[str, Any] = {"verbatim": text, "source": source, "metric": metric, "score": score, "item": item}
        if customer:
            given["customer_id"] = customer_id(cli, customer)
        made = cli.run("feedback.feedback.create", {name: value for name, value in given.items() if value is not None})
        cli.output.document(
            {
                "number": made.number,
                "id": made.id,
                "band": made.band,
                "state": made.state,
                "due_at": made.due_at if made.loop else None,
            }
        )

    @command(group, "move", _("Move feedback to another state."))
    @click.argument("number", type=int)
    @click.argument("state")
    @click.option("--note", default="", help=_("What to note with it; what was done, for resolved."))
    def move(cli: Invocation, number: int, state: str, note: str) -> None:
        """Move feedback and print its state."""
        from sqlalchemy import select

        from crmkit import NotFound
        from crmkit_feedback.items.models import Feedback

        with cli.session() as session:
            found = session.scalar(select(Feedback.id).where(Feedback.number == number))
        if found is None:
            raise NotFound(_("There is no feedback {number}."), number=number)
        if state == "resolved":
            moved = cli.run("feedback.feedback.resolve", {"resolution": note}, target=found)
        else:
            moved = cli.run("feedback.feedback.move", {"state": state, "note": note}, target=found)
        cli.output.document({"number": moved.number, "state": moved.state})


def _short(text: Any) -> str:
    words = " ".join(text.split()) if type(text) is str else ""
    return words if len(words) <= 60 else f"{words[:59]}…"
