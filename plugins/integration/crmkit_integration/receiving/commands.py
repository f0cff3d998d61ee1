"""``crmkit integration sources`` and ``crmkit integration received``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group, option

if TYPE_CHECKING:
    from crmkit_integration.receiving.models import WebhookSource

_ = texts("crmkit_integration")

LISTED = 100


def add_to(parent: click.Group) -> None:
    """Add the commands of this room to a group."""
    sources = group(help=_("Systems that send web-hooks."), name="sources")
    received = group(help=_("Web-hooks that came, and those in quarantine."), name="received")
    parent.add_command(sources)
    parent.add_command(received)
    _add_sources(sources)
    _add_received(received)


def _add_sources(sources: click.Group) -> None:
    @command(sources, "list", _("List the sources of web-hooks."))
    def listing(cli: Invocation) -> None:
        """Print the sources by their names."""
        from sqlalchemy import func, select

        from crmkit_integration.receiving.models import ReceivedWebhook, WebhookSource

        with cli.session() as session:
            waiting = dict(
                session.execute(
                    select(ReceivedWebhook.source_id, func.count(ReceivedWebhook.id))
                    .where(ReceivedWebhook.state == "quarantined")
                    .group_by(ReceivedWebhook.source_id)
                ).all()
            )
            rows = [
                {
                    "id": each.id,
                    "name": each.name,
                    "scheme": each.scheme,
                    "active": each.active,
                    "address": each.link_id is not None,
                    "seen_at": each.seen_at,
                    "quarantined": waiting.get(each.id, 0),
                }
                for each in session.scalars(select(WebhookSource).order_by(WebhookSource.name))
            ]
        columns = (
            Column("name", _("Name")),
            Column("scheme", _("Proof")),
            Column("active", _("Takes web-hooks")),
            Column("seen_at", _("Last received")),
            Column("quarantined", _("In quarantine"), "right"),
        )
        cli.output.table(columns, rows, empty=_("No system sends web-hooks."))

    @command(sources, "add", _("Add a system that sends web-hooks, with an address and a secret."))
    @click.argument("name")
    @option("--like", default="standard", show_default=True, metavar="SERVICE", help=_("Proves itself like this one."))
    @option("--as-user", "login", default=None, metavar="LOGIN", help=_("Acts as this user."))
    @option("--title", default="", metavar="TEXT", help=_("What people read."))
    def add(cli: Invocation, name: str, like: str, login: str | None, title: str) -> None:
        """Add a source and print its address and its secret, this once."""
        from crmkit import link_address

        values: dict[str, Any] = {"name": name, "like": like, "title": title}
        if login is not None:
            values["runs_as_id"] = _user_id(cli, login)
        source = cli.run("integration.source.create", values)
        link = cli.run("integration.source.link", target=source.id)
        made = cli.run("integration.source.rotate", target=source.id) if source.scheme != "none" else None
        said = {
            "id": source.id,
            "address": link_address(cli.crm, link),
            "secret": None if made is None else made.secret,
        }
        if cli.json:
            cli.output.document(said)
            return
        cli.output.say(_("Address: {address}"), address=said["address"])
        if made is not None:
            cli.output.say(_("Secret: {secret}"), secret=made.secret)
        cli.output.say(_("Neither is shown again."))

    @command(sources, "link", _("Make a new address for a source; the one before ends."))
    @click.argument("name")
    def link(cli: Invocation, name: str) -> None:
        """Print a new address, this once."""
        from crmkit import link_address

        made = cli.run("integration.source.link", target=_source(cli, name).id)
        cli.output.document({"address": link_address(cli.crm, made), "expires_at": made.expires_at})

    @command(sources, "rotate", _("Make a new secret for a source."))
    @click.argument("name")
    @option("--hours", type=click.IntRange(0, 720), default=24, show_default=True, help=_("So long both hold."))
    def rotate(cli: Invocation, name: str, hours: int) -> None:
        """Print a new secret, this once."""
        made = cli.run("integration.source.rotate", {"hours": hours}, target=_source(cli, name).id)
        cli.output.document({"secret": made.secret, "previous_until": made.previous_until})

    @command(sources, "map", _("Say what a web-hook of a source does."))
    @click.argument("name")
    @click.argument("operation")
    @option("--set", "inputs", multiple=True, metavar="INPUT=TERM", help=_("An input, such as name=$.customer.name."))
    @option("--name", "names", multiple=True, metavar="NAME=TERM", help=_("What the condition speaks of."))
    @option("--when", default="", metavar="CONDITION", help=_("Only when this holds."))
    @option("--target", default="", metavar="TERM", help=_("The record that the operation acts on."))
    @option("--position", type=int, default=0, help=_("Place in the order."))
    def mapping(
        cli: Invocation,
        name: str,
        operation: str,
        inputs: tuple[str, ...],
        names: tuple[str, ...],
        when: str,
        target: str,
        position: int,
    ) -> None:
        """Add a mapping to a source."""
        values = {
            "source_id": _source(cli, name).id,
            "operation": operation,
            "inputs": _pairs(inputs),
            "names": _pairs(names),
            "when": when,
            "target": target,
            "position": position,
        }
        made = cli.run("integration.mapping.create", values)
        if cli.json:
            cli.output.document({"id": made.id})
        else:
            cli.output.say(_("{name} runs {operation} now."), name=name, operation=operation)

    @command(sources, "preview", _("Show what a web-hook would do."))
    @click.argument("name")
    @click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
    @option("--header", "headers", multiple=True, metavar="NAME=VALUE", help=_("A header that comes with it."))
    def preview(cli: Invocation, name: str, file: str, headers: tuple[str, ...]) -> None:
        """Print what a source's mappings make of a body; nothing is done."""
        from crmkit_integration.receiving.models import WebhookSource
        from crmkit_integration.receiving.previewing import preview as previewed

        body = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        given = {key.lower(): value for key, value in _pairs(headers).items()}
        identity = _source(cli, name).id
        with cli.session() as session:
            found = previewed(session, session.get_one(WebhookSource, identity), body, given)
        call = found.call
        cli.output.document(
            {
                "mappings": [{"title": title, "holds": holds} for title, holds in found.taken],
                "operation": None if call is None else call.operation,
                "target": None if call is None else call.target,
                "input": None if call is None else dict(call.values),
                "problems": [
                    {"field": values.get("field"), "message": cli.text(message, **values)}
                    for message, values in found.problems
                ],
            }
        )


def _add_received(received: click.Group) -> None:
    @command(received, "list", _("List web-hooks that came; without a state those in quarantine."))
    @option("--state", default="quarantined", metavar="STATE", help=_("Those in this state; all for every one."))
    @option("--source", "name", default=None, metavar="NAME", help=_("Those of one source."))
    @option("--limit", type=click.IntRange(1, 1000), default=LISTED, show_default=True, help=_("Most of them."))
    def listing(cli: Invocation, state: str, name: str | None, limit: int) -> None:
        """Print what came, the newest first."""
        from sqlalchemy import select

        from crmkit_integration.receiving.models import ReceivedWebhook

        query = select(ReceivedWebhook).order_by(ReceivedWebhook.received_at.desc(), ReceivedWebhook.id).limit(limit)
        if state != "all":
            query = query.where(ReceivedWebhook.state == state)
        if name is not None:
            query = query.where(ReceivedWebhook.source_id == _source(cli, name).id)
        with cli.session() as session:
            rows = [_row(each) for each in session.scalars(query)]
        columns = (
            Column("id", _("Id")),
            Column("received_at", _("Received")),
            Column("state", _("State")),
            Column("reason", _("Reason")),
            Column("place", _("Where")),
            Column("operation", _("Operation")),
            Column("result", _("Result")),
        )
        cli.output.table(columns, rows, empty=_("There is none."))

    @command(received, "show", _("Show a web-hook that came."))
    @click.argument("identity", metavar="ID")
    def show(cli: Invocation, identity: str) -> None:
        """Print a web-hook with what is wrong with it."""
        from crmkit import NotFound
        from crmkit_integration.receiving.models import ReceivedWebhook
        from crmkit_integration.receiving.pages import problems_of

        with cli.session() as session:
            found = session.get(ReceivedWebhook, _id(identity))
            if found is None:
                raise NotFound(_("There is no web-hook {id}."), id=identity)
            said = {
                **_row(found),
                "body": found.body,
                "headers": found.headers,
                "problems": [cli.text(message, **values) for message, values in problems_of(found)],
            }
        cli.output.document(said)

    for verb, title in (("retry", _("Try a web-hook again.")), ("drop", _("Give a web-hook up."))):
        _add_act(received, verb, title)

    @command(received, "mend", _("Put another body in place of what came, and try again."))
    @click.argument("identity", metavar="ID")
    @click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
    def mend(cli: Invocation, identity: str, file: str) -> None:
        """Mend a web-hook by a file with JSON, and print what became of it."""
        body = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        cli.run("integration.received.mend", {"body": body}, target=_id(identity))
        _work_off(cli, _id(identity))


def _add_act(received: click.Group, verb: str, title: str) -> None:
    @command(received, verb, title)
    @click.argument("identity", metavar="ID")
    def act(cli: Invocation, identity: str) -> None:
        """Do it, and print what became of the web-hook."""
        cli.run(f"integration.received.{verb}", target=_id(identity))
        _work_off(cli, _id(identity))


def _work_off(cli: Invocation, identity: UUID) -> None:
    from crmkit_integration.receiving.models import ReceivedWebhook
    from crmkit_integration.receiving.processing import work_off

    with cli.session() as session:
        running = session.get_one(ReceivedWebhook, identity).state == "running"
    if running:
        # A worker's job finds it done already.
        work_off(cli.crm, identity)
    with cli.session() as session:
        cli.output.document(_row(session.get_one(ReceivedWebhook, identity)))


def _row(found: Any) -> dict[str, Any]:
    names = (
        "id",
        "received_at",
        "state",
        "reason",
        "place",
        "code",
        "external_id",
        "operation",
        "result",
        "attempts",
        "size",
    )
    return {name: getattr(found, name) for name in names}


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    for name, equals, _value in pairs:
        if not equals or not name:
            raise click.UsageError("NAME=VALUE")
    return {name: value for name, _equals, value in pairs}


def _id(text: str) -> UUID:
    from crmkit import NotFound

    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(_("There is no web-hook {id}."), id=text[:80]) from error


def _source(cli: Invocation, name: str) -> WebhookSource:
    from sqlalchemy import select

    from crmkit import NotFound
    from crmkit_integration.receiving.models import WebhookSource

    with cli.session() as session:
        found = session.scalar(select(WebhookSource).where(WebhookSource.name == name))
    if found is None:
        raise NotFound(_('There is no source "{name}".'), name=name)
    return found


def _user_id(cli: Invocation, login: str) -> UUID:
    from sqlalchemy import select

    from crmkit import NotFound, User

    with cli.session() as session:
        found = session.scalar(select(User.id).where(User.login == login))
    if found is None:
        raise NotFound(_('There is no user "{login}".'), login=login)
    return found
