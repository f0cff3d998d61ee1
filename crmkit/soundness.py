"""Whether a database and the folders around it are as crmkit needs them. Must not know what is stored in them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from crmkit.core.store.engine import Engines
from crmkit.hooks.contributions import Finding
from crmkit.i18n import texts
from crmkit.settings import Settings

_ = texts("crmkit")

LOW_SPACE = 1 << 30
NO_SPACE = 100 << 20
OLDEST_POSTGRESQL = 13
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "glusterfs", "fuse.sshfs", "fuse.glusterfs"}
)
"""Kinds of file systems on which SQLite's locks and shared memory are not dependable."""


def examine_folders(settings: Settings, mounts: Path = Path("/proc/mounts")) -> Iterator[Finding]:
    """Look at the folders of an installation: whether they are there, who may read them, how much space is left."""
    for folder, level in ((settings.home, "warning"), (settings.data, "warning"), (settings.keys, "error")):
        if folder is not None and folder.exists():
            yield from _mode(folder, "error" if level == "error" else "warning")
    if settings.keys is not None and settings.keys.is_dir():
        for path in sorted(settings.keys.rglob("*")):
            yield from _mode(path, "error")
    database = _sqlite_file(settings)
    place = database.parent if database is not None else settings.data
    if place is not None and place.is_dir():
        free = shutil.disk_usage(place).free
        values = {"folder": str(place), "free": f"{free / (1 << 30):.1f}"}
        message = _("{folder} has {free} GiB of free space.")
        level = "error" if free < NO_SPACE else "warning" if free < LOW_SPACE else "ok"
        yield Finding(level=level, code="disk", message=message, values=values)
    if database is not None:
        kind = filesystem_of(database.absolute(), mounts)
        if kind in NETWORK:
            yield Finding(
                level="error",
                code="sqlite.network",
                message=_("The database lies on a network file system ({kind}), where SQLite can lose data."),
                hint=_("Move it to a disk of this machine, or use PostgreSQL."),
                values={"kind": kind},
            )


def filesystem_of(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Return the kind of file system that a path lies on, or None where the system does not tell."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    best: tuple[int, str | None] = (-1, None)
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        point = Path(parts[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), parts[2])
    return best[1]


def _mode(path: Path, level: Literal["warning", "error"]) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        yield Finding(
            level=level,
            code="files.mode",
            message=_("{path} can be read or changed by other users of this machine (mode {mode})."),
            hint=_("Run: chmod go= {path}"),
            values={"path": str(path), "mode": f"{mode:o}"},
        )


def _sqlite_file(settings: Settings) -> Path | None:
    try:
        url = make_url(settings.database)
    except ArgumentError:
        return None
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def examine_database(engines: Engines, settings: Settings) -> Iterator[Finding]:
    """Look at an open database: its modes, its soundness, its version and encoding."""
    with engines.read.connect() as connection:
        if engines.dialect == "sqlite":
            yield from _sqlite(connection, settings)
        else:
            yield from _postgresql(connection)


def _sqlite(connection: Connection, settings: Settings) -> Iterator[Finding]:
    wanted = {
        "journal_mode": "wal",
        "synchronous": "2" if settings.synchronous == "full" else "1",
        "foreign_keys": "1",
    }
    for name, right in wanted.items():
        there = str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()).lower()
        if there != right:
            yield Finding(
                level="error",
                code="sqlite.pragma",
                message=_("SQLite's {name} is {there} and should be {right}."),
                hint=_("A host that hands over its engine has to set it for every connection."),
                values={"name": name, "there": there, "right": right},
            )
    if settings.synchronous != "full":
        message = _("SQLite runs with synchronous=normal: a power cut can cost the last commits.")
        yield Finding(level="warning", code="sqlite.synchronous", message=message)
    problem: Any = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if problem == "ok":
        yield Finding(level="ok", code="database", message=_("The database is sound."))
    else:
        yield _damaged(str(problem))


def damage(error: BaseException) -> Finding | None:
    """Return the finding for an error that says that an SQLite file is damaged or is none; None for any other."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if getattr(original, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(str(original))
    return None


def _damaged(problem: str) -> Finding:
    return Finding(
        level="error",
        code="database.damaged",
        message=_("The database is damaged: {problem}"),
        hint=_("Restore the last backup: crmkit restore FOLDER --force"),
        values={"problem": problem},
    )


def _postgresql(connection: Connection) -> Iterator[Finding]:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    encoding = str(connection.execute(text("SHOW server_encoding")).scalar_one())
    values = {"version": version, "encoding": encoding, "oldest": OLDEST_POSTGRESQL}
    good = True
    if version < OLDEST_POSTGRESQL:
        good = False
        message = _("PostgreSQL {version} is too old; crmkit is made for {oldest} and newer.")
        yield Finding(level="warning", code="postgresql.version", message=message, values=values)
    if encoding != "UTF8":
        good = False
        message = _("The database's encoding is {encoding}; it has to be UTF8.")
        yield Finding(level="error", code="postgresql.encoding", message=message, values=values)
    if good:
        message = _("PostgreSQL {version}, encoding {encoding}.")
        yield Finding(level="ok", code="database", message=message, values=values)
