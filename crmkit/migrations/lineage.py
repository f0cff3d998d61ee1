"""What a lineage of revisions is, and running alembic on one of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from attrs import frozen
from sqlalchemy import Connection, MetaData

from crmkit.errors import MigrationError
from crmkit.i18n import texts

_ = texts("crmkit")

KERNEL = "crmkit"
_HERE = Path(__file__).parent


@frozen(kw_only=True)
class Lineage:
    """The revisions of one owner: the kernel ("crmkit") or a plugin, by name.

    ``package`` is the import package of the revision files, ``prefix`` what the owner's tables begin with.
    """

    name: str
    package: str
    prefix: str

    @classmethod
    def kernel(cls) -> Lineage:
        """Return the kernel's lineage."""
        return cls(name=KERNEL, package="crmkit.migrations.versions", prefix="crm_")

    @classmethod
    def of_plugin(cls, name: str, package: str) -> Lineage:
        """Return a plugin's lineage."""
        return cls(name=name, package=package, prefix=f"{name}_")

    @property
    def version_table(self) -> str:
        """Return the name of the table that keeps where this lineage stands."""
        return "crm_migration" if self.name == KERNEL else f"crm_migration_{self.name}"

    @property
    def folder(self) -> Path:
        """Return the folder of the revision files. Raises MigrationError when the package is not there."""
        spec = importlib.util.find_spec(self.package)
        locations = list(spec.submodule_search_locations or ()) if spec else []
        if not locations:
            raise MigrationError(
                _("There is no package {package} with revisions."), plugin=self.name, package=self.package
            )
        return Path(locations[0])

    def script(self) -> ScriptDirectory:
        """Return alembic's view of the revision files."""
        config = Config()
        config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        config.set_main_option("version_path_separator", "newline")
        return ScriptDirectory.from_config(config)

    def heads(self) -> Sequence[str]:
        """Return the newest revisions; a sound lineage has exactly one."""
        return self.script().get_heads()

    def options(self, metadata: MetaData | None) -> dict[str, Any]:
        """Return the options of a migration context on this lineage."""
        return {
            "version_table": self.version_table,
            "target_metadata": metadata,
            "transaction_per_migration": True,
            "render_as_batch": True,
            "compare_type": True,
            "compare_server_default": False,
            "include_name": self._ours,
        }

    def _ours(self, name: str | None, kind: str, parents: Any) -> bool:
        if kind != "table":
            return True
        return bool(name) and str(name).startswith(self.prefix) and not str(name).startswith("crm_migration")

    def current(self, connection: Connection) -> str | None:
        """Return the revision that the database is at, or None."""
        context = MigrationContext.configure(connection, opts={"version_table": self.version_table})
        heads = context.get_current_heads()
        return heads[0] if heads else None

    def move(self, connection: Connection, revision: str = "head", *, down: bool = False) -> list[str]:
        """Bring the database to a revision ("head", "base" or an id) and return the revisions that were run, in order.

        Each revision commits with its own row in the version table. Raises MigrationError naming the one that failed;
        those before it stay.
        """
        script = self.script()
        done: list[str] = []

        def steps(current: Any, context: MigrationContext) -> Any:
            find: Callable[..., Any] = script._downgrade_revs if down else script._upgrade_revs
            return find(revision, current)

        def note(step: Any, **_rest: Any) -> None:
            done.append(step.up_revision_id or "")

        environment = EnvironmentContext(Config(), script, fn=steps)
        with environment:
            environment.configure(connection=connection, on_version_apply=note, **self.options(None))
            try:
                with environment.begin_transaction():
                    environment.run_migrations()
            except Exception as error:
                raise MigrationError(
                    _("The revision after {last} failed: {reason}"),
                    plugin=self.name,
                    fix=_("Mend the cause and run: crmkit db upgrade"),
                    last=done[-1] if done else (self.current_or_none(connection) or "base"),
                    reason=f"{type(error).__name__}: {error}",
                ) from error
        return done

    def current_or_none(self, connection: Connection) -> str | None:
        """Return the revision that the database is at, or None where that cannot be read."""
        try:
            return self.current(connection)
        except Exception:
            return None
