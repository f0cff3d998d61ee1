"""``crmkit sales lead``: leads, whose they are, and where each point of a score comes from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option
from crmkit_sales.leads.words import STATES

_ = texts("crmkit_sales")


def add_to(sales: click.Group) -> None:
    """Add the commands of this room to a group."""
    lead = group(help=_("Leads: who may become a customer."), name="lead")
    sales.add_command(lead)

    @command(lead, "list", _("List leads, the newest first."))
    @option("--state", type=click.Choice(list(STATES)), help=_("In this state."))
    @option("--open", "only_open", is_flag=True, help=_("Those that are open."))
    @option("--mine", is_flag=True, help=_("Your own."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def list_(cli: Invocation, state: str | None, only_open: bool, mine: bool, limit: int) -> None:
        """Print leads that whoever calls may see."""
        from sqlalchemy import select

        from crmkit_sales.leads.models import Lead
        from crmkit_sales.leads.words import CLOSED
        from crmkit_sales.scoring.reading import labels_of

        query = select(Lead).order_by(Lead.opened_at.desc(), Lead.id.desc()).limit(limit)
        if state:
            query = query.where(Lead.state == state)
        if only_open:
            query = query.where(Lead.state.not_in(CLOSED))
        with cli.session() as session:
            if mine:
                query = query.where(Lead.owner_id == session.guarding.rights.user_id)
            found = session.scalars(query).all()
            scores = labels_of(session, [each.customer_id for each in found])
            rows = [_row(each, scores) for each in found]
        columns = (
            Column("number", _("Number")),
            Column("title", _("Title")),
            Column("state", _("State")),
            Column("score", _("Score")),
            Column("temperature", _("Temperature")),
            Column("opened_at", _("Came in")),
        )
        cli.output.table(columns, rows, empty=_("There are no leads."))

    @command(lead, "new", _("Add a lead of a customer."))
    @click.argument("customer")
    @option("--title", default="", metavar="TEXT", help=_("What it is about."))
    @option("--source", metavar="NAME", help=_("The name of its source."))
    @option("--need", metavar="TEXT", help=_("What is needed."))
    @option("--queue", default="", metavar="NAME", help=_("The queue out of which it is given to somebody."))
    def new(cli: Invocation, customer: str, title: str, source: str | None, need: str | None, queue: str) -> None:
        """Add a lead."""
        values: dict[str, Any] = {"customer_id": customer_id(cli, customer), "title": title, "need": need}
        if source is not None:
            from crmkit_sales.leads.sources import source_named

            with cli.session() as session:
                values["source_id"] = source_named(session, source).id
        made = cli.run("sales.lead.create", {**values, "queue": queue})
        _say(cli, made)

    @command(lead, "offer", _("Offer a lead to sales."))
    @click.argument("number", type=int)
    @option("--queue", default="", metavar="NAME", help=_("To whom a queue gives it."))
    @option("--to", metavar="LOGIN", help=_("To a seller."))
    @option("--minutes", type=click.IntRange(1, 129600), default=240, metavar="N", help=_("Working minutes (240)."))
    def offer(cli: Invocation, number: int, queue: str, to: str | None, minutes: int) -> None:
        """Offer a lead."""
        values: dict[str, Any] = {"queue": queue, "accept_minutes": minutes}
        if to is not None:
            values["user_id"] = _user(cli, to)
        _say(cli, cli.run("sales.lead.offer", values, target=_lead(cli, number)))

    for name, operation, words in (
        ("work", "sales.lead.work", _("Begin work on a lead.")),
        ("qualify", "sales.lead.qualify", _("Say that a lead is worth a seller's time.")),
        ("accept", "sales.lead.accept", _("Accept a lead that was offered to you.")),
        ("withdraw", "sales.lead.withdraw", _("Take an offer back.")),
    ):
        _plain(lead, name, operation, words)
    for name, operation, words in (
        ("reject", "sales.lead.reject", _("Reject a lead that was offered to you.")),
        ("recycle", "sales.lead.recycle", _("Put a lead back to marketing.")),
        ("disqualify", "sales.lead.disqualify", _("Close a lead of which nothing comes.")),
    ):
        _reasoned(lead, name, operation, words)

    @command(lead, "convert", _("Make an opportunity of a lead."))
    @click.argument("number", type=int)
    @option("--title", default="", metavar="TEXT", help=_("The title of the opportunity."))
    def convert(cli: Invocation, number: int, title: str) -> None:
        """Convert a lead."""
        made = cli.run("sales.lead.convert", {"title": title}, target=_lead(cli, number))
        cli.output.document({"opportunity_id": made.id, "number": made.number, "title": made.title})

    @command(lead, "explain", _("Show where each point of a customer's score comes from."))
    @click.argument("customer")
    @option("--as-of", metavar="DAY", help=_("As of the end of another day (2026-01-31)."))
    def explain(cli: Invocation, customer: str, as_of: str | None) -> None:
        """Print scores with their lines."""
        from datetime import date

        from crmkit_sales.scoring.reading import explained, explained_as_of

        try:
            day = date.fromisoformat(as_of) if as_of else None
        except ValueError:
            raise click.BadParameter(cli.text(_("Write a day as in 2026-01-31.")), param_hint="--as-of") from None
        who = customer_id(cli, customer)
        with cli.session() as session:
            found = explained(session, who) if day is None else explained_as_of(session, who, day)
        rows = [
            {"model": each.model, "reason": words, "points": points, "count": count, "last_at": last}
            for each in found
            for words, points, count, last in [
                *((line.words, line.points, line.count or None, line.last_at) for line in each.lines),
                (f"= {each.label}", each.points, None, each.at),
            ]
        ]
        columns = (
            Column("model", _("Model")),
            Column("reason", _("Reason")),
            Column("points", _("Points")),
            Column("count", _("How often")),
            Column("last_at", _("Last")),
        )
        cli.output.table(columns, rows, empty=_("There is no score of this customer."))


def _plain(lead: click.Group, name: str, operation: str, words: str) -> None:
    @command(lead, name, words)
    @click.argument("number", type=int)
    def act(cli: Invocation, number: int) -> None:
        """Do it."""
        _say(cli, cli.run(operation, {}, target=_lead(cli, number)))


def _reasoned(lead: click.Group, name: str, operation: str, words: str) -> None:
    @command(lead, name, words)
    @click.argument("number", type=int)
    @option("--reason", default="", metavar="TEXT", help=_("Why."))
    def act(cli: Invocation, number: int, reason: str) -> None:
        """Do it, and say why."""
        _say(cli, cli.run(operation, {"reason": reason}, target=_lead(cli, number)))


def _row(lead: Any, scores: Any) -> dict[str, Any]:
    points, label = scores.get(lead.customer_id, (None, None))
    return {
        "id": lead.id,
        "number": lead.number,
        "title": lead.title,
        "state": lead.state,
        "customer_id": lead.customer_id,
        "owner_id": lead.owner_id,
        "score": None if points is None else round(points, 2),
        "temperature": label,
        "accept_by": lead.accept_by,
        "opened_at": lead.opened_at,
    }


def _say(cli: Invocation, lead: Any) -> None:
    with cli.session() as session:
        from crmkit_sales.leads.models import Lead

        found = session.get(Lead, lead.id)
        # What was rejected may be somebody else's now.
        document = _row(found, {}) if found is not None else {"id": lead.id}
    cli.output.document(document)


def _lead(cli: Invocation, number: int) -> UUID:
    from sqlalchemy import select

    from crmkit import NotFound
    from crmkit_sales.leads.models import Lead

    with cli.session() as session:
        found = session.scalar(select(Lead.id).where(Lead.number == number))
    if found is None:
        raise NotFound(_("There is no lead {number}."), number=number)
    return found


def _user(cli: Invocation, login: str) -> UUID:
    from sqlalchemy import select

    from crmkit import NotFound, User

    with cli.session() as session:
        found = session.scalar(select(User.id).where(User.login == login, User.active))
    if found is None:
        raise NotFound(_('There is no active user "{login}".'), login=login)
    return found
