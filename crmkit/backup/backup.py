"""Backups that are proved: the data of an installation in one folder, with a manifest, restored once before it counts.

Takes the database and the attachments, never the keys: whoever finds a backup must not find what opens it. Must not
know what the tables mean, nor what a proof looks at.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from attrs import evolve, frozen

import crmkit
from crmkit.backup.archives import FileEntry, Snapshot, copy_hashed, hash_of, says
from crmkit.backup.proof import Proof, examine_copy
from crmkit.backup.settling import settle
from crmkit.core.store.actor import Actor
from crmkit.core.store.engine import Engines, open_engines
from crmkit.core.store.ids import new_id
from crmkit.errors import BackupError, CrmkitError, VaultError
from crmkit.i18n import texts
from crmkit.private import make_private_file, make_private_folder
from crmkit.settings import Settings

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files"

Progress = Callable[[str, int, int], None]
"""Told the step ("database", "files", "proof", "restore"), how much of it is done and how much there is; the units are
pages of an SQLite database, files, or parts of one."""


@frozen(kw_only=True)
class BackupManifest:
    """What a backup holds. ``taken_at`` is the UTC instant of its snapshot; ``counts`` are rows by table, ``revisions``
    the schema's by version table, ``files`` every file by its path in the folder."""

    format: int
    crmkit: str
    engine: str
    schema: str | None
    taken_at: datetime
    revisions: Mapping[str, str]
    counts: Mapping[str, int]
    files: Mapping[str, FileEntry]
    signature: str = ""
    """Signature of everything else by the installation (Ed25519, in hexadecimal); empty where its keys were not at
    hand."""

    @property
    def signed(self) -> bytes:
        """Return the bytes that the signature is of."""
        return msgspec.json.encode(evolve(self, signature="", taken_at=self.taken_at.astimezone(UTC)))


@frozen(kw_only=True)
class BackupReport:
    """A backup that was made. ``proved`` says whether it was restored into a scratch database and found to be whole,
    and ``proof`` what was looked at; where that could not be tried ``note`` says why."""

    folder: Path
    manifest: BackupManifest
    proved: bool
    proof: Proof | None = None
    note: str = ""

    @property
    def size(self) -> int:
        """Return the size of all files in bytes."""
        return sum(entry.size for entry in self.manifest.files.values())

    @property
    def rows(self) -> int:
        """Return how many rows the backup holds."""
        return sum(self.manifest.counts.values())


@frozen(kw_only=True)
class RestoreReport:
    """A backup that was restored: what it held, what was looked at before it took its place, how many persons were
    erased again since they had been erased after it was made, and what could not be done (without proof only)."""

    manifest: BackupManifest
    proof: Proof | None
    erased_again: int
    notes: tuple[CrmkitError, ...] = ()


def backup(crm: CRM, folder: Path, *, progress: Progress | None = None) -> BackupReport:
    """Back up the data of an open CRM into a new folder, prove the backup by restoring it, and return what it holds.

    Other processes may go on writing. The folder appears only when everything in it is complete and proved.

    Raises BackupError when the folder exists, when the database cannot be read or the backup does not prove, and
    MissingExtra when PostgreSQL's programs are not installed.
    """
    say = progress or _silent
    folder = folder.absolute()
    _refuse_keys(crm.settings)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(_("{folder} is not empty."), fix=_("Name a new folder."), folder=folder)
    part = folder.with_name(f".{folder.name}.{str(new_id())[-8:]}.part")
    try:
        make_private_folder(part)
        archive = archive_of(crm.engines, crm.settings)
        taken_at = crm.clock.now()
        snapshot = archive.dump(part / archive.NAME, say)
        files = {archive.NAME: hash_of(part / archive.NAME)}
        files.update(_copy_files(crm.settings.files, part, say))
        manifest = BackupManifest(
            format=FORMAT,
            crmkit=crmkit.__version__,
            engine=crm.engines.dialect,
            schema=archive.schema,
            taken_at=taken_at,
            revisions=snapshot.revisions,
            counts=snapshot.counts,
            files=files,
        )
        proofs: list[Proof] = []
        notes: list[str] = []
        note = ""
        try:
            manifest = evolve(manifest, signature=crm.vault.sign(manifest.signed).hex())
        except VaultError:
            note = _("The keys are not at hand, so the backup was neither signed nor proved.")
        _write_manifest(part, manifest)
        say("proof", 0, 1)
        note = archive.prove(part / archive.NAME, snapshot, _examiner(crm, manifest, proofs, notes)) or note
        note = note or next(iter(notes), "")
        say("proof", 1, 1)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except OSError as error:
        raise BackupError(_("The backup cannot be written: {reason}."), reason=says(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    report = BackupReport(
        folder=folder, manifest=manifest, proved=not note, proof=proofs[0] if proofs else None, note=note
    )
    if report.proved:
        crm.run(Actor.system("backup"), "backup.note", {"taken_at": taken_at})
    return report


def _examiner(crm: CRM, manifest: BackupManifest, proofs: list[Proof], notes: list[str]) -> Callable[[str], None]:
    """Return what examines a copy of the database at an address, and adds to the lists what it finds to be right, or
    what is wrong: that is so in the database itself as well, and all the more reason to have a backup."""

    def examine(url: str) -> None:
        if not manifest.signature:
            return
        try:
            proofs.append(
                examine_copy(
                    crm.settings,
                    url,
                    signed=manifest.signed,
                    signature=bytes.fromhex(manifest.signature),
                    models=crm.registry.models.values(),
                    providers=lambda: crm.vault.providers,
                )
            )
        except CrmkitError as error:
            notes.append(error.render(crm.settings.language))

    return examine


def _refuse_keys(settings: Settings) -> None:
    keys, files = settings.with_keys(os.environ).keys, settings.files
    if keys is not None and files is not None and keys.resolve().is_relative_to(files.resolve()):
        raise BackupError(
            _("The keys in {keys} lie among the attachments, and the backup would take them along."),
            fix=_("Move them out, and set keys to where they are."),
            keys=keys,
        )


def archive_of(engines: Engines, settings: Settings) -> Any:
    """Return what dumps and restores a database of this kind."""
    if engines.dialect == "sqlite":
        from crmkit.backup.sqlite import SqliteArchive

        return SqliteArchive(engines)
    from crmkit.backup.postgresql import PostgresArchive

    return PostgresArchive(engines, settings.schema)


def verify(folder: Path) -> BackupManifest:
    """Read a backup's manifest and compare every file with it. Raises BackupError for one that is damaged."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=BackupManifest)
    except OSError as error:
        raise BackupError(_("{folder} is not a backup: {reason}."), folder=folder, reason=says(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupError(_("The manifest of the backup {folder} is damaged."), folder=folder) from error
    if manifest.format != FORMAT:
        raise BackupError(
            _("The backup has the format {format}, which this version cannot read."), format=manifest.format
        )
    for name, entry in sorted(manifest.files.items()):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BackupError(_("The manifest of the backup {folder} is damaged."), folder=folder)
        try:
            found = hash_of(folder / name)
        except OSError as error:
            raise BackupError(_("The backup lacks the file {name}."), name=name) from error
        if found != entry:
            raise BackupError(_("The file {name} of the backup is damaged."), name=name)
    return manifest


def restore(
    folder: Path,
    settings: Settings,
    *,
    force: bool = False,
    unproved: bool = False,
    progress: Progress | None = None,
) -> RestoreReport:
    """Bring back the data of a backup into the installation that the settings name, and return what was done.

    Everything is restored beside the present state, compared with the manifest and examined first: signature, audit
    log, a sample of what is sealed. It takes its place only then; whatever fails before leaves the present state as it
    was. Then it is brought up to date, and who was erased since the backup was made is erased again. Without ``force``
    a target that holds data is refused. ``unproved`` goes without the examination, and notes what cannot be done
    afterwards: for the day when the keys are lost. No other process may have the database open.

    Raises BackupError, and VaultError when the keys cannot be used.
    """
    say = progress or _silent
    folder = folder.absolute()
    manifest = verify(folder)
    engines = open_engines(settings)
    try:
        if engines.dialect != manifest.engine:
            raise BackupError(
                _("The backup is of {there}, the installation's database is {here}."),
                there=manifest.engine,
                here=engines.dialect,
            )
        archive = archive_of(engines, settings)
        if archive.schema != manifest.schema:
            raise BackupError(
                _("The backup is of the schema {there}, the installation uses {here}."),
                there=manifest.schema,
                here=archive.schema,
            )
        if not force and (archive.holds_data() or _holds_files(settings.files)):
            raise BackupError(_("The installation holds data already."), fix=_("Use --force to replace it."))
        snapshot = Snapshot(counts=manifest.counts, revisions=manifest.revisions)
        proofs: list[Proof] = []

        def examine(url: str) -> None:
            if not unproved:
                proofs.append(_examine(settings, url, manifest))

        say("restore", 0, 4)
        with _files_swapped(folder / FILES, settings.files, manifest) as swap_files:
            say("restore", 1, 4)
            with archive.restored(folder / archive.NAME, snapshot, examine) as swap_database:
                say("restore", 2, 4)
                swap_files()
                swap_database()
        say("restore", 3, 4)
    except OSError as error:
        raise BackupError(_("The backup cannot be restored: {reason}."), reason=says(error)) from error
    finally:
        engines.dispose()
    if not proofs:
        # No scratch database could be made to examine it in.
        examine(settings.database)
    report = _settled(settings, manifest, proofs[0] if proofs else None)
    say("restore", 4, 4)
    return report


def _examine(settings: Settings, url: str, manifest: BackupManifest) -> Proof:
    try:
        signature = bytes.fromhex(manifest.signature)
    except ValueError:
        signature = b""
    return examine_copy(settings, url, signed=manifest.signed, signature=signature)


def _settled(settings: Settings, manifest: BackupManifest, proof: Proof | None) -> RestoreReport:
    try:
        again = settle(settings, manifest.taken_at)
    except CrmkitError as error:
        if proof is None:
            return RestoreReport(manifest=manifest, proof=None, erased_again=0, notes=(error,))
        raise BackupError(
            _("The data was restored, but who was erased since could not be erased again: {reason}"),
            fix=_("Mend the cause, and restore once more."),
            reason=error.render(settings.language),
        ) from error
    return RestoreReport(manifest=manifest, proof=proof, erased_again=again)


def _silent(step: str, done: int, of: int) -> None:
    return


def _write_manifest(folder: Path, manifest: BackupManifest) -> None:
    text = msgspec.json.format(msgspec.json.encode(evolve(manifest, taken_at=manifest.taken_at.astimezone(UTC))))
    make_private_file(folder / MANIFEST)
    with (folder / MANIFEST).open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


# --- attachments -----------------------------------------------------------------------------------------------------


def _copy_files(source: Path | None, part: Path, say: Progress) -> dict[str, FileEntry]:
    """Copy the attachments. The database was taken before, so every file that it names is there already."""
    if source is None or not source.is_dir():
        return {}
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file() and not path.is_symlink())
    found: dict[str, FileEntry] = {}
    for number, name in enumerate(names):
        say("files", number, len(names))
        with contextlib.suppress(FileNotFoundError):  # deleted, or a temporary file renamed, since it was listed
            found[str(Path(FILES) / name)] = copy_hashed(source / name, part / FILES / name)
    say("files", len(names), len(names))
    return found


def _holds_files(folder: Path | None) -> bool:
    return folder is not None and folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


@contextlib.contextmanager
def _files_swapped(source: Path, target: Path | None, manifest: BackupManifest) -> Any:
    """Prepare the attachments beside the present ones and give the function that swaps them; an error later on swaps
    them back."""
    names = [Path(name) for name in manifest.files if Path(name).parts[0] == FILES]
    if target is None:
        if names:
            raise BackupError(
                _("The backup holds {number} attachments and the installation has no folder for them."),
                fix=_("Set files, or name a home folder."),
                number=len(names),
            )
        yield _silently
        return
    mark = str(new_id())[-8:]
    new, old = (target.with_name(f".{target.name}.{mark}.{end}") for end in ("new", "old"))
    swapped = False
    try:
        make_private_folder(new)
        for name in names:
            inner = name.relative_to(FILES)
            if copy_hashed(source / inner, new / inner) != manifest.files[str(name)]:
                raise BackupError(_("The file {name} of the backup is damaged."), name=str(name))

        def swap() -> None:
            nonlocal swapped
            if target.exists():
                target.rename(old)
            swapped = True
            new.rename(target)

        yield swap
    except BaseException:
        if swapped:
            shutil.rmtree(target, ignore_errors=True)
            if old.exists():
                old.rename(target)
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _silently() -> None:
    return
