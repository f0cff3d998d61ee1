"""Dumping and restoring a PostgreSQL schema by PostgreSQL's own programs, which know its every kind of object.

Passwords go to the programs by their environment, never by their arguments, which every user of a machine can read.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from crmkit.backup.archives import Snapshot, holds_data, is_version_table
from crmkit.core.store.engine import Engines
from crmkit.core.store.ids import new_id
from crmkit.errors import BackupError, MissingExtra
from crmkit.i18n import texts
from crmkit.private import make_private_file

_ = texts("crmkit")
_FOLDERS = "/usr/lib/postgresql"


class PostgresArchive:
    """The PostgreSQL schema of an installation, as far as backups go."""

    NAME = "database.dump"

    def __init__(self, engines: Engines, schema: str | None) -> None:
        self._engines = engines
        self._url: URL = engines.base.url
        with self._reading() as connection:
            self.schema = schema or str(connection.execute(text("SELECT current_schema()")).scalar() or "public")
            self._server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000

    def dump(self, target: Path, say: Callable[[str, int, int], None]) -> Snapshot:
        """Dump the schema as it is at this instant, while others write, and return what it holds."""
        program = find_program("pg_dump", self._server)
        say("database", 0, 1)
        make_private_file(target)
        with self._engines.system_write.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            # The programs and the figures share one snapshot, so both show the same instant.
            shared = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
            options = ["--format=custom", "--no-owner", "--no-acl", f"--snapshot={shared}", f"--file={target}"]
            self._run([program, *options, f"--schema={_quoted(self.schema)}", self._dbname(self._url)])
            snapshot = self._snapshot(connection)
        say("database", 1, 1)
        return snapshot

    def prove(self, dump: Path, snapshot: Snapshot, examine: Callable[[str], None]) -> str:
        """Restore a dump into a scratch database on the same server, compare, and examine it. Returns why this could
        not be tried, or nothing; raises BackupError for a difference."""
        name = f"crmkit_proof_{str(new_id())[-12:]}"
        try:
            self._admin(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != "42501":
                raise BackupError(_("No scratch database can be made: {reason}."), reason=_reason(error)) from error
            return _("The database role may not create a scratch database, so the backup was not proved.")
        scratch = create_engine(self._url.set(database=name), poolclass=NullPool)
        try:
            self._load(dump, scratch.url)
            with scratch.connect() as connection:
                snapshot.compare(self._snapshot(connection))
            examine(scratch.url.render_as_string(hide_password=False))
        finally:
            scratch.dispose()
            self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        return ""

    def holds_data(self) -> bool:
        """Say whether the schema holds more than a new installation."""
        with self._reading() as connection:
            return holds_data(self._snapshot(connection).counts)

    @contextlib.contextmanager
    def restored(self, dump: Path, snapshot: Snapshot, examine: Callable[[str], None]) -> Generator[Callable[[], None]]:
        """Prove a dump and give the function that replaces the schema by it, in one transaction of the server."""
        with self._reading() as connection:
            tables = self._tables(connection)
            known = {name for name in tables if name.startswith("crm_")}
            if "crm_plugin_table" in known:
                query = text(f'SELECT table_name FROM "{self.schema}".crm_plugin_table')  # noqa: S608
                known.update(connection.execute(query).scalars())
        foreign = sorted(set(tables) - known - set(snapshot.counts))
        if foreign:
            raise BackupError(
                _("The schema {schema} holds tables that are not crmkit's: {tables}."),
                fix=_("Restore into a schema or a database of its own."),
                schema=self.schema,
                tables=", ".join(foreign[:5]),
            )
        self.prove(dump, snapshot, examine)
        yield lambda: self._load(dump, self._url)

    # --- the programs -------------------------------------------------------------------------------------------

    def _load(self, dump: Path, url: URL) -> None:
        """Replace the schema of a database by the dump's, in one transaction."""
        restore, psql = (find_program(name, self._server) for name in ("pg_restore", "psql"))
        contents = self._run([restore, "--list", str(dump)]).splitlines()
        wanted = [line for line in contents if not re.match(r"\d+; \d+ \d+ (COMMENT - )?SCHEMA ", line)]
        name = _quoted(self.schema)
        first = (
            f"BEGIN;\nSET LOCAL lock_timeout = '10s';\nDROP SCHEMA IF EXISTS {name} CASCADE;\nCREATE SCHEMA {name};\n"
        )
        with tempfile.TemporaryDirectory(prefix="crmkit-") as folder:
            chosen = Path(folder, "list")
            chosen.write_text("\n".join(wanted), "utf-8")
            script = [restore, "--no-owner", "--no-acl", f"--use-list={chosen}", "--file=-", str(dump)]
            options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
            self._feed(first, script, [psql, *options, self._dbname(url)])

    def _feed(self, first: str, script: Sequence[str], psql: Sequence[str]) -> None:
        environment = self._environment()
        with tempfile.TemporaryFile() as unread, tempfile.TemporaryFile() as refused:
            reader = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=unread, env=environment)  # noqa: S603
            writer = subprocess.Popen(  # noqa: S603
                psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=refused, env=environment
            )
            assert reader.stdout is not None
            assert writer.stdin is not None
            try:
                with contextlib.suppress(BrokenPipeError), writer.stdin, reader.stdout:
                    writer.stdin.write(first.encode())
                    shutil.copyfileobj(reader.stdout, writer.stdin)
                    # A script that breaks off in the middle is not committed: its end is said only after all came.
                    if reader.wait() == 0:
                        writer.stdin.write(b"\nCOMMIT;\n")
            except BaseException:
                reader.kill()
                raise
            finally:
                reader.wait()
                writer.wait()
            if writer.returncode != 0:
                raise BackupError(_("The dump cannot be restored: {reason}."), reason=_said(refused))
            if reader.returncode != 0:
                raise BackupError(_("The dump cannot be read: {reason}."), reason=_said(unread))

    def _run(self, command: Sequence[str]) -> str:
        done = subprocess.run(command, capture_output=True, env=self._environment(), check=False)  # noqa: S603
        if done.returncode != 0:
            program = Path(command[0]).name
            raise BackupError(_("{program} failed: {reason}."), program=program, reason=_last_line(done.stderr))
        return done.stdout.decode("utf-8", "replace")

    def _environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        if self._url.password is not None:
            environment["PGPASSWORD"] = str(self._url.password)
        return environment | {"PGCLIENTENCODING": "UTF8", "LC_MESSAGES": "C"}

    def _dbname(self, url: URL) -> str:
        from psycopg.conninfo import make_conninfo

        _arguments, options = self._engines.base.dialect.create_connect_args(url)
        plain = {key: value for key, value in options.items() if key not in ("password", "context", "options")}
        return f"--dbname={make_conninfo('', **plain)}"

    # --- the database -------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _reading(self) -> Generator[Connection]:
        try:
            with self._engines.system_write.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise BackupError(_("The database cannot be read: {reason}."), reason=_reason(error)) from error

    def _admin(self, statement: str) -> None:
        with self._engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)

    def _tables(self, connection: Connection) -> list[str]:
        query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema ORDER BY tablename")
        return list(connection.execute(query, {"schema": self.schema}).scalars())

    def _snapshot(self, connection: Connection) -> Snapshot:
        counts: dict[str, int] = {}
        revisions: dict[str, str] = {}
        for name in self._tables(connection):
            table = f"{_quoted(self.schema)}.{_quoted(name)}"
            counts[name] = int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
            if is_version_table(name):
                found = connection.execute(text(f"SELECT version_num FROM {table}")).scalar()  # noqa: S608
                if found is not None:
                    revisions[name] = str(found)
        return Snapshot(counts=counts, revisions=revisions)


def find_program(name: str, server: int) -> str:
    """Return the path of one of PostgreSQL's programs, of the server's major version or the next newer one.

    Looked for in ``PATH`` and in ``/usr/lib/postgresql``. Raises MissingExtra when there is none.
    """
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [str(folder) for folder in sorted(Path(_FOLDERS).glob("*/bin"))]
    candidates = [path for folder in folders if (path := shutil.which(name, path=folder))]
    fitting: dict[int, str] = {}
    for path in candidates:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        match = re.search(r"\) (\d+)", said)
        if match and int(match[1]) >= server:
            fitting.setdefault(int(match[1]), path)
    if not fitting:
        raise MissingExtra(
            _("The program {name} of PostgreSQL {version} or newer is not installed."),
            fix=_("Install the client programs of PostgreSQL (on Debian: postgresql-client)."),
            name=name,
            version=server,
        )
    return fitting[min(fitting)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return _last_line(file.read())


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if "ERROR" in line or "error" in line), lines[-1] if lines else "?").rstrip(".")


def _reason(error: DBAPIError) -> str:
    lines = str(error.orig).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
