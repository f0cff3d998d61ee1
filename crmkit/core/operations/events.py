"""Domain events: typed values that say what happened, written with the change that made it happen.

Hundreds of them, defined by whoever makes the change; hooks are for something else. Must not know the outbox.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar, cast, dataclass_transform, get_args, get_origin
from uuid import UUID

import attrs
import msgspec

from crmkit.core.operations.inputs import Input
from crmkit.errors import ContributionError
from crmkit.i18n import texts

_ = texts("crmkit")

T = TypeVar("T")
STORED_IN_PLAIN = ("public", "internal", "personal")
"""The field classes of what an event may carry."""
_TELLING_NOTHING = (UUID, bool, int, float, Decimal, datetime, date, timedelta, Enum)
"""Types of values that need no field class: ids, numbers, times and choices."""
BATCH = 1000
"""Most ids that one event of a bulk change carries."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def event(name: str) -> Callable[[type[T]], type[T]]:
    """Make a class a domain event with that name (``<resource>.<past participle>``); its fields become keyword-only
    and frozen.

    Fields are ids, numbers, instants, choices (Literal, Enum), tuples of them; a text says its field class, as
    ``Annotated[str, Input(classified="internal")]``. Nothing sensitive, since events are stored in plain.
    """

    def decorate(cls: type[T]) -> type[T]:
        frozen = attrs.frozen(cls, kw_only=True)
        frozen.__event__ = name  # type: ignore[attr-defined]
        return frozen

    return decorate


Internal = Annotated[str, Input(classified="internal")]
"""A text that tells nothing about a person: the name of a field, a kind, a code."""


def check_event(cls: Any, owner: str) -> None:
    """Raise ContributionError, naming event and field, where an event has a text whose field class is not said, or a
    value of a class that is not stored in plain."""
    unsaid = _not_in_plain(cls)
    if unsaid is not None:
        field, classified = unsaid
        raise ContributionError(
            _('The event "{event}" does not say the class of its field "{field}".')
            if classified is None
            else _('The field "{field}" of the event "{event}" is {classified}, and events are stored in plain.'),
            plugin=owner,
            fix=_('Say it: Annotated[str, Input(classified="internal")]. Of what is sensitive give the id.')
            if classified is None
            else _("Give the id of the record: who may see the value reads it there."),
            event=event_name(cls),
            field=field,
            classified=classified,
        )


@lru_cache(maxsize=4096)  # types are read again for each CRM that a process opens
def _not_in_plain(cls: Any) -> tuple[str, str | None] | None:
    """Return the first field that must not be stored in plain, with its class, None where that is not said."""
    hints = typing.get_type_hints(cls, include_extras=True)
    told = ((each.name, _classified(hints.get(each.name, Any))) for each in attrs.fields(cls))
    return next((each for each in told if each[1] not in STORED_IN_PLAIN), None)


def _classified(hint: Any) -> str | None:
    """Return the field class of what a type holds: that of the first part that is not stored in plain, or None where
    that part does not say it."""
    origin = get_origin(hint)
    if origin is Annotated:
        said = [extra.classified for extra in hint.__metadata__ if isinstance(extra, Input)]
        return said[0] if said else _classified(get_args(hint)[0])
    if origin is Literal or hint in (None, type(None), Ellipsis):
        return "public"
    if origin is not None:
        parts = [_classified(part) for part in get_args(hint)]
    elif isinstance(hint, type) and issubclass(hint, _TELLING_NOTHING):
        return "internal"
    elif isinstance(hint, type) and attrs.has(hint):
        inner = typing.get_type_hints(hint, include_extras=True)
        parts = [_classified(inner.get(item.name, Any)) for item in attrs.fields(hint)]
    else:
        return None
    return next((part for part in parts if part not in STORED_IN_PLAIN), "internal")


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
    correlation_id: UUID | None = None
