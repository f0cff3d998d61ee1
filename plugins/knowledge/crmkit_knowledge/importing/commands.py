"""``crmkit knowledge import``: articles from a folder, an archive or a file."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_knowledge")

MANY = ("folder", ".zip", ".md", ".markdown", ".html", ".htm")


def add_to(group: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(
        group,
        "import",
        _(
            "Take articles over: a folder or ZIP archive of Markdown or HTML, JSON lines, JSON of a help centre, CSV. "
            "Each comes once, however often it is imported."
        ),
    )
    @click.argument("file", type=click.Path(exists=True, path_type=Path))
    @option("--space", metavar="NAME", default="", help=_("Into this space."))
    @option("--source", metavar="NAME", default="", help=_("What the system is called; without it the file."))
    @option("--draft", is_flag=True, help=_("As drafts, to be approved here."))
    @option("--dry-run", is_flag=True, help=_("Say what would become of each, and write nothing."))
    def import_(cli: Invocation, file: Path, space: str, source: str, draft: bool, dry_run: bool) -> None:
        """Take a file over and print what became of its articles."""
        from crmkit_knowledge.exchange.reading import base_of, incoming
        from crmkit_knowledge.importing.taking import BECAME, Taking

        taking = Taking(
            crm=cli.crm,
            actor=cli.actor,
            source=(source or file.resolve().stem)[:60],
            space=space,
            publish=not draft,
            dry=dry_run,
            language=cli.language,
        )
        with cli.output.progress(_("Importing")) as advance:
            kind = "folder" if file.is_dir() else file.suffix.lower()
            if kind in MANY:
                found = list(incoming(file))
                taking.prepare(base_of(file), found)
                taking.take(found, lambda done: advance(done, len(found)))
            else:
                taking.take(incoming(file), lambda done: advance(done, None))
        counts = {name: taking.became[name] for name in BECAME}
        columns = (Column("place", _("Where")), Column("why", _("Why")))
        more = {"file": file.name, "dry_run": dry_run, **counts}
        cli.output.table(columns, taking.refused, more=more, empty=_("Nothing was refused."))
        if not cli.output.json:
            cli.output.say(
                _("{created} created, {updated} updated, {unchanged} unchanged, {refused} refused."),
                created=counts["created"],
                updated=counts["updated"],
                unchanged=counts["unchanged"],
                refused=len(taking.refused),
            )
            if counts["in_work"]:
                cli.output.say(_("{number} are being worked on here and were left alone."), number=counts["in_work"])
            if dry_run:
                cli.output.say(_("Nothing was written."))
