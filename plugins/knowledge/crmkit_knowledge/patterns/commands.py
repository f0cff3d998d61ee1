"""``crmkit knowledge patterns``: the templates of articles."""

from __future__ import annotations

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, group
from crmkit_knowledge.patterns.finding import patterns_of

_ = texts("crmkit_knowledge")


def add_to(above: click.Group) -> None:
    """Add the commands to those of knowledge."""
    patterns = group(help=_("Templates of articles."), name="patterns")
    above.add_command(patterns)

    @command(patterns, "install", _("Add the templates that come along."))
    def install(cli: Invocation) -> None:
        """Add what is not there yet, and print the names."""
        made = cli.crm.run(cli.actor, "knowledge.pattern.install")
        cli.output.table(
            (Column("name", _("Name")),), [{"name": each} for each in made], empty=_("All of them are there.")
        )

    @command(patterns, "list", _("List the templates that are active."))
    def list_(cli: Invocation) -> None:
        """Print the templates."""
        columns = tuple(
            Column(name, title)
            for name, title in (
                ("name", _("Name")),
                ("title", _("Title")),
                ("kind", _("Kind")),
                ("language", _("Language")),
            )
        )
        with cli.crm.session(cli.actor) as session:
            rows = [
                {"name": each.name, "title": each.title, "kind": each.kind, "language": each.language}
                for each in patterns_of(session)
            ]
        cli.output.table(columns, rows, empty=_("There is none yet."))
