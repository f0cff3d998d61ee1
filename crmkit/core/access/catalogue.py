"""What rights there are: the resources and what can be done with each, as the kernel and the plugins declare them.

Must not know who has which.
"""

from __future__ import annotations

from collections.abc import Mapping

from crmkit.core.access.rights import ACTIONS
from crmkit.core.operations.registry import KERNEL, Registry
from crmkit.errors import AccessError
from crmkit.i18n import texts

_ = texts("crmkit")

ADMINISTRATION: Mapping[str, str] = {
    "user": _("Users, teams and their sign-in"),
    "role": _("Roles, grants and who has them"),
    "key": _("Encryption keys"),
    "audit": _("The audit log"),
    "privacy": _("Rights of the persons that data is about"),
    "plugin": _("Plugins"),
    "business": _("Settings of the business, option lists and custom fields"),
    "backup": _("Backups"),
    "config": _("The configuration as files"),
    "definition": _("Definitions of dimensions and of templates of reports"),
    "segment": _("Segments"),
    "goal": _("Goals"),
    "job": _("Jobs"),
    "token": _("API tokens of one's own"),
    "session": _("Sessions of one's own"),
    "factor": _("The second factor of one's own"),
    "account": _("One's own account"),
    "calendar": _("Links to one's own calendar"),
    "share": _("Sharing single records"),
    "view": _("Saved views of lists"),
    "import": _("Imports"),
    "export": _("Exports"),
    "report": _("Reports"),
}
"""What the kernel's rights are about beside kinds of record, with what to call it."""
_OWN_ACTIONS: Mapping[str, tuple[str, ...]] = {"report": ("read", "all"), "segment": ("update",), "goal": ("update",)}
"""Actions of those that no operation asks for. ``report.all``: reports that count what the reader may not see."""
COMMON = ("read", "create", "update", "delete", "export", "bulk", "assign", "reveal")
"""The actions of every kind of record."""


def rights_catalogue(registry: Registry) -> dict[str, tuple[str, ...]]:
    """Return the actions that can be granted on each resource, both in their order: the common ones first."""
    found: dict[str, set[str]] = {name: set(_OWN_ACTIONS.get(name, ("admin",))) for name in ADMINISTRATION}
    for name in _records(registry) - set(ADMINISTRATION):
        found.setdefault(name, set()).update(COMMON)
    for permissions in registry.permissions.values():
        for name in permissions:
            resource, _dot, action = name.rpartition(".")
            found.setdefault(resource, set()).add(action)
    for operation in registry.operations.values():
        if operation.resource in found:
            found[operation.resource].update(operation.actions)
    order = {action: place for place, action in enumerate(ACTIONS)}
    return {
        name: tuple(sorted(found[name], key=lambda action: (order.get(action, len(order)), action)))
        for name in sorted(found, key=lambda name: ("." in name, name))
    }


def _records(registry: Registry) -> set[str]:
    """Return the resources of which there are records: those that are declared, and those of tables that actors see."""
    governed = (model for model in registry.models.values() if getattr(model.__access__, "kind", "system") != "system")
    declared = (registry.resource_of(item.model) for item in registry.resources.values())
    return {*declared, *(registry.resource_of(model) for model in governed)}


def check_rights(registry: Registry, owner: str) -> None:
    """Check that what an owner declares needs rights that can be granted. Raises AccessError.

    An operation needs a right on a resource that is there: a kind of record, what a manifest's permissions name, or one
    of the kernel's own.
    """
    known = {
        *ADMINISTRATION,
        *_records(registry),
        *(name.rpartition(".")[0] for permissions in registry.permissions.values() for name in permissions),
    }
    for operation in registry.owned(owner, "operation"):
        if operation.resource not in known:
            raise AccessError(
                _('The operation {name} needs a right on "{resource}", which nobody declares.'),
                plugin=None if owner == KERNEL else owner,
                fix=_('Name the permission in the manifest, or say permission="<resource>.<action>".'),
                name=operation.name,
                resource=operation.resource,
            )
    for page in registry.owned(owner, "page"):
        if page.permission is not None and page.permission.rpartition(".")[0] not in known:
            raise AccessError(
                _('The page {name} needs the right "{permission}", which nobody declares.'),
                plugin=None if owner == KERNEL else owner,
                fix=_("Name the permission in the manifest."),
                name=page.name,
                permission=page.permission,
            )
