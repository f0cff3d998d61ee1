"""The entries of the menu that follow from what is declared: a list for each resource, and the pages of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.core.operations.registry import KERNEL
from crmkit.i18n import texts
from crmkit.web.pages.records.links import ROOMS, list_path
from crmkit.web.pages.records.modules import page_path, pages_of
from crmkit.web.pages.shell import MenuEntry

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

_KERNEL = {
    "interaction": ("customers", "message-circle", 20),
    "product": ("customers", "package", 30),
    "product_category": ("customers", "category-2", 31),
    "attachment": ("customers", "paperclip", 40),
    "public_link": ("admin", "link", 70),
}
"""Of the kernel's own resources the group, the drawing and the place."""

MENU = [
    MenuEntry(
        title=_("All actions"),
        path="/operations",
        icon="list-check",
        group="work",
        order=95,
        words="operations everything",
    )
]
ADMINISTERED = frozenset(("user", "team", "role"))
"""Resources whose place in the menu is the administration's own page about them."""


def menu_of(crm: CRM) -> list[MenuEntry]:
    """Return the entries for what plugins and the kernel declare."""
    registry = crm.registry
    titles = {each.name: each.manifest.title for each in crm.found if each.manifest is not None}
    found: list[MenuEntry] = []
    for place, declared in enumerate(registry.resources.values()):
        if declared.name in ROOMS or declared.name in ADMINISTERED or not declared.menu:
            continue
        owner = registry.owners.get(("resource", declared.name), KERNEL)
        group, icon, order = _KERNEL.get(declared.name, ("plugins", declared.icon, 10 + place))
        if owner == KERNEL and declared.name not in _KERNEL:
            group = "admin"
        right = f"{registry.resource_of(declared.model)}.read"
        found.append(
            MenuEntry(
                title=declared.plural,
                path=list_path(declared.name),
                icon=icon,
                group=group,
                rights=(right,),
                order=order,
                section=titles.get(owner, owner) if group == "plugins" else "",
                words=declared.name,
            )
        )
    for owner, page in pages_of(registry):
        if page.menu or page.top:
            found.append(
                MenuEntry(
                    title=page.title,
                    path=page_path(owner, page),
                    icon=page.icon,
                    group="plugins",
                    rights=(page.permission,) if page.permission else (),
                    order=page.order,
                    section=titles.get(owner, owner),
                    words=page.name,
                    badge=page.badge,
                    top=page.top,
                )
            )
    return found
