"""Whether a database and the folders around it are as crmkit needs them. Must not know what is stored in them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from crmkit.core.store.engine import Engines
from crmkit.core.store.transit import VERIFIED, network_hosts
from crmkit.exposure import examine_files
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
    yield from examine_files(settings)
    database = settings.sqlite_file
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


def examine_database(engines: Engines, settings: Settings) -> Iterator[Finding]:
    """Look at an open database: its modes, its soundness, its version and encoding."""
    with engines.system_read.connect() as connection:
        if engines.dialect == "sqlite":
            yield from _sqlite(connection, settings, owned=engines.owned)
        else:
            yield from _postgresql(connection)
            yield from _role(connection)
            yield from _transit(connection, _driver_arguments(engines))


def _sqlite(connection: Connection, settings: Settings, *, owned: bool) -> Iterator[Finding]:
    wanted = {
        "journal_mode": "wal",
        "synchronous": "2" if settings.synchronous == "full" else "1",
        "foreign_keys": "1",
        "secure_delete": "1",
    }
    if owned:
        wanted["trusted_schema"] = "0"
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


def _role(connection: Connection) -> Iterator[Finding]:
    query = text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    name, unlimited = connection.execute(query).one()
    if unlimited:
        yield Finding(
            level="warning",
            code="postgresql.superuser",
            message=_("The application connects as {role}, who may do everything on the server."),
            hint=_("Make a role that owns the schema and nothing else, and name it in the database's URL."),
            values={"role": name},
        )


def _driver_arguments(engines: Engines) -> Mapping[str, Any]:
    return engines.base.dialect.create_connect_args(engines.base.url)[1]


def _transit(connection: Connection, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    hosts = network_hosts(arguments, os.environ)
    if not hosts:
        return
    query = text("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    encrypted, version = connection.execute(query).one()
    values = {"host": hosts[0], "version": version or "", "mode": str(arguments.get("sslmode") or "prefer")}
    hint = _("Add ?sslmode=verify-full&sslrootcert=PATH to the database's URL, PATH being the authority's file.")
    if not encrypted:
        message = _("What is said between this machine and {host} is not encrypted.")
        yield Finding(level="error", code="postgresql.plain", message=message, hint=hint, values=values)
    elif values["mode"] != VERIFIED:
        message = _("The connection to {host} is encrypted, but whose certificate it is was not checked ({mode}).")
        yield Finding(level="error", code="postgresql.unverified", message=message, hint=hint, values=values)
    else:
        message = _("The connection to {host} is encrypted ({version}) and its certificate is checked.")
        yield Finding(level="ok", code="postgresql.transit", message=message, values=values)
