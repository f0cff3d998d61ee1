"""Masks personal fields of records that a reader without the right loads.

That such a reader's statements don't name them is the judge's affair.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import inspect

from crmkit.core.store.guard.personal import columns_in, is_personal
from crmkit.core.store.sealed import HIDDEN, PLAIN, mask


@lru_cache(maxsize=1024)
def personal_attributes(model: type[Any]) -> tuple[str, ...]:
    """Return the attributes of a model that hold personal data, or are computed from it."""
    mapper = cast(Any, inspect(model))
    return tuple(
        attribute.key
        for attribute in mapper.column_attrs
        if any(is_personal(each) for column in attribute.columns for each in columns_in(column))
    )


def mask_loaded(session: Any, record: Any, names: Collection[str] | None) -> None:
    """Mask what was loaded into a record, where its reader may not read it in full; ``names`` None for everything."""
    model: Any = cast(Any, type(record))
    personal = personal_attributes(model)
    if not personal:
        return
    level = session.guarding.rights.level(session.gate.crm.guard.resource_of(model), "personal")
    if level == "full":
        return
    held = record.__dict__
    kept = held.setdefault(PLAIN, {})
    for name in personal:
        value = held.get(name)
        if value is not None and (names is None or name in names):
            kept[name] = value
            held[name] = mask(value) if level == "masked" else HIDDEN
