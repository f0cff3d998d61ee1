"""A CRM to test a plugin in: fresh, migrated, with the plugin and what it requires enabled, and copied for each test.

Must not know pytest.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from crmkit.errors import ManifestError, UnknownPlugin
from crmkit.hooks.discovery import discover
from crmkit.i18n import texts
from crmkit.manifest import PluginManifest

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Row

    from crmkit.app import CRM
    from crmkit.core.store.clock import Clock
    from crmkit.hooks.facts import FactQuery

_ = texts("crmkit")


@frozen(kw_only=True)
class Subject:
    """The plugin under test: its manifest, and the module that this was read from where that is known."""

    manifest: PluginManifest
    source: str | None = None

    @property
    def name(self) -> str:
        """Return the plugin's name."""
        return self.manifest.name


def subject(plugin: str | PluginManifest) -> Subject:
    """Return the plugin under test: by name an installed one, by ``package.module:NAME`` one that need not be.

    Raises UnknownPlugin when it is not installed, and what keeps its manifest from being read.
    """
    if isinstance(plugin, PluginManifest):
        return Subject(manifest=plugin)
    module, colon, attribute = plugin.partition(":")
    if colon:
        manifest = getattr(importlib.import_module(module), attribute, None)
        if not isinstance(manifest, PluginManifest):
            raise ManifestError(_("{path} is no manifest."), path=plugin)
        return Subject(manifest=manifest, source=module)
    (found,) = discover((plugin,))
    if found.error is not None:
        raise found.error
    if found.manifest is None:
        raise UnknownPlugin(plugin=plugin)
    return Subject(manifest=found.manifest, source=_source(plugin))


def _source(name: str) -> str | None:
    from importlib import metadata

    points = list(metadata.entry_points(group="crmkit.plugins", name=name))
    return points[0].value.partition(":")[0].strip() if points else None


@define(kw_only=True)
class MovableClock:
    """A clock that stands until it is moved. It begins at the present.

    It is the business's time and the system's at once, so jobs become due when it moves. The instants that records
    keep of themselves (``created_at``) are the machine's.
    """

    instant: datetime = field(factory=lambda: datetime.now(UTC))

    def advance(self, **span: float) -> datetime:
        """Move the clock on by a span such as ``days=3, hours=2`` and return its new instant."""
        self.instant += timedelta(**span)
        return self.instant

    def set(self, instant: datetime) -> datetime:
        """Move the clock to an aware instant and return it in UTC. Raises ValueError for one without a zone."""
        if instant.tzinfo is None:
            raise ValueError("the instant has no time zone")
        self.instant = instant.astimezone(UTC)
        return self.instant

    def as_clock(self) -> Clock:
        """Return the clock in the form that a CRM takes."""
        from crmkit.core.store.clock import Clock

        return Clock(system=lambda: self.instant)


@define(kw_only=True)
class Workbench:
    """Databases for the tests of one plugin: made once, copied as often as needed.

    ``folder`` holds them, ``options`` are the settings of plugins, by plugin name.
    """

    subject: Subject
    folder: Path
    options: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    _made: dict[bool, Path] = field(factory=dict)
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), repr=False)

    def template(self, *, enabled: bool = True) -> Path:
        """Return the database that copies are made from, with the plugin enabled or only available."""
        if enabled not in self._made:
            path = self.folder / f"template-{'with' if enabled else 'without'}.db"
            if enabled:
                copy_database(self.template(enabled=False), path)
                with self._opened(path) as crm:
                    crm.enable(self.subject.name)
            else:
                with self._opened(path, create=True):
                    pass
            self._made[enabled] = path
        return self._made[enabled]

    @contextmanager
    def crm(
        self, *, enabled: bool = True, clock: MovableClock | None = None, options: Mapping[str, Any] | None = None
    ) -> Iterator[CRM]:
        """Open a CRM on a database of its own. A plugin that is broken is an error here, not set aside.

        ``options`` are settings of the plugin under test, in place of those of the workbench.
        """
        path = self.folder / f"crm-{next(self._numbers)}.db"
        copy_database(self.template(enabled=enabled), path)
        with self._opened(path, clock=clock, options=options) as crm:
            yield crm

    @contextmanager
    def _opened(
        self,
        path: Path,
        *,
        create: bool = False,
        clock: MovableClock | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Iterator[CRM]:
        from crmkit.app import CRM
        from crmkit.settings import Settings

        settings = Settings(
            database=f"sqlite:///{path}",
            files=path.with_suffix(".files"),
            keys=self.folder / "keys",
            strict=True,
            synchronous="normal",
            options=dict(self.options) if options is None else {**self.options, self.subject.name: dict(options)},
        )
        crm = CRM.open(
            settings,
            plugins=(self.subject.manifest,),
            clock=None if clock is None else clock.as_clock(),
            create=create,
        )
        try:
            yield crm
        finally:
            crm.close()


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database that nobody writes to, with what is still in its log."""
    with contextlib.closing(sqlite3.connect(source)) as here, contextlib.closing(sqlite3.connect(target)) as there:
        here.backup(there)


def emitted(crm: CRM, name: str | None = None) -> Sequence[Mapping[str, Any]]:
    """Return the payloads of the events in the outbox, oldest first; of one name, or of all."""
    from sqlalchemy import select

    from crmkit.core.operations.tables import EventRecord

    query = select(EventRecord).order_by(EventRecord.recorded_at, EventRecord.id)
    if name is not None:
        query = query.where(EventRecord.name == name)
    with crm.session(crm.system("reading events in a test")) as session:
        return [{"name": row.name, **row.payload} for row in session.scalars(query)]


def audited(crm: CRM, action: str) -> Sequence[Mapping[str, Any]]:
    """Return what the audit log has of an operation, or of what a session noted, oldest first."""
    from sqlalchemy import select

    from crmkit.core.operations.tables import AuditRecord

    query = select(AuditRecord).where(AuditRecord.operation == action)
    with crm.session(crm.system("reading the audit log in a test")) as session:
        return [
            {
                "actor": row.actor_id,
                "resource": row.resource,
                "outcome": row.outcome,
                "code": row.code,
                "details": json.loads(row.details or "{}"),
            }
            for row in session.scalars(query.order_by(AuditRecord.recorded_at, AuditRecord.id))
        ]


def facts_at(
    crm: CRM,
    name: str,
    as_of: datetime | None = None,
    *,
    known_at: datetime | None = None,
    customers: Sequence[UUID] | None = None,
) -> Sequence[Row[Any]]:
    """Return the rows of the facts of a name as of an aware instant, with what was known at another one; both are by
    default a minute from now. Facts are computed for all, so they are read past what any actor may see.

    Of several sets of a name the first one is read. Raises KeyError when there is none.
    """
    from crmkit.engines.facts.composing import statement_of

    sets = crm.registry.tables["fact set"].values()
    found = next((each for each in sets if each.name == name), None)
    if found is None:
        raise KeyError(name)
    query = statement_of(found, fact_query(crm, as_of, known_at, customers))
    with crm.engines.system_read.connect() as connection:
        return connection.execute(query).all()


def fact_query(
    crm: CRM,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    customers: Sequence[UUID] | None = None,
) -> FactQuery:
    """Return what fact sets are asked for two aware instants, by default a minute from now, and some customers or
    all."""
    from crmkit.engines.facts.moments import Moment
    from crmkit.engines.facts.querying import query_of

    soon = datetime.now(UTC) + timedelta(minutes=1)
    moment = Moment(as_of=as_of or soon, known_at=known_at or soon)
    return query_of(moment, crm.engines.dialect, customers=None if customers is None else list(customers))
