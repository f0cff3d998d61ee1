"""What can be checked of a plugin by reading it: manifest, hooks, contributions, models. Writes nothing.

Must not enable anything.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from crmkit.core.operations.registry import EVERY, Registry
from crmkit.core.operations.schedule import due
from crmkit.core.privacy.mapping import customer_column, fields_of as columns_of_field
from crmkit.core.store.model import FieldInfo
from crmkit.errors import ContributionError
from crmkit.hooks.contributions import Finding
from crmkit.i18n import texts
from crmkit.manifest import PluginManifest
from crmkit.security.roles.shipped import NAMES
from crmkit.testing import linting
from crmkit.testing.report import broken, doubtful, from_error, named

if TYPE_CHECKING:
    from crmkit.testing.workbench import Subject

_ = texts("crmkit")

HEAVY = ("sqlalchemy", "alembic", "jinja2")

_LOOK = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("manifest_alone", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(*sorted({name.partition(".")[0] for name in sys.modules}), sep="\\n")
"""


def manifest_is_light(tested: Subject) -> Iterator[Finding]:
    """Read the manifest in a process of its own and look at what that imported."""
    top = tested.manifest.package.partition(".")[0]
    file = _file_of(tested.source) if tested.source else None
    if file is None:
        return
    done = subprocess.run(  # noqa: S603 - this interpreter, with a program of ours
        [sys.executable, "-c", _LOOK, str(file)], capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [""])[-1]
        yield broken("CK106", _("The manifest cannot be read by itself: {reason}"), reason=reason)
    loaded = {*HEAVY, top} & set(done.stdout.split())
    if loaded:
        yield broken(
            "CK106",
            _("Reading the manifest imports {modules}."),
            _("Import crmkit.manifest and crmkit.i18n there, and nothing else."),
            modules=named(loaded),
        )


def _file_of(dotted: str) -> Path | None:
    top, *rest = dotted.split(".")
    spec = importlib.util.find_spec(top)
    for location in (spec.submodule_search_locations or ()) if spec is not None else ():
        file = Path(location, *rest).with_suffix(".py")
        if file.is_file():
            return file
    return None


def paths_lead_somewhere(manifest: PluginManifest) -> Iterator[Finding]:
    """Follow every dotted path of the manifest."""
    if manifest.settings is not None:
        found = _follow(manifest.settings)
        if not (isinstance(found, type) and attrs.has(found)):
            yield broken("CK107", _("settings: {path} is no attrs class."), path=manifest.settings)
        else:
            try:
                found()
            except TypeError as error:
                yield broken(
                    "CK107",
                    _("settings: {path} cannot be made without values: {reason}"),
                    _("Give every setting a default: a plugin must run before it was configured."),
                    path=manifest.settings,
                    reason=error,
                )
    for name, given in sorted(manifest.commands.items()):
        if not isinstance(_follow(given.target), click.Command):
            yield broken("CK107", _("commands: {name} ({path}) is no click command."), name=name, path=given.target)
    if manifest.sample is not None and not callable(_follow(manifest.sample)):
        yield broken("CK107", _("sample: {path} is no function."), path=manifest.sample)
    if manifest.migrations is not None and _package(manifest.migrations) is None:
        yield broken("CK107", _("migrations: there is no package {path}."), path=manifest.migrations)


def _follow(path: str) -> object:
    module, _colon, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name, None)
    except (Exception, SystemExit):
        return None


def code_keeps_to_the_guard(manifest: PluginManifest) -> Iterator[Finding]:
    """Read the source of the plugin's package for what goes past the guard."""
    package = _package(manifest.package.partition(".")[0])
    if package is not None:
        migrations = None if manifest.migrations is None else _package(manifest.migrations)
        yield from linting.code_keeps_to_the_guard(package, migrations)


def _package(dotted: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(dotted)
    except ImportError:
        return None
    return next((Path(each) for each in (spec.submodule_search_locations or ())), None) if spec is not None else None


def permissions_are_declared(manifest: PluginManifest, registry: Registry) -> Iterator[Finding]:
    """Compare what operations and pages need with what the admin is shown."""
    own = {permission.name for permission in manifest.permissions}
    declared = own | set(manifest.uses)
    needed = {
        each.permission: (each.name, {f"{each.resource}.{action}" for action in each.actions})
        for each in registry.owned(manifest.name, "operation")
    }
    needed |= {
        each.permission: (each.name, {each.permission})
        for each in registry.owned(manifest.name, "page")
        if each.permission
    }
    for each in registry.owned(manifest.name, "resource"):
        # Whose rights apply to the rows is for the policy to say: what is seen with a task needs the right to tasks.
        right = f"{registry.resource_of(each.model)}.read"
        if each.model.__access__.kind != "open" and right.startswith(f"{manifest.name}."):
            needed[right] = (each.name, {right})
    for permission, (by, any_of) in sorted(needed.items()):
        # A right of the kernel's, or of another plugin's, is shown where that is granted.
        theirs = not permission.startswith(f"{manifest.name}.")
        if theirs and (
            permission.rpartition(".")[0] in registry.resources or _others_need(registry, manifest, permission)
        ):
            continue
        if not any_of & declared:
            yield broken(
                "CK108",
                _("{by} needs the permission {permission}, which the manifest does not declare."),
                _("Add a Permission to the manifest, so that an admin sees it before enabling."),
                by=by,
                permission=permission,
            )
    names = [permission.name for permission in manifest.permissions]
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield broken("CK108", _("The manifest declares {permission} more than once."), permission=name)
    for permission in manifest.permissions:
        for role in permission.default_roles:
            if role not in NAMES:
                yield broken(
                    "CK108",
                    _("{permission} is to be given to the role {role}, which crmkit does not ship."),
                    _("Name some of: {roles}."),
                    permission=permission.name,
                    role=role,
                    roles=", ".join(sorted(NAMES)),
                )


def _others_need(registry: Registry, manifest: PluginManifest, permission: str) -> bool:
    """Say whether a right is one that operations of others need."""
    return any(
        permission == f"{each.resource}.{action}"
        for name, each in registry.operations.items()
        if registry.owners.get(("operation", name)) != manifest.name
        for action in each.actions
    )


def references_exist(manifest: PluginManifest, registry: Registry) -> Iterator[Finding]:
    """Look up what contributions name: events, operations, channels, templates, periods. A plugin that comes ``after``
    another one may listen to it, whether that is there or not."""
    name = manifest.name
    for each in registry.owned(name, "subscription"):
        optional = each.event.partition(".")[0] in manifest.after
        if each.event != EVERY and each.event not in registry.events and not optional:
            yield broken("CK204", _("{by} listens to {event}, which nobody emits."), by=each.name, event=each.event)
    for rule in registry.owned(name, "rule"):
        for action in rule.then:
            if action.operation not in registry.operations:
                yield broken(
                    "CK204", _("{by} runs {operation}, which does not exist."), by=rule.name, operation=action.operation
                )
        if rule.on is not None and rule.on not in registry.events:
            yield broken("CK204", _("{by} listens to {event}, which nobody emits."), by=rule.name, event=rule.on)
    channels = registry.tables["channel"]
    for kind in registry.owned(name, "interaction kind"):
        if kind.channel not in channels:
            yield broken(
                "CK204", _("{by} has the channel {channel}, which does not exist."), by=kind.name, channel=kind.channel
            )
    now = datetime.now(UTC)
    for job in registry.owned(name, "job"):
        if job.every and job.cron:
            yield broken("CK204", _("{by} has both a period and a cron expression."), by=job.name)
        elif job.every or job.cron:
            try:
                due(job, now, now, "UTC")
            except ContributionError as error:
                yield from_error(error, "CK204", always=True)
    top = _package(manifest.package.partition(".")[0])
    for page in (*registry.owned(name, "page"), *registry.owned(name, "public page")):
        # A template is named "<plugin>/<file>", where the file is in the folder "templates" of the plugin's package.
        owner, _slash, file = page.template.partition("/")
        if page.template and top is not None and (owner != name or not (top / "templates" / file).is_file()):
            yield broken(
                "CK204",
                _("{by} needs the template {template}, which does not exist."),
                by=page.name,
                template=page.template,
            )


def fields_say_their_class(manifest: PluginManifest, registry: Registry) -> Iterator[Finding]:
    """Look for columns that were not declared by ``field``, which makes them sensitive without a word."""
    for model in registry.owned(manifest.name, "model"):
        silent = [column.name for column in model.__table__.columns if not _info(column)]
        if silent:
            yield doubtful(
                "CK302",
                _("Of {table} these columns do not say their class, and are sensitive: {columns}."),
                _("Declare them with crmkit.field."),
                table=model.__tablename__,
                columns=named(silent),
            )


def _info(column: Any) -> FieldInfo | None:
    info = column.info.get("crmkit")
    return info if isinstance(info, FieldInfo) else None


def personal_data_is_mapped(manifest: PluginManifest, registry: Registry) -> Iterator[Finding]:
    """Compare the personal-data map with the columns of the tables that name a customer."""
    mapped = {each.table: each for each in registry.owned(manifest.name, "personal data")}
    tables = {model.__tablename__: model for model in registry.owned(manifest.name, "model")}
    for name in sorted(set(mapped) - set(tables)):
        yield broken("CK303", _("The map names the table {table}, which is not the plugin's."), table=name)
    for name, model in sorted(tables.items()):
        if customer_column(model) is None or name not in mapped:
            continue
        personal = {
            column.name
            for column in model.__table__.columns
            if (info := _info(column)) is not None and info.classified in ("personal", "text", "sensitive")
        }
        covered = {label for each in mapped[name].columns for label in columns_of_field(model.__table__, each)}
        missing = personal - covered
        if missing:
            yield broken(
                "CK303",
                _("Of {table} these columns are personal and not in the map: {columns}."),
                _("Name them in PersonalData(columns=…), so that export and erasure reach them."),
                table=name,
                columns=named(missing),
            )


def nothing_foreign_was_changed(manifest: PluginManifest, registry: Registry) -> Iterator[Finding]:
    """Look for relationships that the plugin has put on models of others, which break when it is not loaded."""
    own = set(registry.owned(manifest.name, "model"))
    for model in own:
        assert model.__mapper__.relationships is not None  # reading them is what puts a backref on the other side
    for table, model in sorted(registry.models.items()):
        if model in own:
            continue
        added = [item.key for item in model.__mapper__.relationships if item.mapper.class_ in own]
        if added:
            yield broken(
                "CK304",
                _("It adds {names} to {table}."),
                _("Relationships point from a plugin to the kernel, without back_populates or backref."),
                names=named(added),
                table=table,
            )
