"""Reading what enabled plugins declare into a registry, setting aside what cannot be used.

A plugin that fails anywhere here costs itself: its reason is kept and shown, everybody else goes on. Must not know
databases or doors.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from crmkit.core.operations.registry import KERNEL, SORTS, Registry
from crmkit.core.store.model import Model
from crmkit.errors import ModelError, PluginError
from crmkit.hooks.discovery import load_module
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.resolution import Resolution
from crmkit.i18n import texts
from crmkit.manifest import PluginManifest

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")


def load_kernel(dispatcher: Dispatcher, registry: Registry) -> None:
    """Register the kernel's own contributions."""
    from crmkit.core import builtin

    dispatcher.add_plugin(KERNEL, builtin)
    _declare(dispatcher, registry, KERNEL)


def load_plugins(dispatcher: Dispatcher, registry: Registry, resolution: Resolution) -> dict[str, PluginError]:
    """Import and register plugins in their order and return those that were set aside, each with its reason."""
    broken: dict[str, PluginError] = dict(resolution.refused)
    for manifest in resolution.order:
        missing = [name for name in manifest.requires if name in broken]
        if missing:
            broken[manifest.name] = PluginError(
                _("It requires {other}, which is broken."), plugin=manifest.name, other=missing[0]
            )
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
    dispatcher.add_plugin(manifest.name, module)
    try:
        _declare(dispatcher, registry, manifest.name)
    except BaseException:
        dispatcher.remove_plugin(manifest.name)
        registry.remove(manifest.name)
        raise


def _declare(dispatcher: Dispatcher, registry: Registry, owner: str) -> None:
    implemented = set(dispatcher.hooks_of(owner))
    for sort, how in SORTS.items():
        if how.hook not in implemented:
            continue
        answer = dispatcher.only(owner, how.hook)
        if answer is None:
            continue
        if answer.error is not None:
            raise answer.error
        items: Iterable[Any] = answer.value
        if sort == "model":
            items = list(items)
            for model in items:
                check_model(owner, model)
        registry.add(owner, sort, items)
    guarded = dispatcher.only(owner, "crmkit_guards")
    if guarded is not None:
        if guarded.error is not None:
            raise guarded.error
        registry.guarded[owner] = frozenset(guarded.value)
    _check_personal_data(registry, owner)


def check_model(owner: str, model: Any) -> None:
    """Check a model against the rules of the store. Raises ModelError."""
    if not (isinstance(model, type) and issubclass(model, Model) and hasattr(model, "__table__")):
        raise ModelError(
            _("{model} is not a model of crmkit."),
            plugin=owner,
            fix=_("Derive it from Record, CustomerRecord or Entry."),
            model=getattr(model, "__name__", repr(model)),
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


def customer_column(model: Any) -> str | None:
    """Return the column of a model that names the customer, or None when it is about none."""
    for column in model.__table__.columns:
        for key in column.foreign_keys:
            if key.column.table.name == "crm_customer" and column.name != "parent_id":
                return str(column.name)
    return None


def _check_personal_data(registry: Registry, owner: str) -> None:
    mapped = {entry.table for entry in registry.personal_data.values()}
    for model in registry.owned(owner, "model"):
        if customer_column(model) and model.__tablename__ not in mapped:
            raise ModelError(
                _("The table {table} is about customers and is in no personal-data map."),
                plugin=owner,
                fix=_("Return a PersonalData for it from crmkit_personal_data."),
                table=model.__tablename__,
            )
