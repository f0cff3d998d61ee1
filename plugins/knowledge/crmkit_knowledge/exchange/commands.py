"""``crmkit knowledge export`` and ``site``: the base as a folder, and what is public of it as pages."""

from __future__ import annotations

from pathlib import Path

import click
from attrs import asdict

from crmkit import texts
from crmkit.cli.api import Invocation, command, option

_ = texts("crmkit_knowledge")

FOLDER = click.Path(file_okay=False, path_type=Path)


def add_to(group: click.Group) -> None:
    """Add the commands to those of knowledge."""

    @command(
        group,
        "export",
        _("Write the whole base as a folder of Markdown with its files; import takes it back as it was."),
    )
    @click.argument("folder", type=FOLDER)
    @option("--revisions", is_flag=True, help=_("With every revision, for people to read."))
    @option("--replace", is_flag=True, help=_("In place of an earlier one of these."))
    def export_(cli: Invocation, folder: Path, revisions: bool, replace: bool) -> None:
        """Write the folder and print what is in it."""
        from crmkit_knowledge.exchange.writing import export_folder

        cli.crm.run(cli.actor, "knowledge.article.export")
        with cli.output.progress(_("Exporting")) as advance:
            made = export_folder(cli.crm, cli.actor, folder, replace=replace, revisions=revisions, done=advance)
        if cli.output.json:
            cli.output.document({"folder": str(folder), **asdict(made)})
        else:
            cli.output.say(
                _("{articles} articles and {files} files were written to {folder}."),
                articles=made.articles,
                files=made.files,
                folder=str(folder),
            )

    @command(group, "site", _("Write what everybody may read as a folder of pages without scripts."))
    @click.argument("folder", type=FOLDER)
    @option("--address", metavar="URL", default="", help=_("Where it will stand, for the site map and the feed."))
    @option("--replace", is_flag=True, help=_("In place of an earlier one of these."))
    def site_(cli: Invocation, folder: Path, address: str, replace: bool) -> None:
        """Write the folder and print what is in it."""
        from crmkit_knowledge.exchange.site import write_site

        with cli.output.progress(_("Writing pages")) as advance:
            made = write_site(cli.crm, folder, address=address, replace=replace, done=advance)
        if cli.output.json:
            cli.output.document({"folder": str(folder), **asdict(made)})
        else:
            cli.output.say(
                _("{pages} pages and {files} files were written to {folder}."),
                pages=made.pages,
                files=made.files,
                folder=str(folder),
            )
