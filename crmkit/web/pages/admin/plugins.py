"""The plugin manager: what is installed and in which state, and enabling, disabling and purging after seeing the plan.

Must not decide what a change needs: `crmkit.lifecycle` does.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from crmkit.errors import CrmkitError, NotFound, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.admin.common import RISKS, ROLE_TITLES, step_up
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmkit.lifecycle.enabling import EnablePlan
    from crmkit.lifecycle.views import PluginView
    from crmkit.manifest import PluginManifest

_ = texts("crmkit")

RIGHT = "plugin.admin"
STATES: Mapping[str, tuple[Text, str]] = {
    "available": (_("Available"), "info"),
    "enabled": (_("Enabled"), "good"),
    "disabled": (_("Disabled"), ""),
    "broken": (_("Broken"), "bad"),
    "orphaned": (_("Package is gone"), "warn"),
}
ORDER = ("broken", "orphaned", "enabled", "disabled", "available")


@get("/admin/plugins", right=RIGHT)
def plugins(call: PageCall) -> Response:
    """List the plugins with their states."""
    views = sorted(call.crm.list_plugins(), key=lambda view: (ORDER.index(view.state), view.name))
    return call.page(
        "admin/plugins.html",
        plugins=[(view, _title(call, view)) for view in views],
        states=STATES,
        stale=call.crm.is_stale(),
        home=call.crm.settings.home,
    )


@get("/admin/plugins/{name}", right=RIGHT)
def plugin(call: PageCall, name: str) -> Response:
    """Show one plugin: what it is, what it needs, what it may do, its tables."""
    view = _view(call, name, sizes=True)
    manifest = _manifest(call, name)
    return call.page(
        "admin/plugin.html",
        plugin=view,
        title=_title(call, view),
        summary=call.text(manifest.summary) if manifest is not None and manifest.summary else view.summary,
        manifest=manifest,
        states=STATES,
        risks=RISKS,
        roles=ROLE_TITLES,
        dependents=_dependents(call, name)[:-1] if view.state == "enabled" else (),
        rows=sum(table.rows for table in view.tables),
    )


# --- enabling --------------------------------------------------------------------------------------------------------


@get("/admin/plugins/{name}/enable", right=RIGHT)
def plan(call: PageCall, name: str) -> Response:
    """Show what enabling a plugin would do."""
    step_up(call)
    return _plan(call, name)


@post("/admin/plugins/{name}/enable", right=RIGHT)
def enable(call: PageCall, name: str) -> Response:
    """Enable a plugin, if the plan is still the one that was shown."""
    step_up(call)
    found = call.crm.plan_enable(_view(call, name).name)
    if not found.possible or call.value("plan") != _mark(found):
        return _plan(call, name, found, changed=found.possible, status=409)
    try:
        names = call.crm.enable(found, call.actor)
    except CrmkitError as error:
        return _plan(call, name, failed=error, status=422)
    return call.redirect(
        f"/admin/plugins/{name}",
        said=_("Enabled: {names}. Workers take it up by themselves, other processes when they are started again."),
        names=", ".join(names),
    )


def _plan(
    call: PageCall,
    name: str,
    found: EnablePlan | None = None,
    *,
    changed: bool = False,
    failed: CrmkitError | None = None,
    status: int = 200,
) -> Response:
    view = _view(call, name)
    found = found or call.crm.plan_enable(view.name)
    problems: list[Problem] = [problem for error in found.errors for problem in error.problems]
    return call.page(
        "admin/plugin_plan.html",
        status=status,
        plugin=view,
        title=_title(call, view),
        plan=found,
        mark=_mark(found),
        problems=problems if failed is None else list(failed.problems),
        changed=changed,
        risks=RISKS,
        roles=ROLE_TITLES,
        uses=sorted({use for each in found.plugins for use in each.uses}),
    )


def _mark(found: EnablePlan) -> str:
    """Return what tells one plan from another."""
    return hashlib.sha256(repr((found.name, found.plugins, found.warnings)).encode()).hexdigest()[:32]


# --- disabling and purging -------------------------------------------------------------------------------------------


@get("/admin/plugins/{name}/disable", right=RIGHT)
def ask_disable(call: PageCall, name: str) -> Response:
    """Show what disabling a plugin would do: which others go with it, and that the data stays."""
    step_up(call)
    return _disabling(call, name)


@post("/admin/plugins/{name}/disable", right=RIGHT)
def disable(call: PageCall, name: str) -> Response:
    """Disable a plugin, with those that were shown to go with it."""
    step_up(call)
    also = _dependents(call, _view(call, name).name)[:-1]
    if sorted(call.values("also")) != sorted(also):
        return _disabling(call, name, changed=True, status=409)
    try:
        done = call.crm.disable(name, cascade=bool(also), actor=call.actor)
    except CrmkitError as error:
        return _disabling(call, name, failed=error, status=422)
    return call.redirect(
        f"/admin/plugins/{name}",
        said=_("Disabled: {names}. The data is kept."),
        level="warning" if done.errors else "success",
        names=", ".join(done.names),
    )


def _disabling(
    call: PageCall, name: str, *, changed: bool = False, failed: CrmkitError | None = None, status: int = 200
) -> Response:
    view = _view(call, name, sizes=True)
    return call.page(
        "admin/plugin_disable.html",
        status=status,
        plugin=view,
        title=_title(call, view),
        also=_dependents(call, name)[:-1] if view.state == "enabled" else (),
        rows=sum(table.rows for table in view.tables),
        problems=list(failed.problems) if failed is not None else [],
        changed=changed,
    )


@get("/admin/plugins/{name}/purge", right=RIGHT)
def ask_purge(call: PageCall, name: str) -> Response:
    """Show what purging a plugin would drop."""
    step_up(call)
    return _purging(call, name)


@post("/admin/plugins/{name}/purge", right=RIGHT)
def purge(call: PageCall, name: str) -> Response:
    """Drop everything of a plugin, once its name was typed; with its rows in files first where that was asked for."""
    step_up(call)
    found = call.crm.plan_purge(_view(call, name).name)
    if call.value("typed") != name or call.value("rows") != str(found.rows):
        wrong = Problem("CK400", _("Type the name of the plugin to confirm."), field="typed")
        changed = call.value("rows") != str(found.rows)
        return _purging(call, name, wrong=None if changed else wrong, changed=changed, status=422)
    folder = _export_folder(call, name) if call.value("export") == "true" else None
    try:
        done = call.crm.purge(found, export_to=folder, force=call.value("force") == "true", actor=call.actor)
    except CrmkitError as error:
        return _purging(call, name, failed=error, status=422)
    said = _("{name} is purged: {rows} rows in {tables} tables.")
    if folder is not None:
        said = _("{name} is purged: {rows} rows in {tables} tables. They are kept in {folder}.")
    return call.redirect(
        "/admin/plugins", said=said, name=name, rows=found.rows, tables=len(done.tables), folder=str(folder)
    )


def _purging(
    call: PageCall,
    name: str,
    *,
    wrong: Problem | None = None,
    changed: bool = False,
    failed: CrmkitError | None = None,
    status: int = 200,
) -> Response:
    view = _view(call, name)
    found = call.crm.plan_purge(view.name)
    problems: list[Problem] = [problem for error in found.errors for problem in error.problems]
    return call.page(
        "admin/plugin_purge.html",
        status=status,
        plugin=view,
        title=_title(call, view),
        plan=found,
        problems=problems if failed is None else list(failed.problems),
        wrong={"typed": [wrong]} if wrong is not None else {},
        changed=changed,
        may_export=call.crm.settings.home is not None,
    )


def _export_folder(call: PageCall, name: str) -> Path | None:
    home = call.crm.settings.home
    stamp = call.crm.clock.now().strftime("%Y%m%dT%H%M%SZ")
    return None if home is None else home / "exports" / f"{name}-{stamp}"


# --- what there is ---------------------------------------------------------------------------------------------------


def _view(call: PageCall, name: str, *, sizes: bool = False) -> PluginView:
    found = next((view for view in call.crm.list_plugins(sizes=sizes) if view.name == name), None)
    if found is None:
        raise NotFound(_("There is no such plugin."))
    return found


def _manifest(call: PageCall, name: str) -> PluginManifest | None:
    found: Any = next((each for each in call.crm.found if each.name == name), None)
    return found.manifest if found is not None else None


def _title(call: PageCall, view: PluginView) -> str:
    """Return what a plugin is called in the caller's language; the view has it in the installation's."""
    manifest = _manifest(call, view.name)
    return call.text(manifest.title) if manifest is not None else view.title


def _dependents(call: PageCall, name: str) -> tuple[str, ...]:
    """Return the enabled plugins that require a plugin, in the order in which they would be disabled, it the last."""
    from crmkit.mirror import dependents

    requires = {view.name: tuple(view.requires) for view in call.crm.list_plugins() if view.state == "enabled"}
    return tuple(dependents(name, requires)) if name in requires else (name,)


ROUTES = [plugins, plugin, plan, enable, ask_disable, disable, ask_purge, purge]
