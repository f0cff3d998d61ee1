"""``crmkit work notices``: what somebody is told."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_work")


def add_to(work: click.Group) -> None:
    """Add the commands of this room to a group."""

    @command(work, "notices", _("List what you are told, unread first. Reading them here marks nothing as read."))
    @option("--unread", is_flag=True, help=_("Only what is unread."))
    @option("--kind", metavar="KIND", default="", help=_("Only one kind, such as approval."))
    @option("--limit", type=click.IntRange(1, 500), default=50, metavar="N", help=_("How many (50)."))
    @option("--read", "mark", is_flag=True, help=_("Mark them all as read."))
    def notices(cli: Invocation, unread: bool, kind: str, limit: int, mark: bool) -> None:
        """Print the notices of whoever calls."""
        from crmkit_work.notices.reading import told

        language = cli.language
        with cli.session() as session:
            rows = [
                {
                    "id": each.id,
                    "kind": each.kind,
                    "title": each.title,
                    "text": each.text or None,
                    "path": each.path or None,
                    "ref": each.ref,
                    "urgent": each.urgent,
                    "created_at": each.created_at,
                    "read_at": each.read_at,
                }
                for each in told(session, language, unread=unread, kind=kind, limit=limit)
            ]
        if mark:
            cli.run("work.notice.read_all", {"kind": kind})
        columns = (
            Column("created_at", _("When")),
            Column("kind", _("Kind")),
            Column("title", _("Title")),
            Column("urgent", _("Urgent")),
            Column("read_at", _("Read at")),
        )
        cli.output.table(columns, rows, empty=_("There are no notices."))
