"""The ways in which the records of a resource are looked at: its list, and the boards and calendars that are declared
for it. Must not know what they show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit.errors import NotFound
from crmkit.hooks.contributions import Board, Calendar, Resource
from crmkit.i18n import texts
from crmkit.web.pages.records.links import ROOMS, list_path

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")


@frozen(kw_only=True)
class View:
    """One way to look at records: its title, its address, its drawing."""

    key: str
    title: str
    path: str
    icon: str


def resource_of(call: PageCall, name: str) -> Resource:
    """Return a resource whose pages are made here, once its caller may read any of its records. Raises NotFound."""
    declared = call.crm.registry.resources.get(name)
    if declared is None or name in ROOMS or not may_read(call, declared):
        raise NotFound(_("There is no such page."))
    return declared


def may_read(call: PageCall, declared: Resource) -> bool:
    """Say whether a caller may read records of a resource at all."""
    guard = call.crm.guard
    return guard.to_read(call.rights, guard.resource_of(declared.model)) != "none"


def views_of(registry: Registry, resource: str) -> list[View]:
    """Return the ways to look at a resource, the list first."""
    found = [View(key="list", title=_("List"), path=list_path(resource), icon="list")]
    for sort in ("board", "calendar"):
        found += [
            View(key=each.name, title=each.title, path=view_path(each), icon=each.icon)
            for each in _of(registry, sort, resource)
        ]
    return found


def view_path(view: Board | Calendar) -> str:
    """Return the path of a board or a calendar."""
    sort = "board" if isinstance(view, Board) else "calendar"
    return f"{list_path(view.resource)}/{sort}/{view.name}"


def view_named(call: PageCall, resource: str, sort: str, name: str) -> Any:
    """Return a board or a calendar of a resource. Raises NotFound."""
    found = call.crm.registry.tables[sort].get(name)
    if found is None or found.resource != resource:
        raise NotFound(_("There is no such page."))
    return found


def _of(registry: Registry, sort: str, resource: str) -> Iterable[Any]:
    table: Any = registry.tables[sort]
    return sorted(
        (each for each in table.values() if each.resource == resource), key=lambda each: (each.order, each.name)
    )
