"""``crmkit messaging send`` and ``crmkit messaging outbox``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmkit import InvalidInput, Problem, texts
from crmkit.cli.api import Column, Invocation, command, customer_id, option
from crmkit_messaging.sending.words import STATES

if TYPE_CHECKING:
    from crmkit_messaging.sending.models import OutgoingMessage

_ = texts("crmkit_messaging")


def add_to(group: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(group, "send", _("Send a message to a customer, as far as consent, quiet hours and caps let it."))
    @click.argument("customer")
    @option("--purpose", required=True, help=_("What it is for, such as service or marketing."))
    @option("--channel", help=_("By which channel; by default the one that the customer prefers."))
    @option("--template", help=_("From which template."))
    @option("--value", "values", multiple=True, metavar="NAME=VALUE", help=_("A value of the template."))
    @option("--language", help=_("In which language the template is used."))
    @option("--subject", help=_("Its subject."))
    @option("--body", help=_("Its text."))
    @option("--mailbox", help=_("Through which mailbox."))
    @option("--not-before", metavar="INSTANT", help=_("The earliest instant to leave, with a time zone."))
    @option("--expires-at", metavar="INSTANT", help=_("From when on it is too late."))
    @option("--urgent", is_flag=True, help=_("Leave in quiet hours too, where the purpose lets it."))
    @option("--key", help=_("Idempotency key: the same one again sends nothing more."))
    @option("--dry-run", is_flag=True, help=_("Only say what would become of it."))
    def send(cli: Invocation, customer: str, values: tuple[str, ...], dry_run: bool, **given: Any) -> None:
        """Accept a message and print what becomes of it."""
        whom = customer_id(cli, customer)
        if dry_run:
            _decide(cli, whom, given)
            return
        wanted = {name: value for name, value in given.items() if value not in (None, "", False)}
        message = cli.run("messaging.send", {"customer_id": whom, "values": _pairs(values), **wanted})
        _print(cli, [message])

    @command(group, "outbox", _("List outgoing messages, with what waits and why."))
    @option("--state", type=click.Choice(list(STATES)), help=_("Only those of a state."))
    @option("--customer", help=_("Only those to a customer."))
    @option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help=_("At most so many."))
    def outbox(cli: Invocation, state: str | None, customer: str | None, limit: int) -> None:
        """Print messages, the newest first."""
        from sqlalchemy import select

        from crmkit_messaging.sending.models import OutgoingMessage

        query = select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc())
        if state is not None:
            query = query.where(OutgoingMessage.state == state)
        if customer is not None:
            query = query.where(OutgoingMessage.customer_id == customer_id(cli, customer))
        with cli.session() as session:
            _print(cli, list(session.scalars(query.limit(limit))))


def _pairs(values: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in values:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise InvalidInput([Problem(InvalidInput.code, _("Write it as NAME=VALUE."), field="value", value=each)])
        found[name] = value
    return found


def _decide(cli: Invocation, whom: Any, given: dict[str, Any]) -> None:
    from crmkit_messaging.sending.reading import decide

    with cli.session() as session:
        found = decide(session, whom, given["channel"] or "email", given["purpose"], urgent=bool(given["urgent"]))
    if cli.json:
        cli.output.document(
            {"outcome": found.outcome, "reason": found.reason, "values": dict(found.values), "at": found.at}
        )
        return
    from crmkit_messaging.sending.words import SHORT

    words = {"now": _("It would leave now."), "later": _("It would have to wait."), "never": _("It would be refused.")}
    cli.output.say(words[found.outcome])
    if found.reason:
        cli.output.say(cli.text(SHORT[found.reason]))


def _print(cli: Invocation, messages: list[OutgoingMessage]) -> None:
    from crmkit_messaging.sending.display import reason_of

    rows: list[dict[str, Any]] = []
    for each in messages:
        reason, values = reason_of(each)
        shown = {name: cli.text(value) if isinstance(value, str) else value for name, value in values.items()}
        rows.append(
            {
                "id": str(each.id),
                "created_at": each.created_at,
                "customer_id": str(each.customer_id),
                "channel": each.channel,
                "purpose": each.purpose,
                "state": each.state,
                "reason": each.reason,
                "why": cli.text(reason, **shown) if reason else "",
                "due_at": each.due_at,
                "sent_at": each.sent_at,
            }
        )
    if cli.json:
        cli.output.document({"items": rows})
        return
    columns = (
        Column("id", _("Id")),
        Column("created_at", _("Accepted")),
        Column("channel", _("Channel")),
        Column("purpose", _("Purpose")),
        Column("title", _("State")),
        Column("why", _("Why")),
        Column("due_at", _("Next")),
    )
    people = [{**row, "title": cli.text(STATES[row["state"]])} for row in rows]
    cli.output.table(columns, people, empty=_("There is no message."))
