"""``crmkit backup`` and ``crmkit restore``: the data of an installation, without its keys."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.i18n import texts

_ = texts("crmkit")

_FOLDER = click.Path(file_okay=False, path_type=Path)


@single(
    "backup",
    _("Back up database and attachments into a new folder, and prove the backup by restoring it. Keys are left out."),
)
@option(
    "--to",
    "folder",
    metavar="DIR",
    type=_FOLDER,
    help=_("Folder to make; by default backups/TIME in the installation."),
)
def backup(cli: Invocation, folder: Path | None) -> None:
    """Make a backup and print what it holds."""
    from crmkit.backup.backup import backup as make
    from crmkit.core.store.clock import system_now

    if folder is None:
        home = cli.settings.home or Path.cwd()
        folder = home / "backups" / f"{system_now():%Y%m%dT%H%M%SZ}"
    with cli.output.progress(_("Backing up")) as advance:
        report = make(cli.crm, folder, progress=lambda step, done, total: advance(done, total))
    document = {
        "folder": report.folder,
        "taken_at": report.manifest.taken_at,
        "engine": report.manifest.engine,
        "size": report.size,
        "rows": report.rows,
        "files": len(report.manifest.files),
        "proved": report.proved,
        "note": cli.text(report.note) if report.note else None,
    }
    if cli.json:
        cli.output.document(document)
        return
    cli.output.record(
        [
            (_("Folder"), report.folder),
            (_("Taken at"), report.manifest.taken_at),
            (_("Rows"), report.rows),
            (_("Size (bytes)"), report.size),
            (_("Proved by restoring"), report.proved),
        ]
    )
    if report.note:
        cli.output.warn(report.note)


@single("restore", _("Restore a backup into an installation that holds no data, or in place of its data with --force."))
@click.argument("folder", type=click.Path(exists=False, path_type=Path))
@option("--force", is_flag=True, help=_("Replace the data that is there."))
@option(
    "--unproved",
    is_flag=True,
    help=_("Restore without looking at signature, audit log and sealed values, as when the keys are lost."),
)
@option("--yes", "-y", is_flag=True, help=_("Do not ask before data is replaced."))
def restore(cli: Invocation, folder: Path, force: bool, unproved: bool, yes: bool) -> None:
    """Restore a backup and print what came back."""
    from crmkit.backup.backup import restore as bring_back

    settings = cli.settings
    if force:
        confirm(cli, _("Replace all data of {home} by the backup?"), yes=yes, home=settings.home or settings.database)
    with cli.output.progress(_("Restoring")) as advance:
        report = bring_back(
            folder,
            settings,
            force=force,
            unproved=unproved,
            progress=lambda step, done, total: advance(done, total),
        )
    manifest = report.manifest
    rows = sum(manifest.counts.values())
    notes = [error.render(cli.language) for error in report.notes]
    if cli.json:
        cli.output.document(
            {
                "folder": folder.absolute(),
                "taken_at": manifest.taken_at,
                "rows": rows,
                "restored": True,
                "proved": report.proof is not None,
                "erased_again": report.erased_again,
                "notes": notes,
            }
        )
        return
    cli.output.say(_("Restored: {rows} rows as of {taken_at}."), rows=rows, taken_at=manifest.taken_at)
    if report.erased_again:
        cli.output.say(_("Erased again: {number} persons."), number=report.erased_again)
    for note in notes:
        cli.output.warn(_("Not done after the restore: {reason}"), reason=note)
