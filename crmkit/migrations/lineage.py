"""What a lineage of revisions is, and running alembic on one of them.

Must not know which plugins are enabled, nor import a plugin's package: the revisions of one that cannot be imported
any more are still found.
"""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import Connection, MetaData, column, inspect, select, table

from crmkit.errors import MigrationError
from crmkit.i18n import texts
from crmkit.migrations import search

if TYPE_CHECKING:
    # alembic takes longer to import than a small CRM takes to open; only what runs revisions needs it.
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

_ = texts("crmkit")

KERNEL = "crmkit"
_HERE = Path(__file__).parent


@frozen(kw_only=True)
class Lineage:
    """The revisions of one owner: the kernel ("crmkit") or a plugin, by name.

    ``package`` is the import package of the revision files, ``prefix`` what the owner's tables begin with. ``foreign``
    are longer prefixes of other plugins (``sales_plus_`` beside ``sales_``), whose tables are not this owner's.
    Revisions are named ``<name>_NNNN``, each in a file whose name begins so, and follow each other in one line.
    """

    name: str
    package: str
    prefix: str
    foreign: tuple[str, ...] = field(default=(), converter=tuple)

    @classmethod
    def kernel(cls) -> Lineage:
        """Return the kernel's lineage."""
        return cls(name=KERNEL, package="crmkit.migrations.versions", prefix="crm_")

    @classmethod
    def of_plugin(cls, name: str, package: str, others: Sequence[str] = ()) -> Lineage:
        """Return a plugin's lineage. ``others`` are the names of all plugins that are known."""
        longer = tuple(sorted(f"{other}_" for other in others if other.startswith(f"{name}_")))
        return cls(name=name, package=package, prefix=f"{name}_", foreign=longer)

    @property
    def version_table(self) -> str:
        """Return the name of the table that keeps where this lineage stands."""
        return version_table(self.name)

    @property
    def folder(self) -> Path:
        """Return the folder of the revision files. Raises MigrationError when the package is not there."""
        top, *rest = self.package.split(".")
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            spec = None
        # Only the top-level package is looked for: the search for a subpackage would import the packages above it.
        for location in (spec.submodule_search_locations or ()) if spec else ():
            folder = Path(location, *rest)
            if folder.is_dir():
                return folder
        raise MigrationError(
            _("There is no package {package} with revisions."), plugin=self._plugin, package=self.package
        )

    @property
    def _plugin(self) -> str | None:
        return None if self.name == KERNEL else self.name

    def revisions(self) -> tuple[str, ...]:
        """Return the ids of the revisions in their order, by the names of their files; none of them is executed.

        Raises MigrationError when the package is not there.
        """
        pattern = re.compile(rf"({re.escape(self.name)}_\d{{4}})(_\w+)?\.py")
        found = (pattern.fullmatch(path.name) for path in self.folder.iterdir())
        return tuple(sorted({match[1] for match in found if match}))

    def newest(self) -> str | None:
        """Return the newest revision, or None where there is none yet. Raises MigrationError."""
        known = self.revisions()
        return known[-1] if known else None

    def pending(self, current: str | None) -> tuple[str, ...]:
        """Return the revisions that a database at ``current`` has not seen.

        Raises MigrationError when the database is at a revision that is not among the files.
        """
        known = self.revisions()
        if current is None:
            return known
        if current not in known:
            raise MigrationError(
                _("The database is at {current}, which this version does not know."),
                plugin=self._plugin,
                fix=_("Install the version that made it."),
                current=current,
            )
        return known[known.index(current) + 1 :]

    def script(self) -> ScriptDirectory:
        """Return alembic's view of the revision files."""
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        return ScriptDirectory.from_config(config)

    def heads(self) -> Sequence[str]:
        """Return the newest revisions; a sound lineage has exactly one."""
        return self.script().get_heads()

    def verify(self) -> None:
        """Read every revision and raise MigrationError unless they form one line, each named after its file."""
        try:
            steps = list(self.script().walk_revisions())
        except (Exception, SystemExit) as error:
            raise self._failure(_("Its revisions cannot be read: {reason}"), error) from error
        ids = [step.revision for step in reversed(steps)]
        if tuple(ids) != self.revisions():
            raise MigrationError(
                _("Its revisions are not one line: {found}."),
                plugin=self._plugin,
                fix=_("Each follows the one before and is named {name}_NNNN, like its file."),
                found=", ".join(ids) or _("none"),
                name=self.name,
            )

    def options(self, metadata: MetaData | None) -> dict[str, Any]:
        """Return the options of a migration context on this lineage."""
        return {
            "version_table": self.version_table,
            "target_metadata": metadata,
            "transaction_per_migration": True,
            # Our views of SQLite begin transactions themselves, so that its DDL is as transactional as PostgreSQL's.
            "transactional_ddl": True,
            "render_as_batch": True,
            "compare_type": True,
            "compare_server_default": False,
            "include_name": self._included,
        }

    def owns(self, table: str) -> bool:
        """Say whether a table is this owner's by its name."""
        return (
            table.startswith(self.prefix)
            and not table.startswith(("crm_migration", search.TABLE))
            and not table.startswith(self.foreign)
        )

    def _included(self, name: str | None, kind: str, parents: Any) -> bool:
        if kind == "index":
            return name != search.INDEX
        return kind != "table" or (name is not None and self.owns(name))

    def current(self, connection: Connection) -> str | None:
        """Return the revision that the database is at, or None."""
        if not inspect(connection).has_table(self.version_table):
            return None
        found = connection.execute(select(column("version_num")).select_from(table(self.version_table)))
        return next((str(revision) for revision in found.scalars()), None)

    def move(self, connection: Connection, revision: str = "head", *, down: bool = False) -> list[str]:
        """Bring the database to a revision ("head", "base" or an id) and return the revisions that were run, in order.

        Each revision commits with its own row in the version table. Raises MigrationError naming the one that failed;
        those before it stay. The connection must not be in a transaction.
        """
        from alembic.config import Config
        from alembic.runtime.environment import EnvironmentContext

        self.verify()
        before = self.current(connection)
        connection.rollback()
        if not down:
            self.pending(before)
        script = self.script()
        done: list[str] = []
        running: list[str] = []
        broken_before = _broken_keys(connection)
        connection.rollback()

        def steps(current: Any, context: MigrationContext) -> Iterator[Any]:
            find: Callable[..., Any] = script._downgrade_revs if down else script._upgrade_revs
            for step in find(revision, current):
                running.append(str(step.revision.revision))
                yield step

        def note(*_given: Any, **_named: Any) -> None:
            # Foreign keys are off while SQLite rebuilds tables; what broke meanwhile must not be committed.
            worse = _broken_keys(connection) - broken_before
            if worse:
                raise MigrationError(
                    _("It leaves rows without the row they refer to: {keys}."),
                    plugin=self._plugin,
                    keys=", ".join(sorted(f"{child} → {parent}" for child, parent in worse)),
                )
            done.append(running[-1])

        environment = EnvironmentContext(Config(), script, fn=steps)
        with environment:
            environment.configure(connection=connection, on_version_apply=note, **self.options(None))
            try:
                with environment.begin_transaction():
                    environment.run_migrations()
                connection.commit()
            except (Exception, SystemExit) as error:
                connection.rollback()
                if not running:
                    raise self._failure(_("Its revisions cannot be run: {reason}"), error) from error
                raise self._failure(_("Revision {revision} failed: {reason}"), error, revision=running[-1]) from error
        return done

    def _failure(self, message: str, error: BaseException, **values: object) -> MigrationError:
        reason = error.render() if isinstance(error, MigrationError) else f"{type(error).__name__}: {error}"
        return MigrationError(
            message,
            plugin=self._plugin,
            fix=_("Mend the cause and run: crmkit db upgrade"),
            reason=reason.partition("\n")[0],
            **values,
        )


def version_table(name: str) -> str:
    """Return the name of the table that keeps where the lineage of an owner stands."""
    return "crm_migration" if name == KERNEL else f"crm_migration_{name}"


def _broken_keys(connection: Connection) -> Counter[tuple[str, str]]:
    if connection.dialect.name != "sqlite":
        return Counter()
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return Counter((str(row[0]), str(row[2])) for row in rows)
