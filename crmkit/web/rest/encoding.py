"""How values are written as JSON, the same for every endpoint.

Ids and decimals are texts, instants RFC 3339 in UTC, days and durations ISO 8601, money ``{"amount", "currency"}`` in
minor units, bytes Base64. Must not know endpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from attrs import frozen
from msgspec import json

from crmkit.core.store.model import Model
from crmkit.core.store.shown import shown_fields
from crmkit.i18n import Text, translate


@frozen(kw_only=True)
class Created:
    """A value that was made, and the address at which it is."""

    value: Any
    location: str | None = None
    headers: Mapping[str, str] = {}


@frozen(kw_only=True)
class Lines:
    """Values of which each becomes a line of its own, written as they come."""

    values: Iterator[Any]


@lru_cache(maxsize=8)
def _encoder(language: str) -> Callable[[Any], bytes]:
    def other(value: Any) -> Any:
        if isinstance(value, Text):
            return translate(value, language)
        if isinstance(value, (str, PurePath)):
            return str(value)
        if isinstance(value, Model):
            return dict(shown_fields(value))
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, type):
            return value.__name__
        if hasattr(value, "__iter__"):
            return list(value)
        raise TypeError(f"{type(value).__name__} has no JSON form")

    return json.Encoder(enc_hook=other, decimal_format="string").encode


def encode(value: Any, language: str = "en") -> bytes:
    """Return the JSON of a value; marked texts in a language. Raises TypeError for what has none."""
    return _encoder(language)(value)
