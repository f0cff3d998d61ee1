"""What becomes a line of the audit log: who did what to whom, how it ended, and which of it may be kept in plain.

Names of fields, counts and what is public or internal stand in the line; everything that was given goes into the sealed
payload; secrets into neither. Must not touch the database.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import attrs
from sqlalchemy import event, inspect

from crmkit.core.operations.audit_form import canonical
from crmkit.core.operations.inputs import UNSET, input_info
from crmkit.core.operations.unit import AuditLine
from crmkit.core.store.ids import new_id
from crmkit.core.store.model import Model
from crmkit.core.store.session import CrmSession

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, UOWTransaction

    from crmkit.core.store.actor import Actor

LONGEST_PAYLOAD = 65_536
"""Bytes of an operation's input beyond which the log keeps its size alone."""
LONGEST_VALUE = 200
"""Characters of a public or internal value beyond which the log keeps none of it."""

_correlation: ContextVar[UUID | None] = ContextVar("crmkit_correlation", default=None)


@contextmanager
def correlated(correlation: UUID) -> Generator[None]:
    """Give every transaction that is begun within the block the same correlation: for a door, one request."""
    token = _correlation.set(correlation)
    try:
        yield
    finally:
        _correlation.reset(token)


def new_correlation() -> UUID:
    """Return the correlation of the block that runs, or a new one."""
    return _correlation.get() or new_id()


def line_of(
    actor: Actor,
    action: str,
    outcome: str,
    *,
    recorded_at: datetime,
    correlation: UUID | None = None,
    resource: str | None = None,
    target: Any = None,
    subjects: Iterable[UUID] = (),
    details: Mapping[str, Any] | None = None,
    payload: bytes | None = None,
    items: int = 1,
    code: str | None = None,
    reason: str | None = None,
) -> AuditLine:
    """Return the line for something that was done, refused or failed. ``target`` is a record, or its table and id."""
    table, identity = cast("tuple[str, Any]", target) if isinstance(target, tuple) else (None, None)
    if isinstance(target, Model):
        table, identity = target.__tablename__, getattr(target, "id", None)
    return AuditLine(
        id=new_id(),
        recorded_at=recorded_at,
        actor_id=actor.id,
        method=actor.method or None,
        token_id=actor.token_id,
        address=actor.address,
        operation=action,
        resource=resource,
        outcome=outcome,
        target_table=table,
        target_id=identity if isinstance(identity, UUID) else None,
        items=items,
        code=code,
        reason=actor.reason if reason is None else reason,
        correlation_id=correlation,
        subjects=tuple(dict.fromkeys(subjects)),
        details=details,
        payload=payload,
    )


def details_of(given: Any) -> dict[str, Any] | None:
    """Return what a line keeps of an input in plain: the names of the fields that were given, and the values of those
    that are public or internal."""
    said = _said(given)
    if not said:
        return None
    names = list(said)
    values = {
        name: value
        for name, (classified, value) in said.items()
        if classified in ("public", "internal") and _is_short(value)
    }
    return {"fields": names, "input": values} if values else {"fields": names}


def payload_of(given: Any) -> bytes | None:
    """Return the canonical form of an input without its secrets, or None when it is empty or too long to be kept."""
    visible = _visible(given)
    if not visible:
        return None
    payload = canonical(visible)
    return payload if len(payload) <= LONGEST_PAYLOAD else None


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_VALUE
    return value is None or isinstance(value, (bool, int, float, UUID, date))


def _visible(value: Any) -> Any:
    said = _said(value)
    if said is not None:
        return {name: _visible(item) for name, (classified, item) in said.items() if classified != "secret"}
    if isinstance(value, Mapping):
        return {str(name): _visible(item) for name, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_visible(item) for item in cast("Iterable[Any]", value)]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": len(cast(bytes, value))}
    return value


def _said(given: Any) -> dict[str, tuple[str, Any]] | None:
    """Return the class and the value of each field of an attrs value that says something else than its default, by
    name; None for any other value."""
    classes = _classes(cast("type[Any]", type(given)))
    if classes is None:
        return None
    found: dict[str, tuple[str, Any]] = {}
    for name, (classified, default) in classes.items():
        value = getattr(given, name)
        if value is not UNSET and (type(value) is not type(default) or value != default):
            found[name] = (classified, value)
    return found


@lru_cache(maxsize=4096)
def _classes(shape: type[Any]) -> Mapping[str, tuple[str, Any]] | None:
    """Return the class and the default of each field of an attrs class, by name; None for any other type."""
    if not attrs.has(shape):
        return None
    import typing

    try:
        hints = typing.get_type_hints(shape, include_extras=True)
    except NameError:
        hints = {}
    return {
        item.name: (input_info(hints.get(item.name)).classified, _default(item.default)) for item in attrs.fields(shape)
    }


def _default(default: Any) -> Any:
    factory: Any = getattr(default, "factory", None)
    if factory is None:
        return default
    return attrs.NOTHING if getattr(default, "takes_self", False) else factory()


# --- whom it is about ------------------------------------------------------------------------------------------------


def customers_of(item: Any) -> Iterable[UUID]:
    """Return the customers whom a record is about: itself, or those that it names. Loads nothing."""
    if not isinstance(item, Model):
        return ()
    held = item.__dict__
    return [value for name in _naming(type(item)) if isinstance(value := held.get(name), UUID)]


@lru_cache(maxsize=4096)
def _naming(model: type[Any]) -> tuple[str, ...]:
    mapper = cast(Any, inspect(model))
    if model.__tablename__ == "crm_customer":
        return (mapper.get_property_by_column(model.__table__.c.id).key,)
    return tuple(
        mapper.get_property_by_column(column).key
        for column in model.__table__.columns
        if column.name == "customer_id" or any(key.column.table.name == "crm_customer" for key in column.foreign_keys)
    )


def _after_flush(session: Session, context: UOWTransaction) -> None:
    if isinstance(session, CrmSession) and session.unit.frames:
        for items in (session.new, session.dirty, session.deleted):
            for item in items:
                session.unit.about(customers_of(item))


event.listen(CrmSession, "after_flush", _after_flush)
