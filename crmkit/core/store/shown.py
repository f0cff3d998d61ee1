"""The fields of a record as whoever reads it may see them, for every door alike. Must not know any model."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from sqlalchemy.orm.exc import DetachedInstanceError

from crmkit.core.store.sealed import mask, sealed_fields, slots_of, tokens_of

INTERNAL = frozenset({"name_key", "singleton", "custom_sealed", "payload_sealed"})
"""Columns that follow from others, or are shown with them, and are shown nowhere by themselves."""


def shown_fields(record: Any) -> list[tuple[str, object]]:
    """Return the fields of a record, in their order, that were loaded or can be; what is sealed comes masked: who is to
    see it reveals it."""
    found: list[tuple[str, object]] = []
    for name in shown_columns(cast("type[Any]", type(record))):
        with suppress(DetachedInstanceError):
            found.append((name, shown_value(record, name)))
    return found


def shown_value(record: Any, name: str) -> object:
    """Return one field of a record, as `shown_fields` does. Raises DetachedInstanceError."""
    sealed = sealed_fields(cast("type[Any]", type(record)))
    value = getattr(record, name)
    parts = sealed.get(f"{name}_sealed")
    if parts is not None and name not in sealed and isinstance(value, Mapping):
        # Shown with the part that is not sealed.
        hidden: Mapping[str, Any] = getattr(record, parts.name) or {}
        whole = cast("Mapping[str, Any]", value)
        value = {key: mask(item) if key in hidden else item for key, item in whole.items()}
    shut = name in sealed and (sealed[name].open_slot is None or getattr(record, sealed[name].open_slot) is None)
    return mask(value) if shut else value


def shown_columns(model: type[Any]) -> Mapping[str, Any]:
    """Return the columns of a model's fields by name, in their order; tokens and what is internal aside."""
    slots, tokens = slots_of(model), tokens_of(model)
    found: dict[str, Any] = {}
    for attribute in cast(Any, model).__mapper__.column_attrs:
        column = attribute.columns[0]
        name = slots.get(attribute.key) or column.key
        if attribute.key not in tokens and name not in INTERNAL:
            found.setdefault(name, column)
    return found
