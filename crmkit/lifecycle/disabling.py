"""Disabling plugins: their data stays, and stays within reach of merge, erasure and the customer's deletion.

Works from what the database has stored, so that a plugin that cannot be imported any more can still be switched off.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from crmkit.core.store.actor import Actor
from crmkit.errors import LifecycleError, PluginError
from crmkit.i18n import texts
from crmkit.lifecycle.enabling import now_running
from crmkit.lifecycle.records import bump, change, refresh_mirror, set_state, stored_plugins
from crmkit.lifecycle.recovery import recover
from crmkit.loading import unload_plugin
from crmkit.migrations.runner import runner
from crmkit.mirror import dependents, needed_by, read_mirror

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")
_log = logging.getLogger("crmkit.plugins")


@frozen(kw_only=True)
class Disabled:
    """The plugins that were disabled, in order, and the errors of their hooks, which kept nothing from happening."""

    names: tuple[str, ...]
    errors: tuple[PluginError, ...] = ()


def disable(crm: CRM, name: str, *, cascade: bool = False, actor: Actor | None = None) -> Disabled:
    """Disable a plugin, keeping its data. No plugin is imported for it.

    Raises LifecycleError when it is not enabled, or when others that are enabled require it and ``cascade`` is false;
    with ``cascade`` those are disabled first.
    """
    actor = actor or Actor.system("disabling a plugin")
    with runner(crm.engines) as connection:
        unfinished = stored_plugins(crm).get(name)
        recovered = recover(crm, connection)
        if unfinished is not None and unfinished.state == "enabling" and name in recovered:
            return Disabled(names=(name,))
        stored = stored_plugins(crm)
        if name not in stored or stored[name].state != "enabled":
            raise LifecycleError(_("It is not enabled."), plugin=name, fix=_("crmkit plugin list shows what is."))
        requires = {other: each.requires for other, each in stored.items() if each.state == "enabled"}
        order = dependents(name, requires)
        if len(order) > 1 and not cascade:
            raise needed_by(name, order[:-1])
        errors: list[PluginError] = []
        for each in order:
            errors.extend(_disable_one(crm, each, actor))
    return Disabled(names=order, errors=tuple(errors))


def _disable_one(crm: CRM, name: str, actor: Actor) -> Sequence[PluginError]:
    errors: list[PluginError] = []
    if name in crm.dispatcher.plugins:
        for hook in ("crmkit_plugin_disabled", "crmkit_shutdown"):
            try:
                answer = crm.dispatcher.only(name, hook, crm=crm)
            except PluginError as error:
                errors.append(error)
            except Exception as error:
                # An error of crmkit's own tree reaches us as it is.
                errors.append(PluginError(_("{hook} failed: {reason}"), plugin=name, hook=hook, reason=str(error)))
            else:
                if answer is not None and answer.error is not None:
                    errors.append(answer.error)
    with change(crm, actor, "plugin.disable", name) as session:
        set_state(session, name, "disabled")
        bump(session)
    unload_plugin(crm.dispatcher, crm.registry, name)
    crm.broken.pop(name, None)
    now_running(crm)
    for error in errors:
        _log.warning("%s", error)
    return errors


def honour_requests(crm: CRM) -> tuple[str, ...]:
    """Disable what was asked to be disabled while the database or the plugin could not be opened, and return it."""
    wanted = read_mirror(crm.settings.home).disable
    if not wanted:
        return ()
    actor = Actor.system("asked for in the mirror")
    done: list[str] = []
    with runner(crm.engines):
        stored = stored_plugins(crm)
        for name in wanted:
            if name in stored and stored[name].state == "enabled":
                with change(crm, actor, "plugin.disable", name) as session:
                    set_state(session, name, "disabled")
                    bump(session)
                done.append(name)
    refresh_mirror(crm, honoured=wanted)
    return tuple(done)
