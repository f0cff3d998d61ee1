"""``crmkit integration endpoints``: web-hooks out on the command line."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option

if TYPE_CHECKING:
    from crmkit_integration.webhooks.reading import Standing

_ = texts("crmkit_integration")

WAIT = 25.0
"""Seconds for which a test is waited for."""


def add_to(parent: click.Group) -> None:
    """Add the commands of this room to a group."""
    endpoints = group(help=_("Web-hooks out: whom we tell what happens."), name="endpoints")
    parent.add_command(endpoints)
    _add_setting_up(endpoints)
    _add_changing(endpoints)
    _add_log(endpoints)


def _add_setting_up(endpoints: click.Group) -> None:
    @command(endpoints, "list", _("List the web-hooks and how they fare."))
    def listing(cli: Invocation) -> None:
        """Print the endpoints by their names."""
        from crmkit_integration.webhooks.reading import standings

        with cli.session() as session:
            rows = [_row(each) for each in standings(session)]
        columns = (
            Column("name", _("Name")),
            Column("url", _("Address")),
            Column("events", _("Events")),
            Column("state", _("State")),
            Column("waiting", _("Waiting"), "right"),
            Column("dead", _("Given up"), "right"),
            Column("delivered_at", _("Last delivered")),
        )
        cli.output.table(columns, rows, empty=_("There is no web-hook yet: crmkit integration endpoints new."))

    @command(endpoints, "new", _("Set up a web-hook; its secret is printed this once."))
    @click.argument("name")
    @click.argument("url")
    @option("--event", "events", multiple=True, metavar="NAME", help=_("An event, customer.* or *; several times."))
    @option("--owner", metavar="LOGIN", help=_("The user whose rights hold; by default whoever acts."))
    @option("--description", metavar="TEXT", default="", help=_("What it is for."))
    @option("--private", is_flag=True, help=_("It may be reached at addresses that are not public."))
    @option("--from-start", is_flag=True, help=_("It is told what has happened so far, too."))
    def new(
        cli: Invocation,
        name: str,
        url: str,
        events: tuple[str, ...],
        owner: str | None,
        description: str,
        private: bool,
        from_start: bool,
    ) -> None:
        """Set an endpoint up."""
        values = {
            "name": name,
            "url": url,
            "events": list(events) or ["*"],
            "owner": owner,
            "description": description,
            "private": private,
            "from_start": from_start,
        }
        _print_secret(cli, cli.run("integration.endpoint.create", values))

    @command(endpoints, "rotate", _("Make a new secret; the old one signs along for a while."))
    @click.argument("name")
    @option("--overlap", type=click.IntRange(0, 720), default=24, metavar="HOURS", help=_("For how long (24)."))
    def rotate(cli: Invocation, name: str, overlap: int) -> None:
        """Rotate the secret."""
        target = _find(cli, name).endpoint.id
        _print_secret(cli, cli.run("integration.endpoint.rotate", {"overlap_hours": overlap}, target=target))

    @command(endpoints, "test", _("Send a test message now, and print how that went."))
    @click.argument("name")
    def test(cli: Invocation, name: str) -> None:
        """Send a test and wait for its outcome."""
        from crmkit_integration.webhooks.reading import attempts_at
        from crmkit_integration.webhooks.running import Run

        found = _find(cli, name)
        made = cli.run("integration.endpoint.test", target=found.endpoint.id)
        system = cli.crm.system(str(_("a test of a web-hook")))
        ends_at = time.monotonic() + WAIT
        tries: Any = ()
        while not tries and time.monotonic() < ends_at:
            Run(crm=cli.crm, system=system, only=[found.endpoint.id], run=1.0, idle=0.2).go()
            with cli.session() as session:
                tries = attempts_at(session, [made.id]).get(made.id, ())
        if not tries:
            cli.output.say(_("The test {id} waits behind other messages."), id=made.message_id)
            return
        last = tries[-1]
        cli.output.record(
            [
                (_("Message"), made.message_id),
                (_("Outcome"), cli.text(_outcome(last.outcome))),
                (_("Answer"), last.status),
                (_("Error"), last.detail or None),
                (_("Milliseconds"), last.millis),
            ],
            json={"message": made.message_id, "outcome": last.outcome, "status": last.status, "millis": last.millis},
        )


def _add_changing(endpoints: click.Group) -> None:
    @command(endpoints, "edit", _("Change where messages go, or which."))
    @click.argument("name")
    @option("--url", metavar="URL", help=_("The new address."))
    @option("--event", "events", multiple=True, metavar="NAME", help=_("The events, in place of those there are."))
    @option("--description", metavar="TEXT", help=_("What it is for."))
    def edit(cli: Invocation, name: str, url: str | None, events: tuple[str, ...], description: str | None) -> None:
        """Change an endpoint."""
        values: dict[str, Any] = {"url": url, "events": list(events) or None, "description": description}
        values = {key: value for key, value in values.items() if value is not None}
        cli.run("integration.endpoint.update", values, target=_find(cli, name).endpoint.id)
        cli.output.say(_('"{name}" is changed.'), name=name)

    @command(endpoints, "off", _("Deliver nothing until the web-hook is switched on; what happens waits."))
    @click.argument("name")
    def off(cli: Invocation, name: str) -> None:
        """Switch an endpoint off."""
        cli.run("integration.endpoint.disable", target=_find(cli, name).endpoint.id)
        cli.output.say(_('"{name}" is switched off.'), name=name)

    @command(endpoints, "on", _("Deliver again, first what waits."))
    @click.argument("name")
    @option("--skip", is_flag=True, help=_("Leave out what has happened meanwhile."))
    def on(cli: Invocation, name: str, skip: bool) -> None:
        """Switch an endpoint on."""
        cli.run("integration.endpoint.enable", {"skip": skip}, target=_find(cli, name).endpoint.id)
        cli.output.say(_('"{name}" is switched on.'), name=name)

    @command(endpoints, "remove", _("Remove a web-hook, with its log and what waits for it."))
    @click.argument("name")
    def remove(cli: Invocation, name: str) -> None:
        """Remove an endpoint."""
        cli.run("integration.endpoint.delete", target=_find(cli, name).endpoint.id)
        cli.output.say(_('"{name}" is removed.'), name=name)

    @command(endpoints, "replay", _("Deliver messages again: the dead letters, or those of a time or of some ids."))
    @click.argument("name")
    @click.argument("messages", nargs=-1)
    @option("--since", metavar="TIME", help=_("Of events since then, such as 2026-11-21T09:00."))
    @option("--until", metavar="TIME", help=_("Of events before then."))
    @option("--all", "everything", is_flag=True, help=_("Also what was delivered."))
    def replay(
        cli: Invocation, name: str, messages: tuple[str, ...], since: str | None, until: str | None, everything: bool
    ) -> None:
        """Replay messages."""
        zone = cli.crm.business().zone
        values: dict[str, Any] = {
            "which": "all" if everything else "dead",
            "messages": list(messages),
            "since": _instant(since, zone),
            "until": _instant(until, zone),
        }
        done = cli.run("integration.endpoint.replay", values, target=_find(cli, name).endpoint.id)
        cli.output.record([(_("Messages"), done.messages)], json={"messages": done.messages})


def _add_log(endpoints: click.Group) -> None:
    @command(endpoints, "deliveries", _("List the newest messages of a web-hook with their last attempts."))
    @click.argument("name")
    @option(
        "--state",
        type=click.Choice(["waiting", "delivered", "dead", "withheld"]),
        default=None,
        help=_("Those of one state alone."),
    )
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("How many (50)."))
    def deliveries(cli: Invocation, name: str, state: str | None, limit: int) -> None:
        """Print the log."""
        _print_log(cli, name, state or "", limit)

    @command(endpoints, "dead", _("List the dead letters of a web-hook: messages that were given up."))
    @click.argument("name")
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("How many (50)."))
    def dead(cli: Invocation, name: str, limit: int) -> None:
        """Print the dead letters."""
        _print_log(cli, name, "dead", limit)

    @command(endpoints, "preview", _("Print what is sent for a message, or for the newest, as far as you may see it."))
    @click.argument("name")
    @click.argument("message", required=False)
    def preview(cli: Invocation, name: str, message: str | None) -> None:
        """Print the body of a message."""
        import json

        from sqlalchemy import select

        from crmkit import NotFound
        from crmkit_integration.webhooks.models import Delivery
        from crmkit_integration.webhooks.reading import preview_of, standing_of

        with cli.session() as session:
            endpoint = standing_of(session, name).endpoint
            chosen = None
            if message is not None:
                query = select(Delivery).where(Delivery.endpoint_id == endpoint.id, Delivery.message_id == message)
                chosen = session.scalars(query).one_or_none()
                if chosen is None:
                    raise NotFound(_('There is no message "{name}".'), name=message)
            body = preview_of(session, endpoint, chosen)
        cli.output.document(json.loads(body))


def _print_log(cli: Invocation, name: str, state: str, limit: int) -> None:
    from crmkit_integration.webhooks.reading import attempts_at, messages_of, standing_of

    with cli.session() as session:
        endpoint = standing_of(session, name).endpoint
        messages = messages_of(session, endpoint.id, state, limit)
        tried = attempts_at(session, [each.id for each in messages])
        rows: list[dict[str, Any]] = []
        for each in messages:
            last = tried[each.id][-1] if each.id in tried else None
            rows.append(
                {
                    "message": each.message_id,
                    "event": each.event_type,
                    "state": each.state,
                    "attempts": each.attempts,
                    "status": each.status,
                    "outcome": None if last is None else last.outcome,
                    "error": None if last is None else last.detail or None,
                    "millis": None if last is None else last.millis,
                    "tried_at": None if last is None else last.began_at,
                    "next_at": each.next_at if each.state == "waiting" else None,
                    "id": each.id,
                }
            )
    columns = (
        Column("message", _("Message")),
        Column("event", _("Event")),
        Column("state", _("State")),
        Column("attempts", _("Attempts"), "right"),
        Column("status", _("Answer"), "right"),
        Column("error", _("Error")),
        Column("millis", _("ms"), "right"),
        Column("tried_at", _("Last tried")),
        Column("next_at", _("Next attempt")),
    )
    cli.output.table(columns, rows, empty=_("There are no such messages."))


def _row(each: Standing) -> dict[str, Any]:
    return {
        "name": each.endpoint.name,
        "url": each.endpoint.url,
        "events": list(each.endpoint.events),
        "state": each.endpoint.state,
        "because": each.endpoint.because,
        "owner": each.owner,
        "waiting": each.waiting,
        "dead": each.dead,
        "failures": each.failures,
        "delivered_at": each.delivered_at,
        "id": each.endpoint.id,
    }


def _find(cli: Invocation, name: str) -> Standing:
    from crmkit_integration.webhooks.reading import standing_of

    with cli.session() as session:
        return standing_of(session, name)


def _print_secret(cli: Invocation, made: Any) -> None:
    cli.output.record(
        [(_("Name"), made.name), (_("Secret"), made.secret)],
        json={"id": made.endpoint_id, "name": made.name, "secret": made.secret},
    )
    if not cli.json:
        cli.output.warn(_("The secret is shown this once: hand it to the receiver now."))


def _outcome(code: str) -> str:
    from crmkit_integration.webhooks.models import OUTCOMES

    return OUTCOMES[code]


def _instant(text: str | None, zone: str) -> datetime | None:
    """Return the instant that a text says; without an offset it is in the business's zone. Raises InvalidInput."""
    from crmkit import InvalidInput, Problem

    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        hint = _("Write it as 2026-11-21T09:00 or 2026-11-21T09:00:00Z.")
        problem = Problem(InvalidInput.code, _('"{text}" is no instant.'), field="TIME", hint=hint, text=text[:80])
        raise InvalidInput([problem]) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
