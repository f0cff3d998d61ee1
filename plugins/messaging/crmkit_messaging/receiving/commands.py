"""``crmkit messaging receive``, ``fetch``, ``mails`` and ``bounces``."""

from __future__ import annotations

import sys
from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_messaging")

EX_OK, EX_DATAERR, EX_TEMPFAIL, EX_NOPERM = 0, 65, 75, 77
"""What mail servers understand of a program that takes a mail (sysexits.h): taken, no mail, try again later, not
allowed."""


def add_to(group: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(
        group,
        "receive",
        _("Take in a mail from standard input. Exit codes: 0 taken, 65 no mail, 75 try again later, 77 not allowed."),
    )
    @click.argument("mailbox")
    def receive(cli: Invocation, mailbox: str) -> None:
        """Take in one mail. Whatever goes wrong that may be over later ends with 75: the mail server keeps the mail and
        tries again."""
        raise click.exceptions.Exit(take_in(cli, mailbox))

    @command(group, "fetch", _("Read the mailboxes now, and take in what is new."))
    @option("--mailbox", metavar="NAME", help=_("This one alone."))
    def fetch(cli: Invocation, mailbox: str | None) -> None:
        """Read mailboxes in this process."""
        from crmkit import NotFound
        from crmkit_messaging.receiving.fetching import INBOUND, fetch_mailbox
        from crmkit_messaging.receiving.mailboxes import readable_mailboxes

        cli.run("messaging.mailbox.fetch")
        with cli.crm.session(INBOUND) as session:
            names = readable_mailboxes(session)
        if mailbox is not None and mailbox not in names:
            raise NotFound(_('There is no mailbox "{mailbox}" that is read.'), mailbox=mailbox)
        system = cli.crm.system("reading mailboxes")
        for name in names if mailbox is None else [mailbox]:
            fetch_mailbox(cli.crm, system, name)
        _places(cli)

    @command(group, "mails", _("List the mails that came in last."))
    @option("--unresolved", is_flag=True, help=_("Those alone whose sender is unknown."))
    @option("--limit", type=click.IntRange(1, 10_000), default=50, metavar="N", help=_("At most so many (50)."))
    def mails(cli: Invocation, unresolved: bool, limit: int) -> None:
        """Print mails, the newest first."""
        _mails(cli, unresolved=unresolved, limit=limit)

    @command(group, "bounces", _("List the messages that came back, and complaints."))
    @option("--limit", type=click.IntRange(1, 10_000), default=50, metavar="N", help=_("At most so many (50)."))
    def bounces(cli: Invocation, limit: int) -> None:
        """Print bounces, the newest first."""
        _bounces(cli, limit)


def take_in(cli: Invocation, mailbox: str) -> int:
    """Take in the mail on standard input, and return the exit code."""
    from crmkit_messaging.receiving.parsing import LARGEST

    raw = sys.stdin.buffer.read(LARGEST + 1)
    if not raw.strip():
        cli.output.warn(_("There is no mail on standard input."))
        return EX_DATAERR
    if len(raw) > LARGEST:
        cli.output.warn(_("The mail is larger than {limit} bytes."), limit=LARGEST)
        return EX_DATAERR
    try:
        from crmkit_messaging.receiving.fetching import receive_mail

        crm = cli.crm
        with cli.session() as session:
            if session.guarding.rights.scope("messaging.mail", "receive") == "none":
                cli.output.warn(_("Taking mails in needs the right {right}."), right="messaging.mail.receive")
                return EX_NOPERM
        found = receive_mail(crm, raw, mailbox)
    except Exception as error:  # Whatever it is: the mail must stay with its server, and no one is to be told a secret.
        from crmkit import CrmkitError

        said = error.render(cli.language) if isinstance(error, CrmkitError) else type(error).__name__
        cli.output.warn(_("The mail cannot be taken in now: {reason}"), reason=said)
        return EX_TEMPFAIL
    if cli.json:
        cli.output.document(
            {
                "interaction_id": found.interaction_id,
                "customer_id": found.customer_id,
                "kind": found.kind,
                "duplicate": found.duplicate,
            }
        )
    return EX_OK


def _places(cli: Invocation) -> None:
    from sqlalchemy import select

    from crmkit_messaging.receiving.models import MailboxPlace

    with cli.session() as session:
        rows = [
            {
                "mailbox": each.mailbox,
                "folder": each.folder,
                "fetched_at": each.fetched_at,
                "last_uid": each.last_uid,
                "error": each.error,
            }
            for each in session.scalars(select(MailboxPlace).order_by(MailboxPlace.mailbox, MailboxPlace.folder))
        ]
    columns = (
        Column("mailbox", _("Mailbox")),
        Column("folder", _("Folder")),
        Column("fetched_at", _("Last read")),
        Column("last_uid", _("Number on the server"), "right"),
        Column("error", _("Error")),
    )
    cli.output.table(columns, rows, empty=_("No mailbox is read: give one an IMAP server."))


def _mails(cli: Invocation, *, unresolved: bool, limit: int) -> None:
    from sqlalchemy import select

    from crmkit import Interaction
    from crmkit_messaging.receiving.models import KINDS, ReceivedMail

    with cli.session() as session:
        query = select(ReceivedMail, Interaction).join(Interaction, Interaction.id == ReceivedMail.interaction_id)
        if unresolved:
            query = query.where(ReceivedMail.unresolved)
        found = session.execute(
            query.order_by(ReceivedMail.received_at.desc(), ReceivedMail.id.desc()).limit(limit)
        ).all()
        rows: list[dict[str, Any]] = [
            {
                "received_at": mail.received_at,
                "kind": mail.kind if cli.json else KINDS[mail.kind],
                "subject": interaction.subject,
                "customer_id": mail.customer_id,
                "mailboxes": mail.mailboxes,
                "unresolved": mail.unresolved,
                "interaction_id": interaction.id,
                "id": mail.id,
            }
            for mail, interaction in found
        ]
    columns = (
        Column("received_at", _("Received at")),
        Column("kind", _("Kind")),
        Column("subject", _("Subject")),
        Column("customer_id", _("Customer")),
        Column("mailboxes", _("Mailboxes")),
    )
    cli.output.table(columns, rows, empty=_("No mail has come in yet."))


def _bounces(cli: Invocation, limit: int) -> None:
    from sqlalchemy import select

    from crmkit_messaging.receiving.models import SEVERITIES, Bounce

    with cli.session() as session:
        found = session.scalars(select(Bounce).order_by(Bounce.happened_at.desc(), Bounce.id.desc()).limit(limit))
        rows = [
            {
                "happened_at": each.happened_at,
                "severity": each.severity if cli.json else SEVERITIES[each.severity],
                "status": each.status,
                "customer_id": each.customer_id,
                "message_id": each.message_id,
                "suppressed": each.suppressed,
                "id": each.id,
            }
            for each in found
        ]
    columns = (
        Column("happened_at", _("When")),
        Column("severity", _("What happened")),
        Column("status", _("Status")),
        Column("customer_id", _("Customer")),
        Column("message_id", _("Outgoing message")),
        Column("suppressed", _("The address was suppressed")),
    )
    cli.output.table(columns, rows, empty=_("Nothing has come back yet."))
