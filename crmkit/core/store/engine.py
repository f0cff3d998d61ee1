"""Opening databases: one engine, two views of it (reading and writing), and the pragmas that keep acknowledged writes.

Must not know models or sessions.
"""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from crmkit.core.store.functions import add_functions
from crmkit.core.store.guard.dialect import guard, guarded_copy
from crmkit.core.store.guard.judge import REGION
from crmkit.core.store.transit import check_transit
from crmkit.core.store.types import dumps, json_decode
from crmkit.errors import ConfigurationError, MissingExtra, StoreError
from crmkit.i18n import texts
from crmkit.settings import Settings

_ = texts("crmkit")

_BORROWED = "crmkit.foreign_keys"
_READING = "crmkit.query_only"
_FUNCTIONS = "crmkit.functions"


@frozen
class Engines:
    """The views of one database: ``read`` begins reading transactions, ``write`` writing ones.

    Both are sealed: a connection on them that serves no session refuses statements on protected tables. The framework
    has ``system_read`` and ``system_write``. ``owned`` says whether the engine is ours to dispose of; a host's is left
    alone.
    """

    base: Engine
    read: Engine
    write: Engine
    owned: bool
    system_read: Engine
    system_write: Engine

    @property
    def dialect(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return self.base.dialect.name

    def dispose(self) -> None:
        """Close the pool, if it is ours."""
        if self.owned:
            self.base.dispose()


def open_engines(settings: Settings, engine: Engine | None = None) -> Engines:
    """Open the database that the settings name, or take over the engine of an embedding host.

    Raises ConfigurationError for a URL that cannot be used, MissingExtra when the driver is not installed, StoreError
    for a database that crmkit does not support.
    """
    base = engine if engine is not None else _create(settings)
    if base.dialect.name not in ("sqlite", "postgresql"):
        raise StoreError(
            _("The database {name} is not supported."), fix=_("Use SQLite or PostgreSQL."), name=base.dialect.name
        )
    if base.dialect.name == "sqlite":
        return _sqlite_views(base, settings, owned=engine is None)
    if engine is not None and settings.schema:
        _check_search_path(engine, settings.schema)
    # An operation is a transaction, whatever the host does with its own connections.
    alone = engine is not None and commits_alone(engine)
    options = {"isolation_level": "READ COMMITTED"} if alone else {}
    read = base.execution_options(postgresql_readonly=True, **options)
    return _sealed(base, read, base.execution_options(crmkit_view="write", **options), owned=engine is None)


def _sealed(base: Engine, read: Engine, write: Engine, *, owned: bool) -> Engines:
    """Have the views guarded, and make those of the framework. A host's own engine is left as it is."""
    dialect = guard(base.dialect) if owned else guarded_copy(base.dialect)
    read.dialect = write.dialect = dialect
    framework: dict[str, Any] = {REGION: "the framework"}
    return Engines(base, read, write, owned, read.execution_options(**framework), write.execution_options(**framework))


def commits_alone(bind: Engine | Connection) -> bool:
    """Say whether a host's PostgreSQL connections commit each statement by themselves (``AUTOCOMMIT``)."""
    if isinstance(bind, Connection):
        return bool(getattr(bind.connection.driver_connection, "autocommit", False))
    with bind.connect() as connection:
        return commits_alone(connection)


def begin_to_write(connection: Connection) -> None:
    """Begin the transaction of a host's SQLite connection, where the driver has not: by default it waits for the first
    statement that writes and leaves savepoints outside, which then commit by themselves."""
    if connection.dialect.name == "sqlite" and not _in_transaction(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _in_transaction(connection: Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return bool(driver.in_transaction)


def _create(settings: Settings) -> Engine:
    url = _url(settings)
    options: dict[str, Any] = {
        "hide_parameters": True,
        "json_serializer": dumps,
        "json_deserializer": json_decode,
    }
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise ConfigurationError(
                _("A database in memory cannot be shared by several connections."),
                fix=_("Name a file, such as sqlite:///shop.db."),
            )
        assert url.database is not None
        folder = Path(url.database).absolute().parent
        if not folder.is_dir():
            raise StoreError(_("The folder {folder} does not exist."), folder=folder)
        options["connect_args"] = {"timeout": settings.busy_timeout, "check_same_thread": False}
    else:
        options["pool_size"] = settings.pool_size
        options["max_overflow"] = settings.pool_size
        options["pool_pre_ping"] = True
        # Facts make large expressions: compiling them takes the server longer than evaluating them.
        stated = url.query.get("options", ())
        given = ["-cjit=off", *([stated] if isinstance(stated, str) else stated)]
        if settings.schema:
            _check_schema(settings.schema)
            given.append(f"-csearch_path={settings.schema}")
        options["connect_args"] = {"options": " ".join(given)}
    try:
        made = create_engine(url, **options)
        if settings.production and url.get_backend_name() == "postgresql":
            check_transit(made.dialect.create_connect_args(url)[1], os.environ)
        return made
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        if isinstance(error, ModuleNotFoundError) and url.get_backend_name() == "postgresql":
            raise MissingExtra(
                _("The driver for this database is not installed ({name})."),
                fix=_("Install crmkit[postgresql]."),
                name=error.name,
            ) from error
        raise StoreError(
            _("The database {name} is not supported."),
            fix=_("Use SQLite or PostgreSQL."),
            name=url.get_backend_name(),
        ) from error


def _check_schema(schema: str) -> None:
    # It becomes a part of the connection's command line, where it could not be quoted.
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
        raise ConfigurationError(
            _('"{schema}" cannot be the name of a schema.'),
            fix=_("Use small letters, digits and underscores."),
            schema=schema,
        )


def _check_search_path(engine: Engine, schema: str) -> None:
    with engine.connect() as connection:
        path = str(connection.exec_driver_sql("SHOW search_path").scalar())
    if path.partition(",")[0].strip(' "') != schema:
        raise ConfigurationError(
            _("The engine that was handed over does not use the schema {schema}."),
            fix=_("Give its connections the option -csearch_path={schema}, or leave the setting out."),
            schema=schema,
        )


def _url(settings: Settings) -> URL:
    try:
        url = make_url(settings.database)
    except ArgumentError as error:
        raise ConfigurationError(
            _("The database URL cannot be read."),
            fix=_("It should look like sqlite:///shop.db or postgresql://user@host/name."),
        ) from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url


def _sqlite_views(base: Engine, settings: Settings, *, owned: bool) -> Engines:
    if owned:
        event.listen(base, "connect", _pragmas(settings))
    if not owned and _begins_itself(base):
        # By the host's pool, and without its listener, as only one of the two can begin a transaction.
        base = Engine(base.pool, base.dialect, base.url, hide_parameters=True)
    read = base.execution_options(crmkit_view="read")
    write = base.execution_options(crmkit_view="write")
    # A transaction that reads first and writes later would fail at once when another one wrote in between, and the
    # driver's own deferred begin would lose updates: what will write says so at its beginning.
    event.listen(write, "begin", _begin("BEGIN IMMEDIATE"))
    event.listen(read, "begin", _begin_to_read)
    if not event.contains(base, "checkin", _let_write):
        event.listen(base, "checkin", _let_write)
    if not owned:
        _borrow_foreign_keys(base, read, write)
    return _sealed(base, read, write, owned=owned)


def _begins_itself(base: Engine) -> bool:
    """Say whether a host's engine has a listener of its own that begins transactions."""
    with base.connect() as connection, connection.begin():
        return _in_transaction(connection)


def _begin(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _begin_to_read(connection: Connection) -> None:
    """Begin a transaction in which SQLite itself refuses to write, as PostgreSQL does."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA query_only = ON")
    connection.info[_READING] = True
    connection.exec_driver_sql("BEGIN")


def _let_write(connection: Any, record: Any) -> None:
    if connection is not None and record.info.pop(_READING, False):
        connection.execute("PRAGMA query_only = OFF")


def _borrow_foreign_keys(base: Engine, *views: Engine) -> None:
    """Have foreign keys on for as long as a view uses a host's connection: rows go with their customer by them, and
    SQLite has them off. The host gets the connection back as it was."""
    for view in views:
        event.listen(view, "engine_connect", _borrow)
    if not event.contains(base, "checkin", _give_back):
        event.listen(base, "checkin", _give_back)


def _borrow(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if not connection.info.get(_FUNCTIONS):
        add_functions(driver)
        connection.info[_FUNCTIONS] = True
    (before,) = driver.execute("PRAGMA foreign_keys").fetchone()
    if not before:
        driver.execute("PRAGMA foreign_keys = ON")
        connection.info[_BORROWED] = True


def _give_back(connection: Any, record: Any) -> None:
    if connection is not None and record.info.pop(_BORROWED, False):
        connection.execute("PRAGMA foreign_keys = OFF")


def _pragmas(settings: Settings) -> Any:
    def connect(connection: sqlite3.Connection, record: Any) -> None:
        # The driver must not begin transactions by itself; the views do.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(settings.busy_timeout * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if settings.synchronous == 'full' else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA trusted_schema = OFF")
        cursor.execute("PRAGMA cache_size = -32768")
        cursor.close()
        # SQLite's own knows the letters of ASCII alone.
        connection.create_function("lower", 1, _lower, deterministic=True)
        add_functions(connection)

    return connect


def _lower(value: Any) -> Any:
    return None if value is None else str(value).lower()
