"""Domain events: typed values that say what happened, written with the change that made it happen.

Hundreds of them, defined by whoever makes the change; hooks are for something else. Must not know the outbox.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast, dataclass_transform
from uuid import UUID

import attrs
import msgspec

from crmkit.errors import ContributionError
from crmkit.i18n import texts

_ = texts("crmkit")

T = TypeVar("T")
BATCH = 1000
"""Most ids that one event of a bulk change carries."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def event(name: str) -> Callable[[type[T]], type[T]]:
    """Make a class a domain event with that name (``<resource>.<past participle>``); its fields become keyword-only
    and frozen.

    Fields are ids, texts, numbers, instants, tuples of them; nothing sensitive, since events are stored in plain.
    """

    def decorate(cls: type[T]) -> type[T]:
        frozen = attrs.frozen(cls, kw_only=True)
        frozen.__event__ = name  # type: ignore[attr-defined]
        return frozen

    return decorate


def event_name(item: Any) -> str:
    """Return the name of an event, or of an event's class. Raises ContributionError for anything else."""
    name = getattr(item, "__event__", None)
    if not isinstance(name, str):
        raise ContributionError(
            _("{item} is not an event."), fix=_("Decorate its class with @event."), item=type(item).__name__
        )
    return name


def event_payload(item: Any) -> dict[str, Any]:
    """Return the JSON form of an event."""
    return cast("dict[str, Any]", msgspec.to_builtins(item))


def event_from(cls: type[T], payload: Any) -> T:
    """Return the event that a JSON form stands for."""
    return msgspec.convert(payload, cls)


@attrs.frozen(kw_only=True)
class Emitted:
    """An event with what the outbox knows of it: its id, who and what caused it, how deep in a chain of causes."""

    id: UUID
    name: str
    event: Any
    recorded_at: datetime
    actor_id: str
    operation: str
    cause_id: UUID | None
    depth: int
