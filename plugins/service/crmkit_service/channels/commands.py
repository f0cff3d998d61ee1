"""``crmkit service channel``: where cases come in, and the addresses of forms."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group

_ = texts("crmkit_service")


def add_to(service: click.Group) -> None:
    """Add the commands of this room to a group."""
    channel = group(help=_("Where cases come in: mailboxes and forms."), name="channel")
    service.add_command(channel)

    @command(channel, "list", _("List where cases come in."))
    def channels(cli: Invocation) -> None:
        """Print the channels."""
        from sqlalchemy import select

        from crmkit_service.channels.models import ServiceChannel

        with cli.session() as session:
            found = session.scalars(select(ServiceChannel).order_by(ServiceChannel.name)).all()
        rows = [
            {
                "name": each.name,
                "title": each.title,
                "kind": each.kind,
                "mailbox": each.mailbox or "",
                "active": each.active,
            }
            for each in found
        ]
        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("kind", _("Kind")),
            Column("mailbox", _("Mailbox")),
            Column("active", _("Active")),
        )
        cli.output.table(columns, rows, empty=_("There is no channel yet."))

    @command(channel, "link", _("Make the address of a form."))
    @click.argument("name")
    def link(cli: Invocation, name: str) -> None:
        """Print the new address of a form; the one before opens nothing any more."""
        from sqlalchemy import select

        from crmkit import NotFound, link_address
        from crmkit_service.channels.models import ServiceChannel

        with cli.session() as session:
            found = session.scalar(select(ServiceChannel.id).where(ServiceChannel.name == name))
        if found is None:
            raise NotFound(_('There is no channel "{name}".'), name=name)
        made = cli.run("service.channel.link", target=found)
        cli.output.document({"address": link_address(cli.crm, made), "expires_at": made.expires_at})
