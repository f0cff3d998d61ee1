"""What a plugin's hook module does when the plugin has several rooms: collects from them, and nothing else.

A room says what it has in a module ``has``: lists under the names of `DECLARED`, such as ``MODELS``, ``OPERATIONS`` and
``JOBS``, and functions under the names of hooks without their prefix, such as ``customer_panels``. Must not know what
any of it is.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from types import ModuleType
from typing import Any

from crmkit.hooks.markers import hookimpl

DECLARED = {
    "models": "MODELS",
    "resources": "RESOURCES",
    "operations": "OPERATIONS",
    "events": "EVENTS",
    "interaction_kinds": "INTERACTION_KINDS",
    "facts": "FACTS",
    "dimensions": "DIMENSIONS",
    "segments": "SEGMENTS",
    "rules": "RULES",
    "reports": "REPORTS",
    "searchables": "SEARCHABLES",
    "subscriptions": "SUBSCRIPTIONS",
    "jobs": "JOBS",
    "channels": "CHANNELS",
    "personal_data": "PERSONAL_DATA",
    "pages": "PAGES",
    "boards": "BOARDS",
    "calendars": "CALENDARS",
    "public_pages": "PUBLIC_PAGES",
    "public_sites": "PUBLIC_SITES",
    "dashboard_cards": "CARDS",
    "checks": "CHECKS",
    "guards": "GUARDS",
}
"""The list in which a room says what it declares for a hook, by the hook's name without its prefix."""

Ask = Callable[..., list[Any]]


def implement(namespace: MutableMapping[str, Any], rooms: Sequence[ModuleType]) -> None:
    """Put implementations of the hooks for which a room has something into a plugin's hook module, whose ``globals()``
    is given. Lists are joined in the order of the rooms; of a hook whose first result wins the first answer counts."""
    for hook, name in DECLARED.items():
        if any(hasattr(room, name) for room in rooms):
            namespace[f"crmkit_{hook}"] = hookimpl(_declaring(rooms, name))
    for hook, make in _ASKED.items():
        functions = [getattr(room, hook) for room in rooms if hasattr(room, hook)]
        if functions:
            namespace[f"crmkit_{hook}"] = hookimpl(make(_joining(functions)))
    carriers = [room.deliver_message for room in rooms if hasattr(room, "deliver_message")]
    if carriers:
        namespace["crmkit_deliver_message"] = hookimpl(_delivering(carriers))


def _declaring(rooms: Sequence[ModuleType], name: str) -> Callable[[], list[Any]]:
    def declared() -> list[Any]:
        found = [item for room in rooms for item in getattr(room, name, ())]
        # Several rooms may guard the same resource.
        return list(dict.fromkeys(found)) if name == "GUARDS" else found

    return declared


def _joining(functions: Sequence[Callable[..., Any]]) -> Ask:
    def ask(*given: Any) -> list[Any]:
        return [item for function in functions for item in function(*given) or ()]

    return ask


def _delivering(carriers: Sequence[Callable[..., Any]]) -> Callable[..., Any]:
    def deliver(crm: Any, message: Any) -> Any:
        return next((found for carrier in carriers if (found := carrier(crm, message)) is not None), None)

    return deliver


# A hook gets its arguments by their names, so each has a function that takes just those.


def _access_rules(ask: Ask) -> Callable[..., Any]:
    def asked(actor: Any, action: Any, resource: Any) -> list[Any]:
        return ask(actor, action, resource)

    return asked


def _timeline(ask: Ask) -> Callable[..., Any]:
    def asked(session: Any, customer_ids: Any, since: Any, until: Any) -> list[Any]:
        return ask(session, customer_ids, since, until)

    return asked


def _match_customers(ask: Ask) -> Callable[..., Any]:
    def asked(session: Any, probes: Any) -> list[Any]:
        return ask(session, probes)

    return asked


def _customer_panels(ask: Ask) -> Callable[..., Any]:
    def asked(session: Any, customer_ids: Any) -> list[Any]:
        return ask(session, customer_ids)

    return asked


def _search(ask: Ask) -> Callable[..., Any]:
    def asked(session: Any, text: Any, limit: Any) -> list[Any]:
        return ask(session, text, limit)

    return asked


def _keep_values(ask: Ask) -> Callable[..., Any]:
    def asked(session: Any, source: Any, changes: Any) -> list[Any]:
        return ask(session, source, changes)

    return asked


def _export_customer(ask: Ask) -> Callable[..., Any]:
    def asked(session: Any, customer_id: Any) -> list[Any]:
        return ask(session, customer_id)

    return asked


def _validate_change(ask: Ask) -> Callable[..., Any]:
    def told(session: Any, changes: Any) -> None:
        ask(session, changes)

    return told


def _check_feed(ask: Ask) -> Callable[..., Any]:
    def told(crm: Any, actor: Any, feed: Any) -> None:
        ask(crm, actor, feed)

    return told


def _merge_customers(ask: Ask) -> Callable[..., Any]:
    def told(session: Any, source_id: Any, target_id: Any) -> None:
        ask(session, source_id, target_id)

    return told


def _erase_customer(ask: Ask) -> Callable[..., Any]:
    def told(session: Any, customer_id: Any) -> None:
        ask(session, customer_id)

    return told


def _crm(ask: Ask) -> Callable[..., Any]:
    def told(crm: Any) -> None:
        ask(crm)

    return told


def _plugin_upgraded(ask: Ask) -> Callable[..., Any]:
    def told(crm: Any, from_version: Any) -> None:
        ask(crm, from_version)

    return told


def _plugin_purging(ask: Ask) -> Callable[..., Any]:
    def told(crm: Any, session: Any) -> None:
        ask(crm, session)

    return told


_ASKED: dict[str, Callable[[Ask], Callable[..., Any]]] = {
    "access_rules": _access_rules,
    "timeline": _timeline,
    "match_customers": _match_customers,
    "customer_panels": _customer_panels,
    "search": _search,
    "keep_values": _keep_values,
    "export_customer": _export_customer,
    "validate_change": _validate_change,
    "check_feed": _check_feed,
    "merge_customers": _merge_customers,
    "erase_customer": _erase_customer,
    "plugin_upgraded": _plugin_upgraded,
    "plugin_purging": _plugin_purging,
    "startup": _crm,
    "shutdown": _crm,
    "plugin_enabled": _crm,
    "plugin_disabled": _crm,
}
