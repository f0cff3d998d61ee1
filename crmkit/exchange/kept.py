"""Values of known customers that a file would change and that plugins want kept: they are asked before, and the values
left out.

Must not know why a value is to be kept, or files.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any
from uuid import UUID

from crmkit.core.customers.drafts import SHORT_POINTS
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.exchange.units import Built
from crmkit.hooks.contributions import IncomingChange, KeptValue

_ADDING = frozenset(
    {*SHORT_POINTS, "street", "district", "postal_code"} | {"external_id", "identifier_source", "identifiers"}
)
"""Fields that add to what a customer has, and take nothing away."""


def leave_kept(
    session: CrmSession,
    source: str,
    wanted: Mapping[UUID, dict[str, Any]],
    units: Mapping[UUID, Built],
    columns: Container[str],
) -> None:
    """Take the values out of changes to customers that plugins want kept, and note them in the units that the changes
    come from. ``source`` is the system that the file comes from, ``columns`` the fields that its columns fill."""
    changes = [
        IncomingChange(customer_id=known, fields=fields)
        for known, values in wanted.items()
        if (fields := tuple(_replacing(values, columns)))
    ]
    if not changes:
        return
    with region(session, "which values plugins want kept, whoever imports"):
        answers = session.gate.dispatcher.collect("crmkit_keep_values", session=session, source=source, changes=changes)
    for answer in answers:
        kept: KeptValue
        for kept in answer.value:
            if kept.customer_id in wanted and _take_out(wanted[kept.customer_id], kept.field):
                units[kept.customer_id].kept.append(kept)


def _replacing(values: Mapping[str, Any], columns: Container[str]) -> list[str]:
    """Return the fields of a change that would replace something."""
    found: list[str] = []
    for name, value in values.items():
        if name == "custom":
            found.extend(f"custom.{key}" for key in value)
        elif name not in _ADDING and (name != "contact_points" or name in columns):
            found.append(name)
    return found


def _take_out(values: dict[str, Any], field: str) -> bool:
    """Take a field out of a change. Returns whether it was there."""
    if not field.startswith("custom."):
        return values.pop(field, None) is not None
    custom = dict(values.get("custom") or {})
    if field[7:] not in custom:
        return False
    del custom[field[7:]]
    values["custom"] = custom
    return True
