"""Where a caller begins: what the API has, and who the caller is and may do. Must not know any resource."""

from __future__ import annotations

from typing import Any

from crmkit.core.access.catalogue import rights_catalogue
from crmkit.core.access.resolving import rights_of
from crmkit.core.access.rights import CLASSES
from crmkit.i18n import texts
from crmkit.resources import resource_names
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Answer, Endpoint

_ = texts("crmkit")

GROUP = _("General")


def _index(call: RestCall) -> dict[str, Any]:
    registry = call.crm.registry
    return {
        "resources": [
            {"name": name, "title": registry.resources[name].title, "plural": registry.resources[name].plural,
             "url": call.url(f"/{name}")}
            for name in resource_names(registry)
        ],
        "operations": call.url("/operations"),
        "openapi": call.url("/openapi.json"),
        "documentation": call.url("/docs"),
        "me": call.url("/me"),
    }  # fmt: skip


def _operations(call: RestCall) -> dict[str, Any]:
    registry = call.crm.registry
    with call.session() as session:
        rights = rights_of(session)
    return {
        "data": [
            {
                "name": name,
                "title": each.title,
                "right": each.permission,
                "allowed": rights.scope(each.resource, *each.actions),
                "url": call.url(f"/operations/{name}"),
            }
            for name, each in sorted(registry.operations.items())
            if not each.hidden
        ]
    }


def _me(call: RestCall) -> dict[str, Any]:
    actor = call.actor
    catalogue = rights_catalogue(call.crm.registry)
    with call.session() as session:
        rights = rights_of(session)
        classes = {
            name: {each: rights.level(name, each) for each in CLASSES} for name in resource_names(call.crm.registry)
        }
        granted = {
            name: {action: scope for action in actions if (scope := rights.scope(name, action)) != "none"}
            for name, actions in catalogue.items()
        }
    return {
        "id": actor.id,
        "name": actor.name,
        "kind": actor.kind,
        "language": call.language,
        "user_id": actor.user_id,
        "roles": list(rights.roles),
        "teams": sorted(rights.team_ids),
        "scopes": None if actor.limits is None else list(actor.limits),
        "rights": {name: found for name, found in granted.items() if found},
        "fields": classes,
    }


_OBJECT = {"type": "object"}

ENDPOINTS = (
    Endpoint(
        method="GET", path="", name="index", title=_("What there is"), group=GROUP, serve=_index,
        answers=[Answer(title=_("The addresses of everything."), body=_OBJECT)],
    ),
    Endpoint(
        method="GET", path="/me", name="me", title=_("Who I am, and what I may do"), group=GROUP, serve=_me,
        answers=[Answer(title=_("The caller."), body=_OBJECT)],
    ),
    Endpoint(
        method="GET", path="/operations", name="operations.list", title=_("What can be done"), group=GROUP,
        serve=_operations, answers=[Answer(title=_("The operations."), body=_OBJECT)],
    ),
)  # fmt: skip
