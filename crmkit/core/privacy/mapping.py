"""Whether the personal-data map says enough for a person to be told and erased by it. Checked at loading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, String, Table

from crmkit.core.store.model import field_info
from crmkit.errors import ModelError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.hooks.contributions import PersonalData

_ = texts("crmkit")

PERSONAL = ("personal", "text", "sensitive", "secret")
"""The field classes that tell something of a person."""
BESIDE = ("_sealed", "_token")
"""Ends of the columns that belong to a field: its sealed form, what it is found by."""


def check_map(registry: Registry, owner: str) -> None:
    """Check the map of an owner's tables. Raises ModelError for a table about customers that is in no map, and for an
    entry by which an erasure would leave something behind."""
    entries = list(registry.personal_data.values())
    mapped = {entry.table for entry in entries}
    for model in registry.owned(owner, "model"):
        if customer_column(model) and model.__tablename__ not in mapped:
            raise ModelError(
                _("The table {table} is about customers and is in no personal-data map."),
                plugin=owner,
                fix=_("Return a PersonalData for it from crmkit_personal_data."),
                table=model.__tablename__,
            )
    for entry in registry.owned(owner, "personal data"):
        model = registry.models.get(entry.table)
        if model is not None:
            _check_entry(owner, entry, model.__table__)


def customer_column(model: Any) -> str | None:
    """Return the column of a model that names the customer, or None when it is about none."""
    for column in model.__table__.columns:
        for key in column.foreign_keys:
            if key.column.table.name == "crm_customer" and column.name != "parent_id":
                return str(column.name)
    return None


def can_be_empty(table: Table, name: str) -> bool:
    """Say whether a column can be emptied: to null, an empty text or an empty mapping."""
    column = table.c[name]
    return bool(column.nullable) or isinstance(column.type, (JSON, String))


def fields_of(table: Table, name: str) -> list[str]:
    """Return the columns of a table that belong to a field of this name."""
    return [label for label in (name, *(f"{name}{end}" for end in BESIDE)) if label in table.c]


def _check_entry(owner: str, entry: PersonalData, table: Table) -> None:
    for name in (entry.column, *entry.columns):
        if not fields_of(table, name):
            raise _wrong(owner, entry, name, _("The personal-data map names {table}.{column}, which does not exist."))
    if entry.on_erase == "retain" and not (entry.law and entry.retention_days):
        raise _wrong(
            owner, entry, entry.column, _("{table} is retained at an erasure, and neither law nor days are named.")
        )
    if entry.on_erase != "anonymise":
        return
    for name in (entry.column, *entry.columns):
        if not all(can_be_empty(table, label) for label in fields_of(table, name)):
            raise _wrong(owner, entry, name, _("{table}.{column} cannot be made anonymous, as it may not be empty."))
    emptied = {label for name in entry.columns for label in fields_of(table, name)}
    for column in table.c:
        if field_info(column).classified in PERSONAL and column.name not in emptied:
            raise _wrong(
                owner,
                entry,
                column.name,
                _("{table} is made anonymous at an erasure, and {table}.{column} would stay: it is not in the map."),
            )


def _wrong(owner: str, entry: PersonalData, column: str, message: str) -> ModelError:
    return ModelError(message, plugin=owner, table=entry.table, column=column)
