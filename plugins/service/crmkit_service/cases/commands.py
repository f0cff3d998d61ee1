"""``crmkit service case``: cases by their numbers, what was said and done in them, and what can be done with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, customer_id, group, option
from crmkit_service.cases.words import CHANNELS, PRIORITIES, STATES

_ = texts("crmkit_service")

TO_STATES = [each for each in STATES if each not in ("new", "merged")]


def add_to(service: click.Group) -> None:
    """Add the commands of this room to a group."""
    case = group(help=_("Cases: what customers ask, complain about and need help with."), name="case")
    service.add_command(case)
    _add_reading(case)
    _add_talking(case)
    _add_changing(case)


def _add_reading(case: click.Group) -> None:
    @command(case, "list", _("List cases, those that are due first."))
    @option("--state", type=click.Choice(list(STATES)), help=_("In this state."))
    @option("--open", "only_open", is_flag=True, help=_("Those that are not resolved."))
    @option("--mine", is_flag=True, help=_("Your own."))
    @option("--customer", metavar="WHO", help=_("Of a customer."))
    @option("--limit", type=click.IntRange(1, 1000), default=100, metavar="N", help=_("How many (100)."))
    def list_(
        cli: Invocation, state: str | None, only_open: bool, mine: bool, customer: str | None, limit: int
    ) -> None:
        """Print cases that whoever calls may see."""
        from sqlalchemy import select

        from crmkit_service.cases.models import Case
        from crmkit_service.cases.words import UNFINISHED

        who = customer_id(cli, customer) if customer is not None else None
        query = select(Case).order_by(Case.due_at.is_(None), Case.due_at, Case.opened_at.desc(), Case.id).limit(limit)
        if state:
            query = query.where(Case.state == state)
        if only_open:
            query = query.where(Case.state.in_(UNFINISHED))
        if who is not None:
            query = query.where(Case.customer_id == who)
        with cli.session() as session:
            if mine:
                query = query.where(Case.owner_id == session.guarding.rights.user_id)
            rows = [_row(each) for each in session.scalars(query)]
        columns = (
            Column("number", _("Number")),
            Column("subject", _("Subject")),
            Column("kind", _("Kind")),
            Column("state", _("State")),
            Column("priority", _("Priority")),
            Column("due_at", _("Due at")),
        )
        cli.output.table(columns, rows, empty=_("There are no cases."))

    @command(case, "show", _("Show a case with what was said in it."))
    @click.argument("number", type=int)
    def show(cli: Invocation, number: int) -> None:
        """Print a case and its messages; of a merged one those of the case in which it goes on."""
        from crmkit_service.cases.inputs import case_numbered, survivor_of
        from crmkit_service.cases.talking import thread_of

        with cli.session() as session:
            found = survivor_of(session, case_numbered(session, number))
            said = [
                {
                    "at": each.message.at,
                    "direction": each.message.direction,
                    "channel": each.message.channel,
                    "text": each.body,
                }
                for each in thread_of(session, found)
            ]
            document = {**_row(found), "messages": said}
        cli.output.document(document)

    @command(case, "history", _("Show what happened to a case."))
    @click.argument("number", type=int)
    def history(cli: Invocation, number: int) -> None:
        """Print the rows of its history."""
        from crmkit_service.cases.history import events_of
        from crmkit_service.cases.inputs import case_numbered

        with cli.session() as session:
            rows = [
                {"at": each.at, "kind": each.kind, "before": each.before, "after": each.after, "by": each.actor_id}
                for each in events_of(session, case_numbered(session, number).id)
            ]
        columns = (
            Column("at", _("When")),
            Column("kind", _("What happened")),
            Column("before", _("Before")),
            Column("after", _("After")),
            Column("by", _("By")),
        )
        cli.output.table(columns, rows, empty=_("Nothing has happened."))


def _add_talking(case: click.Group) -> None:
    @command(case, "new", _("Open a case of a customer."))
    @click.argument("customer")
    @click.argument("subject")
    @option("--type", "kind", metavar="NAME", help=_("The name of its type; else the usual one."))
    @option("--text", metavar="TEXT", help=_("What the customer said."))
    @option("--channel", type=click.Choice(list(CHANNELS)), default="phone", help=_("By what it came (phone)."))
    @option("--priority", type=click.Choice(list(PRIORITIES)), help=_("Else that of its type."))
    @option("--queue", metavar="NAME", help=_("The queue that it is for."))
    def new(
        cli: Invocation,
        customer: str,
        subject: str,
        kind: str | None,
        text: str | None,
        channel: str,
        priority: str | None,
        queue: str | None,
    ) -> None:
        """Open a case."""
        values = {
            "customer_id": customer_id(cli, customer),
            "subject": subject,
            "type": kind,
            "body": text,
            "channel": channel,
            "priority": priority,
            "queue": queue,
        }
        _say(cli, cli.run("service.case.create", values).id)

    @command(case, "reply", _("Answer the customer."))
    @click.argument("number", type=int)
    @click.argument("text")
    @option("--then", type=click.Choice(["open", "waiting_customer", "on_hold", "resolved"]), help=_("The state then."))
    @option("--channel", type=click.Choice(list(CHANNELS)), help=_("By another channel."))
    def reply(cli: Invocation, number: int, text: str, then: str | None, channel: str | None) -> None:
        """Answer."""
        found = _case(cli, number)
        cli.run("service.case.reply", {"body": text, "state": then, "channel": channel}, target=found)
        _say(cli, found)

    @command(case, "received", _("Add what the customer said."))
    @click.argument("number", type=int)
    @click.argument("text")
    @option("--channel", type=click.Choice(list(CHANNELS)), help=_("By what it came."))
    def received(cli: Invocation, number: int, text: str, channel: str | None) -> None:
        """Add a message of the customer, and say in which case it stands."""
        values = {"body": text, "channel": channel}
        _say(cli, cli.run("service.case.receive", values, target=_case(cli, number)).id)

    @command(case, "note", _("Add an internal note."))
    @click.argument("number", type=int)
    @click.argument("text")
    def note(cli: Invocation, number: int, text: str) -> None:
        """Add a note."""
        found = _case(cli, number)
        cli.run("service.case.note", {"body": text}, target=found)
        _say(cli, found)


def _add_changing(case: click.Group) -> None:
    @command(case, "state", _("Let a case go to another state."))
    @click.argument("number", type=int)
    @click.argument("state", type=click.Choice(TO_STATES))
    def state_(cli: Invocation, number: int, state: str) -> None:
        """Change the state."""
        _act(cli, number, "service.case.set_state", {"state": state})

    @command(case, "priority", _("Give a case another priority."))
    @click.argument("number", type=int)
    @click.argument("priority", type=click.Choice(list(PRIORITIES)))
    def priority_(cli: Invocation, number: int, priority: str) -> None:
        """Change the priority."""
        _act(cli, number, "service.case.set_priority", {"priority": priority})

    @command(case, "move", _("Put a case into another queue."))
    @click.argument("number", type=int)
    @click.argument("queue")
    def move(cli: Invocation, number: int, queue: str) -> None:
        """Change the queue."""
        _act(cli, number, "service.case.move", {"queue": queue})

    @command(case, "merge", _("Merge a case into another one."))
    @click.argument("number", type=int)
    @click.argument("into", type=int)
    def merge(cli: Invocation, number: int, into: int) -> None:
        """Merge."""
        _say(cli, cli.run("service.case.merge", {"into_id": _case(cli, into)}, target=_case(cli, number)).id)

    @command(case, "unmerge", _("Undo the merge of a case."))
    @click.argument("number", type=int)
    def unmerge(cli: Invocation, number: int) -> None:
        """Undo it."""
        _act(cli, number, "service.case.unmerge", {})

    @command(case, "link", _("Make a case a part of another one, or an incident of a problem."))
    @click.argument("number", type=int)
    @click.argument("role", type=click.Choice(["parent", "problem"]))
    @click.argument("to", type=int)
    def link(cli: Invocation, number: int, role: str, to: int) -> None:
        """Link."""
        _act(cli, number, "service.case.relate", {"role": role, "to_id": _case(cli, to)})


def _act(cli: Invocation, number: int, operation: str, values: dict[str, Any]) -> None:
    found = _case(cli, number)
    cli.run(operation, values, target=found)
    _say(cli, found)


def _row(case: Any) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "subject": case.subject,
        "kind": case.kind,
        "state": case.state,
        "phase": case.phase,
        "priority": case.priority,
        "channel": case.channel,
        "customer_id": case.customer_id,
        "owner_id": case.owner_id,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "due_clock": case.due_clock,
        "breached": case.breached,
    }


def _say(cli: Invocation, case_id: UUID) -> None:
    from crmkit_service.cases.models import Case

    with cli.session() as session:
        found = session.get(Case, case_id)
        document = _row(found) if found is not None else {"id": case_id}
    cli.output.document(document)


def _case(cli: Invocation, number: int) -> UUID:
    from crmkit_service.cases.inputs import case_numbered

    with cli.session() as session:
        return case_numbered(session, number).id
