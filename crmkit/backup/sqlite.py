"""Dumping and restoring an SQLite database by its own backup interface; a copy of a file in use would be torn."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from crmkit.backup.archives import Snapshot, copy_hashed, holds_data, is_version_table
from crmkit.core.store.engine import Engines
from crmkit.core.store.ids import new_id
from crmkit.errors import BackupError
from crmkit.i18n import texts
from crmkit.private import make_private_file

_ = texts("crmkit")
_PAGES = 2048
"""Pages that are copied at a time, 8 MiB."""
_BESIDE = ("-wal", "-shm", "-journal")


class SqliteArchive:
    """The SQLite database of an installation, as far as backups go."""

    NAME = "database.sqlite"
    schema: str | None = None

    def __init__(self, engines: Engines) -> None:
        database = engines.base.url.database
        assert database is not None
        self.path = Path(database).absolute()

    def dump(self, target: Path, say: Callable[[str, int, int], None]) -> Snapshot:
        """Copy the database as it is at this instant, while others write, and return what it holds."""
        make_private_file(target)
        with _opened(self.path) as source, _opened(target) as copy:
            # The figures and the pages are read in one transaction, so both show the same instant.
            source.execute("BEGIN")
            snapshot = snapshot_of(source)
            source.backup(copy, pages=_PAGES, progress=lambda _s, left, of: say("database", of - left, of))
            source.execute("COMMIT")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
        return snapshot

    def prove(self, dump: Path, snapshot: Snapshot, examine: Callable[[str], None]) -> str:
        """Restore a dump into a scratch file, compare, and examine it. Returns nothing; raises BackupError."""
        scratch = dump.with_name(f".{dump.name}.proof")
        try:
            _restore(dump, scratch, snapshot)
            examine(f"sqlite:///{scratch}")
        finally:
            _remove(scratch)
        return ""

    def holds_data(self) -> bool:
        """Say whether the database holds more than a new installation; one that cannot be read does."""
        if not self.path.exists():
            return False
        try:
            with _opened(self.path) as connection:
                return holds_data(snapshot_of(connection).counts)
        except BackupError:
            return True

    @contextlib.contextmanager
    def restored(self, dump: Path, snapshot: Snapshot, examine: Callable[[str], None]) -> Generator[Callable[[], None]]:
        """Restore a dump beside the present database, examine it, and give the function that swaps the two; an error
        later on brings the present one back."""
        mark = str(new_id())[-8:]
        new, old = (self.path.with_name(f".{self.path.name}.{mark}.{end}") for end in ("new", "old"))
        swapped = False

        def swap() -> None:
            nonlocal swapped
            if self.path.exists():
                self._close_down()
                try:
                    os.link(self.path, old)
                except OSError:
                    copy_hashed(self.path, old)
            swapped = True
            os.replace(new, self.path)
            for end in _BESIDE:
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)

        try:
            _restore(dump, new, snapshot)
            examine(f"sqlite:///{new}")
            _make_whole(new)
            yield swap
        except BaseException:
            if swapped and old.exists():
                os.replace(old, self.path)
            elif swapped:
                self.path.unlink(missing_ok=True)
            raise
        finally:
            _remove(new)
            old.unlink(missing_ok=True)

    def _close_down(self) -> None:
        """Bring everything into the one file, which only works while nobody else has the database open."""
        try:
            with _opened(self.path, timeout=2.0) as connection:
                (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except BackupError as error:
            if isinstance(error.__cause__, sqlite3.OperationalError):
                raise BackupError(
                    _("Another process has the database open."), fix=_("Stop it and try again.")
                ) from error
            return  # damaged: that is what a restore is for
        if mode != "delete":
            raise BackupError(_("Another process has the database open."), fix=_("Stop it and try again."))


def snapshot_of(connection: sqlite3.Connection) -> Snapshot:
    """Return the rows of every table and the schema's revisions."""
    tables = _tables(connection)
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
    revisions: dict[str, str] = {}
    for name in filter(is_version_table, tables):
        row = connection.execute(f'SELECT version_num FROM "{name}"').fetchone()  # noqa: S608
        if row is not None:
            revisions[name] = str(row[0])
    return Snapshot(counts=counts, revisions=revisions)


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [row[0] for row in connection.execute(query)]


def _restore(dump: Path, target: Path, snapshot: Snapshot) -> None:
    make_private_file(target)
    with _opened(dump, readonly=True) as source, _opened(target) as copy:
        source.backup(copy, pages=_PAGES)
        problems: list[Any] = copy.execute("PRAGMA integrity_check(3)").fetchall()
        if problems != [("ok",)]:
            raise BackupError(_("The database in the backup is damaged: {problem}."), problem=problems[0][0])
        if copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise BackupError(_("The database in the backup has rows that refer to nothing."))
        snapshot.compare(snapshot_of(copy))
    _make_whole(target)


def _make_whole(path: Path) -> None:
    """Bring everything of a database into its one file, and wait until it is on the disk."""
    with _opened(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    for end in ("", *_BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(path: Path, *, readonly: bool = False, timeout: float = 15.0) -> Generator[sqlite3.Connection]:
    address = f"{path.as_uri()}?mode={'ro' if readonly else 'rwc'}"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise BackupError(_("{path} cannot be read: {reason}."), path=path, reason=error) from error
