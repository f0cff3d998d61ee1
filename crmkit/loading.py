"""Reading what enabled plugins declare into a registry, setting aside what cannot be used.

A plugin that fails anywhere here costs itself: its reason is kept and shown, everybody else goes on. Must not know
databases or doors.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable
from functools import cache
from inspect import signature
from types import ModuleType
from typing import Any, get_args

from attrs import evolve, fields

from crmkit.core.access.catalogue import check_rights
from crmkit.core.operations.registry import KERNEL, SORTS, Registry
from crmkit.core.privacy.mapping import check_map
from crmkit.core.store.infos import field_info
from crmkit.core.store.model import Model
from crmkit.deprecated import check_hooks, check_values
from crmkit.errors import ContributionError, ModelError, PluginDependencyError, PluginError
from crmkit.hooks.checks import check_module, require_items
from crmkit.hooks.contributions import Board, Calendar
from crmkit.hooks.discovery import load_module
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.origin import origin, wording
from crmkit.hooks.reports import ChartKind, ColumnKind
from crmkit.hooks.resolution import Resolution
from crmkit.i18n import texts
from crmkit.manifest import PluginManifest

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")


def load_kernel(dispatcher: Dispatcher, registry: Registry) -> None:
    """Register the kernel's own contributions, in a dispatcher and a registry that hold nothing yet."""
    kernel = _kernel()
    for name, room in _rooms():
        dispatcher.add_plugin(name, room, checked=True)
    for sort, items in kernel.tables.items():
        registry.tables[sort].update(items)
    registry.owners.update(kernel.owners)
    registry.guarded.update(kernel.guarded)
    registry.revision += kernel.revision


@cache
def _kernel() -> Registry:
    """Return what the kernel declares; it is the same for every CRM of a process, so it is read and checked once."""
    dispatcher, registry = Dispatcher(), Registry()
    for name, room in _rooms():
        dispatcher.add_plugin(name, room)
        _declare(dispatcher, registry, KERNEL, module=name)
    check_map(registry, KERNEL)
    check_rights(registry, KERNEL)
    return registry


def _rooms() -> Iterable[tuple[str, ModuleType]]:
    from crmkit.configuration import builtin as configuration
    from crmkit.core import builtin
    from crmkit.engines import builtin as engines
    from crmkit.exchange import builtin as exchange
    from crmkit.identity import builtin as identity
    from crmkit.security import builtin as security

    rooms = {
        "engines": engines,
        "exchange": exchange,
        "security": security,
        "configuration": configuration,
        "identity": identity,
    }
    return ((KERNEL, builtin), *((f"{KERNEL}.{name}", room) for name, room in rooms.items()))


def is_kernel(owner: str) -> bool:
    """Say whether an owner of contributions is the kernel, or a room of it, rather than a plugin."""
    return owner.partition(".")[0] == KERNEL


def load_plugins(dispatcher: Dispatcher, registry: Registry, resolution: Resolution) -> dict[str, PluginError]:
    """Import and register plugins in their order and return those that were set aside, each with its reason."""
    broken: dict[str, PluginError] = dict(resolution.refused)
    for manifest in resolution.order:
        missing = [name for name in manifest.requires if name in broken]
        if missing:
            broken[manifest.name] = requires_broken(manifest.name, missing[0])
            continue
        try:
            load_plugin(dispatcher, registry, manifest)
        except PluginError as error:
            broken[manifest.name] = error
            _log.warning("%s", error)
    return broken


def load_plugin(dispatcher: Dispatcher, registry: Registry, manifest: PluginManifest) -> None:
    """Import and register one plugin. Raises PluginError, and then keeps nothing of it."""
    module = load_module(manifest)
    _add_hooks(dispatcher, manifest)
    implemented = check_module(manifest.name, module, dispatcher.specifications)
    dispatcher.add_plugin(manifest.name, module, checked=True)
    try:
        check_values(manifest.name, [manifest])
        check_hooks(manifest.name, [(each.hook, signature(each.function).parameters) for each in implemented])
        _declare(dispatcher, registry, manifest.name)
        check_map(registry, manifest.name)
        registry.uses[manifest.name] = frozenset(manifest.uses)
        registry.permissions[manifest.name] = frozenset(each.name for each in manifest.permissions)
        check_rights(registry, manifest.name)
        check_views(registry, manifest.name)
        check_imports(registry, manifest.name)
        check_reports(registry, manifest.name)
        _check_migrations(registry, manifest)
    except BaseException as error:
        unload_plugin(dispatcher, registry, manifest.name)
        if isinstance(error, PluginError):
            error.plugin = error.plugin or manifest.name
        elif isinstance(error, Exception):
            # A value may be wrong in ways that nobody thought of: it is a mistake of the plugin all the same.
            raise ContributionError(
                _("What it declares cannot be used: {kind} at {place}: {text}"),
                plugin=manifest.name,
                kind=type(error).__name__,
                place=origin(error),
                text=wording(error),
            ) from error
        raise


def unload_plugin(dispatcher: Dispatcher, registry: Registry, name: str) -> None:
    """Forget a plugin; one that is not loaded is none the worse for it. Its modules stay imported."""
    if name in dispatcher.plugins:
        dispatcher.remove_plugin(name)
    registry.remove(name)


def scratch(
    loaded: Iterable[PluginManifest], wanted: Iterable[PluginManifest]
) -> tuple[Dispatcher, Registry, dict[str, PluginError]]:
    """Load the kernel, plugins that are known to load, and those that are wanted, into a dispatcher and a registry of
    their own, to see what they have; the third value says which of the wanted failed, and why."""
    dispatcher, registry = Dispatcher(), Registry()
    load_kernel(dispatcher, registry)
    for manifest in loaded:
        load_plugin(dispatcher, registry, manifest)
    broken = load_plugins(dispatcher, registry, Resolution(order=tuple(wanted)))
    return dispatcher, registry, broken


def start_plugins(crm: Any, dispatcher: Dispatcher, registry: Registry) -> dict[str, PluginError]:
    """Call ``crmkit_startup`` and unload, with those that require them, the plugins in which it failed; each is
    returned with its reason."""
    broken: dict[str, PluginError] = {}
    for answer in dispatcher.collect("crmkit_startup", crm=crm):
        if answer.error is not None:
            broken[answer.plugin] = answer.error
            unload_plugin(dispatcher, registry, answer.plugin)
    return broken


def set_aside_dependents(
    dispatcher: Dispatcher, registry: Registry, manifests: Iterable[PluginManifest], broken: dict[str, PluginError]
) -> None:
    """Unload the plugins that require one that is broken, and add them to the broken ones. ``manifests`` come in the
    order of their requirements."""
    for manifest in manifests:
        missing = [name for name in manifest.requires if name in broken]
        if missing and manifest.name not in broken:
            unload_plugin(dispatcher, registry, manifest.name)
            broken[manifest.name] = requires_broken(manifest.name, missing[0])


def requires_broken(name: str, other: str) -> PluginDependencyError:
    """Return the error of a plugin that requires a broken one."""
    return PluginDependencyError(_('It requires "{other}", which is broken.'), plugin=name, other=other)


def _add_hooks(dispatcher: Dispatcher, manifest: PluginManifest) -> None:
    """Add the hooks that the plugin defines for others, in a module ``hookspecs`` beside its hook module."""
    if any(each.owner == manifest.name for each in dispatcher.specifications.values()):
        return
    dotted = f"{manifest.package}.hookspecs"
    try:
        if importlib.util.find_spec(dotted) is None:
            return
    except ImportError:
        return
    module = load_module(evolve(manifest, module=dotted))
    dispatcher.add_specs(manifest.name, module, getattr(module, "POLICIES", None))


def _check_migrations(registry: Registry, manifest: PluginManifest) -> None:
    if manifest.migrations is None and registry.owned(manifest.name, "model"):
        raise ModelError(
            _("It has models, and its manifest names no package of migrations."),
            plugin=manifest.name,
            fix=_('Give the manifest migrations="{package}.migrations" and run: crmkit db revision {name}'),
            package=manifest.package,
            name=manifest.name,
        )


def _declare(dispatcher: Dispatcher, registry: Registry, owner: str, *, module: str | None = None) -> None:
    name = module or owner
    implemented = set(dispatcher.hooks_of(name))
    for sort, how in SORTS.items():
        if how.hook not in implemented:
            continue
        answer = dispatcher.only(name, how.hook)
        if answer is None:
            continue
        if answer.error is not None:
            raise answer.error
        items = require_items(owner, how.hook, answer.value)
        if sort == "model":
            for model in items:
                check_model(owner, model)
        check_values(owner, items)
        registry.add(owner, sort, items)
    guarded = dispatcher.only(owner, "crmkit_guards")
    if guarded is not None:
        if guarded.error is not None:
            raise guarded.error
        registry.guarded[owner] = frozenset(require_items(owner, "crmkit_guards", guarded.value))


def check_model(owner: str, model: Any) -> None:
    """Check a model against the rules of the store. Raises ModelError."""
    if not (isinstance(model, type) and issubclass(model, Model) and hasattr(model, "__table__")):
        raise ModelError(
            _("{model} is not a model of crmkit."),
            plugin=owner,
            fix=_("Derive it from Record, CustomerRecord or Entry."),
            model=getattr(model, "__name__", repr(model)),
        )
    if model.__access__ is None:
        raise ModelError(
            _("{model} does not say who may see its rows."),
            plugin=owner,
            fix=_('Give it a policy: __access__ = Access.via("customer_id"), Access.owned() or Access.open().'),
            model=model.__name__,
        )
    for column in model.__table__.columns:
        for key in column.foreign_keys:
            if key.ondelete is None:
                raise ModelError(
                    _("The foreign key of {table}.{column} does not say ondelete."),
                    plugin=owner,
                    fix=_('Use kernel_key(Customer.id, ondelete="CASCADE") or "SET NULL".'),
                    table=model.__tablename__,
                    column=column.name,
                )


def check_views(registry: Registry, owner: str) -> None:
    """Check that an owner's boards and calendars name records, fields and operations that there are. Raises
    ContributionError."""
    for board in registry.owned(owner, "board"):
        _check_board(registry, owner, board)
    for calendar in registry.owned(owner, "calendar"):
        names = [calendar.start, *filter(None, (calendar.end, calendar.state))]
        _check_view(registry, owner, calendar, plain=names, named=calendar.label)


def check_imports(registry: Registry, owner: str) -> None:
    """Check that the operations by which an owner's records are filled from files are there. Raises
    ContributionError."""
    for resource in registry.owned(owner, "resource"):
        if resource.imports is None:
            continue
        for name in filter(None, (resource.imports.operation, resource.imports.update)):
            if name not in registry.operations:
                raise ContributionError(
                    _('{name}: there is no operation "{operation}" to fill its records by.'),
                    plugin=owner,
                    name=resource.name,
                    operation=name,
                )


def check_reports(registry: Registry, owner: str) -> None:
    """Check that an owner's reports have columns and charts of kinds that there are, and that charts draw columns of
    theirs. Raises ContributionError."""
    for report in registry.owned(owner, "report"):
        columns = {each.name for each in report.columns}
        kinds = [(each.name, each.kind, get_args(ColumnKind)) for each in report.columns]
        kinds += [(each.title or each.x, each.kind, get_args(ChartKind)) for each in report.charts]
        for part, kind, known in kinds:
            if kind not in known:
                raise ContributionError(
                    _('{name}: "{part}" has the kind "{kind}", which there is not.'),
                    plugin=owner,
                    fix=_("Known: {known}."),
                    name=report.name,
                    part=part,
                    kind=kind,
                    known=", ".join(known),
                )
        for name in (name for each in report.charts for name in (each.x, *each.y)):
            # Where a report's function says the columns, they are known when it has run.
            if columns and name not in columns:
                raise ContributionError(
                    _('{name}: a chart draws the column "{column}", which there is not.'),
                    plugin=owner,
                    fix=_("Known: {known}."),
                    name=report.name,
                    column=name,
                    known=", ".join(sorted(columns)),
                )


def _check_board(registry: Registry, owner: str, board: Board) -> None:
    plain = [board.field, *filter(None, (board.amount,))]
    model = _check_view(registry, owner, board, plain=plain, named=board.card)
    argument = board.argument or board.field
    for name in dict.fromkeys((board.move, *(each.operation for each in board.columns if each.operation))):
        operation = registry.operations.get(name)
        if operation is None or operation.target is not model:
            raise ContributionError(
                _('{name}: "{operation}" is no operation on a record of {resource}.'),
                plugin=owner,
                name=board.name,
                operation=name,
                resource=board.resource,
            )
    stays = [each.value for each in board.columns if not each.operation]
    taken = {each.name for each in fields(registry.operations[board.move].inputs)}
    if (stays or board.columns_of is not None) and argument not in taken:
        raise ContributionError(
            _('{name}: the operation "{operation}" takes no "{argument}".'),
            plugin=owner,
            fix=_("Say argument=, or the operation of each column."),
            name=board.name,
            operation=board.move,
            argument=argument,
        )


def _check_view(
    registry: Registry, owner: str, view: Board | Calendar, *, plain: Iterable[str], named: Iterable[str]
) -> type[Any]:
    """Check what boards and calendars have in common, and return the model of their records."""
    resource = registry.resources.get(view.resource)
    if resource is None:
        raise ContributionError(
            _('{name}: there is no resource "{resource}".'), plugin=owner, name=view.name, resource=view.resource
        )
    columns = resource.model.__table__.c
    for field in plain:
        if columns.get(field) is None or field_info(columns[field]).classified not in ("public", "internal"):
            raise ContributionError(
                _('{name}: "{field}" is no field of {resource} that is kept in plain and seen by all.'),
                plugin=owner,
                name=view.name,
                field=field,
                resource=view.resource,
            )
    for field in named:
        if not hasattr(resource.model, field):
            raise ContributionError(
                _('{name}: {resource} has no field "{field}".'),
                plugin=owner,
                name=view.name,
                field=field,
                resource=view.resource,
            )
    return resource.model
