"""Secrets that are kept for other systems, opened where they are used: to sign in there, or to check a signature.

Nobody is ever shown one. Must not know what they are for.
"""

from __future__ import annotations

from typing import Any

from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import sealed_fields


def secret_of(record: Any, name: str) -> str | None:
    """Return what a record keeps in a field of class ``secret``, for use alone: never to be shown, logged or sent to
    anybody but the system that it is for. Raises ValueError for a field of another class."""
    field = sealed_fields(type(record)).get(name)
    if field is None or field.classified != "secret":
        raise ValueError(f"{name} is no field of class secret")
    value: str | None = plain(record, name)
    return value
