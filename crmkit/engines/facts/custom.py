"""The custom fields of customers as facts; those that are sealed cannot be read by SQL and are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from crmkit.core.business.config import PLAIN_CLASSES, CustomFieldInfo
from crmkit.engines.facts.past import from_text
from crmkit.engines.facts.profile import touched
from crmkit.hooks.facts import Column, Fact, FactQuery, FactSet
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_TYPES: Mapping[str, tuple[Any, str]] = {
    "text": (str | None, "text"),
    "integer": (int | None, "integer"),
    "decimal": (Decimal | None, "decimal"),
    "boolean": (bool | None, "boolean"),
    "date": (date | None, "date"),
    "instant": (datetime | None, "instant"),
    "choice": (str | None, "text"),
    "choices": (list[str], "list"),
}
"""What custom fields of a type are as facts, and how their text is read."""


def custom_facts(session: CrmSession) -> Sequence[FactSet]:
    """Return the set ``custom`` with the customers' custom fields that are kept in plain."""
    fields = session.crm.config.get(session).custom_fields.get("customer", {})
    shown = {name: info for name, info in fields.items() if info.field_class in PLAIN_CLASSES}
    if not shown:
        return ()
    return [
        FactSet(
            name="custom",
            doc=_("The customer's custom fields."),
            columns=[_fact(info) for info in shown.values()],
            inline=lambda column, query: _values(column, query, shown),
            touched=touched,
        )
    ]


def _fact(info: CustomFieldInfo) -> Fact:
    return Fact(
        name=info.name,
        type=_TYPES[info.type][0],
        title=info.title,
        doc=info.title,
        default=() if info.type == "choices" else None,
        classified=cast(Any, info.field_class),
        options=info.options if info.type == "choice" else (),
    )


def _values(column: Column, query: FactQuery, fields: Mapping[str, CustomFieldInfo]) -> Mapping[str, Any]:
    held = column("custom")
    found: dict[str, Any] = {}
    for name in fields.keys() & query.wanted:
        kind = _TYPES[fields[name].type][1]
        value = held[name]
        found[name] = value if kind == "list" else from_text(value.as_string(), kind, query.dialect)
    return found
