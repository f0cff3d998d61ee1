"""Comparing models with the database, and writing the revision that brings one to the other."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen
from sqlalchemy import MetaData

from crmkit.core.operations.registry import KERNEL, Registry
from crmkit.core.store.engine import open_engines
from crmkit.errors import LifecycleError, MigrationError, PluginError
from crmkit.hooks.resolution import closure
from crmkit.i18n import texts
from crmkit.lifecycle.records import lineage_of
from crmkit.loading import load_kernel, scratch
from crmkit.manifest import PluginManifest
from crmkit.migrations.lineage import Lineage
from crmkit.settings import Settings

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

_PACKAGE = '"""Revisions of the plugin\'s tables, in one line; written by ``crmkit db revision``."""\n'


@frozen(kw_only=True)
class Drift:
    """How a lineage stands: where the database is, what is pending, and what differs from the models all the same.

    ``error`` says why that could not be found out.
    """

    name: str
    current: str | None = None
    pending: tuple[str, ...] = ()
    differences: tuple[str, ...] = field(default=(), converter=tuple)
    error: PluginError | None = None

    @property
    def sound(self) -> bool:
        """Say whether the database is exactly what the models say."""
        return not (self.pending or self.differences or self.error)


def check_schema(crm: CRM, *, kernel: bool = True) -> tuple[Drift, ...]:
    """Return how the lineage of the kernel and of each plugin that runs stands, the kernel's first; plugins' alone
    without ``kernel``."""
    found = [_drift(crm, Lineage.kernel(), crm.registry)] if kernel else []
    manifests = {each.name: each.manifest for each in crm.found}
    for name in crm.dispatcher.plugins:
        manifest = manifests.get(name)
        lineage = lineage_of(crm, manifest) if manifest is not None else None
        if lineage is not None:
            found.append(_drift(crm, lineage, crm.registry))
    found.extend(Drift(name=name, error=error) for name, error in sorted(crm.broken.items()))
    return tuple(found)


def _drift(crm: CRM, lineage: Lineage, registry: Registry) -> Drift:
    from crmkit.migrations.autogenerate import difference

    try:
        lineage.verify()
        with crm.engines.system_read.connect() as connection:
            current = lineage.current(connection)
            differences = difference(connection, lineage, metadata_of(registry, lineage.name))
        return Drift(
            name=lineage.name,
            current=current,
            pending=lineage.pending(current),
            differences=tuple(_describe(each) for each in differences),
        )
    except PluginError as error:
        return Drift(name=lineage.name, error=error)


def _describe(operation: object) -> str:
    """Return one of alembic's tuples, or a group of them, as text."""
    if isinstance(operation, list):
        return "; ".join(_describe(each) for each in operation)
    assert isinstance(operation, tuple)
    parts = [getattr(part, "name", part) for part in operation[1:]]
    return " ".join([str(operation[0]), *(str(part) for part in parts if isinstance(part, str))])


def metadata_of(registry: Registry, name: str) -> MetaData:
    """Return the metadata of an owner's models; an empty one where it has none."""
    models = registry.owned(name, "model")
    metadata: MetaData = models[0].__table__.metadata if models else MetaData()
    return metadata


def write_revision(crm: CRM, name: str, message: str) -> Path | None:
    """Write the revision that brings a plugin's tables to its models into its migrations folder, and return the file;
    None when there is nothing to do. ``name`` may be "crmkit".

    The revisions so far are run on a database of its own, so this CRM's database plays no part, and the plugin need not
    be enabled. Raises UnknownPlugin and whatever keeps the plugin from being loaded, LifecycleError when it names no
    migrations, MigrationError.
    """
    from crmkit.migrations import autogenerate

    manifests = _needed(crm, name)
    _dispatcher, registry, broken = scratch((), manifests) if name != KERNEL else _kernel()
    if broken:
        raise next(iter(broken.values()))
    lineage = _lineage(crm, manifests[-1]) if name != KERNEL else Lineage.kernel()
    _make_folder(crm, lineage, manifests[-1] if manifests else None)
    with tempfile.TemporaryDirectory(prefix="crmkit-") as folder:
        engines = open_engines(Settings(database=f"sqlite:///{Path(folder, 'models.db')}"))
        try:
            with engines.system_write.connect() as connection:
                _move(Lineage.kernel(), connection, only=lineage)
                for manifest in manifests:
                    before = lineage_of(crm, manifest)
                    if before is not None:
                        _move(before, connection, only=lineage)
                metadata = metadata_of(registry, name)
                if not autogenerate.difference(connection, lineage, metadata):
                    return None
                content = autogenerate.write_revision(connection, lineage, metadata, message)
        finally:
            engines.dispose()
    slug = "".join(character if character.isascii() and character.isalnum() else "_" for character in message.lower())
    path = lineage.folder / f"{autogenerate.next_revision(lineage)}_{slug.strip('_')[:40] or 'change'}.py"
    path.write_text(content, "utf-8")
    return path


def _move(lineage: Lineage, connection: object, *, only: Lineage) -> None:
    from sqlalchemy import Connection

    assert isinstance(connection, Connection)
    if lineage.revisions() or lineage.name != only.name:
        lineage.move(connection)
    connection.rollback()


def _kernel() -> tuple[object, Registry, dict[str, PluginError]]:
    from crmkit.hooks.dispatch import Dispatcher

    dispatcher, registry = Dispatcher(), Registry()
    load_kernel(dispatcher, registry)
    return dispatcher, registry, {}


def _needed(crm: CRM, name: str) -> list[PluginManifest]:
    if name == KERNEL:
        return []
    manifests = {each.name: each.manifest for each in crm.found}
    return [manifest for each in closure(name, crm.found) if (manifest := manifests[each]) is not None]


def _lineage(crm: CRM, manifest: PluginManifest) -> Lineage:
    lineage = lineage_of(crm, manifest)
    if lineage is None:
        raise LifecycleError(
            _("Its manifest names no package of migrations."),
            plugin=manifest.name,
            fix=_('Give it migrations="{package}.migrations".'),
            package=manifest.package,
        )
    return lineage


def _make_folder(crm: CRM, lineage: Lineage, manifest: PluginManifest | None) -> None:
    try:
        lineage.folder  # noqa: B018
    except MigrationError:
        if manifest is None or not lineage.package.startswith(f"{manifest.package}."):
            raise
        parent = Lineage.of_plugin(manifest.name, manifest.package).folder
        folder = parent.joinpath(*lineage.package.removeprefix(f"{manifest.package}.").split("."))
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(_PACKAGE, "utf-8")
