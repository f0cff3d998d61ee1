"""Inputs of operations and reports made up from their types, to see what comes of them. Must not know any of them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import attrs

from crmkit.core.operations.inputs import Input, fields_of
from crmkit.core.store.ids import new_id


def made_up(shape: type[Any]) -> Mapping[str, Any] | None:
    """Return values for all fields of an input that have no default, or None where one is of a type that nothing can be
    made up for. The values fit the types; what else an operation asks of them is not known."""
    values: dict[str, Any] = {}
    for attribute, hint, info in fields_of(shape):
        if attribute.default is not attrs.NOTHING:
            continue
        value = value_for(hint, info)
        if value is None and type(None) not in get_args(hint):
            return None
        values[attribute.name] = value
    return values


def value_for(hint: Any, info: Input) -> Any:
    """Return a value of a type, within what its field says of it, or None where none can be made up."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return None if type(None) in get_args(hint) else value_for(get_args(hint)[0], info)
    if info.choices:
        return info.choices[0][0]
    if origin is Literal:
        return get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).value
    if origin in (tuple, list):
        return []
    if origin in (dict, Mapping) or hint in (dict, Mapping):
        return {}
    least = info.minimum if info.minimum is not None else 1
    plain: Mapping[Any, Any] = {
        str: "Sample"[: info.max_length],
        int: int(least),
        float: float(least),
        bool: False,
        Decimal: str(least),
        UUID: new_id(),
        date: (datetime.now(UTC) + timedelta(days=1)).date(),
        datetime: datetime.now(UTC) + timedelta(days=1),
        timedelta: 3600,
        bytes: b"sample",
    }
    try:
        return plain.get(hint)
    except TypeError:
        return None
