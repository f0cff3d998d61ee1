"""``crmkit messaging mailbox``: setting mailboxes up, trying them, looking at their domains."""

from __future__ import annotations

import click

from crmkit import InvalidInput, NotFound, Problem, texts
from crmkit.cli.api import Column, Invocation, Question, ask_secrets, command, group, option

_ = texts("crmkit_messaging")

mailbox = group(help=_("List, set up and check mailboxes."), name="mailbox")
"""The group ``crmkit messaging mailbox``."""


@command(mailbox, "list", _("List the mailboxes."))
def list_(cli: Invocation) -> None:
    """Print the mailboxes."""
    from sqlalchemy import select

    from crmkit_messaging.mail.domains import STATES, overall
    from crmkit_messaging.mail.models import Mailbox

    with cli.session() as session:
        rows = [
            {
                "name": each.name,
                "address": each.address,
                "smtp": each.smtp_host,
                "imap": each.imap_host,
                "active": each.active,
                "usual": each.usual,
                "domain": overall(each.sender_check) if cli.json else STATES[overall(each.sender_check)],
                "id": each.id,
            }
            for each in session.scalars(select(Mailbox).order_by(Mailbox.name))
        ]
    columns = (
        Column("name", _("Name")),
        Column("address", _("Address")),
        Column("smtp", _("SMTP server")),
        Column("imap", _("IMAP server")),
        Column("active", _("Active")),
        Column("usual", _("Usual")),
        Column("domain", _("Domain")),
    )
    cli.output.table(columns, rows, empty=_("There is no mailbox yet: crmkit messaging mailbox new sets one up."))


@command(mailbox, "new", _("Set up a mailbox."))
@click.argument("name")
@click.argument("address")
@option("--title", metavar="TEXT", default="", help=_("What people read; by default the name."))
@option("--as", "display_name", metavar="TEXT", default="", help=_("The name beside the address."))
@option("--smtp", metavar="HOST[:PORT]", help=_("The server that mail leaves by."))
@option("--smtp-security", type=click.Choice(("tls", "starttls", "none")), default="starttls", help=_("starttls."))
@option("--smtp-user", metavar="USER", help=_("The account on it."))
@option("--imap", metavar="HOST[:PORT]", help=_("The server where mail comes in."))
@option("--imap-security", type=click.Choice(("tls", "starttls", "none")), default="tls", help=_("tls."))
@option("--imap-user", metavar="USER", help=_("The account on it."))
@option("--dkim", "dkim_selector", metavar="SELECTOR", help=_("The selector that the server signs with."))
@option("--private", is_flag=True, help=_("Its servers may be in the own network."))
@option("--usual", is_flag=True, help=_("Mail leaves by it where no other one is named."))
def new(cli: Invocation, name: str, address: str, smtp: str | None, imap: str | None, **given: object) -> None:
    """Set up a mailbox."""
    values = {"name": name, "address": address, **{key: value for key, value in given.items() if value is not None}}
    values |= _server("smtp", smtp, 465 if given["smtp_security"] == "tls" else 587)
    values |= _server("imap", imap, 993 if given["imap_security"] == "tls" else 143)
    made = cli.run("messaging.mailbox.create", values)
    document = {"id": made.id, "name": made.name}
    cli.output.record([(_("Name"), made.name), (_("Address"), made.address)], json=document)
    if made.smtp_user or made.imap_user:
        cli.output.say(_("crmkit messaging mailbox password {name} asks for its password."), name=made.name)


@command(mailbox, "password", _("Ask for the password of a mailbox, or read it from the standard input."))
@click.argument("name")
@option("--smtp/--imap", "smtp", default=None, help=_("Of one server alone; by default of both."))
def password(cli: Invocation, name: str, smtp: bool | None) -> None:
    """Keep a password."""
    identity = _identity(cli, name)
    (given,) = ask_secrets(cli, [Question(_("Password"))])
    if not given:
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="password")])
    kinds = ("smtp", "imap") if smtp is None else ("smtp",) if smtp else ("imap",)
    cli.run("messaging.mailbox.update", {f"{kind}_password": given for kind in kinds}, target=identity)
    cli.output.say(_("It is kept, and shown to nobody."))


@command(mailbox, "check", _("Look at the SPF, DKIM and DMARC of a mailbox's domain now."))
@click.argument("name")
def check(cli: Invocation, name: str) -> None:
    """Print what was found; the exit code is 1 where something is missing or wrong."""
    from crmkit_messaging.mail.domains import STATES, TEXTS, check_mailbox, overall
    from crmkit_messaging.mail.models import Mailbox

    identity = _identity(cli, name)
    check_mailbox(cli.crm, cli.actor, str(identity))
    with cli.session() as session:
        found = dict(session.get_one(Mailbox, identity).sender_check)
    rows = [
        {
            "part": part,
            "state": each["state"] if cli.json else STATES[each["state"]],
            "code": each["code"],
            "about": cli.text(TEXTS[each["code"]], **each["values"]),
        }
        for part, each in found.items()
    ]
    columns = (Column("part", _("Part")), Column("state", _("State")), Column("about", _("What was found")))
    cli.output.table(columns, rows)
    if overall(found) in ("missing", "wrong"):
        raise SystemExit(1)


def _server(kind: str, text: str | None, usual: int) -> dict[str, object]:
    if text is None:
        return {}
    host, colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    if colon and not port.isdigit():
        raise InvalidInput([Problem(InvalidInput.code, _("Write it as HOST or HOST:PORT."), field=f"--{kind}")])
    return {f"{kind}_host": host, f"{kind}_port": int(port) if colon else usual}


def _identity(cli: Invocation, name: str) -> object:
    from sqlalchemy import select

    from crmkit_messaging.mail.models import Mailbox

    with cli.session() as session:
        found = session.scalar(select(Mailbox.id).where(Mailbox.name == name))
    if found is None:
        raise NotFound(_('There is no mailbox "{name}".'), name=name)
    return found
