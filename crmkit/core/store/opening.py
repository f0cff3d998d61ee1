"""Opening sealed fields: for their reader, who may see them masked, and for the framework's own use.

Records may be read after their session has ended. Must not know how values are encrypted, nor how fields are declared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from crmkit.core.store.sealed import (
    HIDDEN,
    PLAIN,
    OpenItem,
    Pending,
    from_bytes,
    is_masked,
    mask,
    sealed_fields,
    slots_of,
    tokens_of,
)
from crmkit.errors import ModelError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

T = TypeVar("T")

OPENED = "_crm_opened"
"""Where a record keeps what was opened of it, each with its envelope."""
READER = "_crm_reader"
"""Where a record keeps the session that it was read or written in, so that it can be opened after that has ended."""


def read(record: Any, field: Any) -> Any:
    """Return a field's value as the record's reader may see it."""
    held = _held(record, field)
    shown = in_the_open(record, field.name)
    if not isinstance(held, bytes) and shown is None:
        return HIDDEN if field.classified == "secret" and held is not None else held
    if field.classified == "secret":
        return HIDDEN
    with _reading(record) as session:
        level = session.level(type(record), field.classified)
        if level == "none":
            return HIDDEN
        value = _open(session, record, field, held) if isinstance(held, bytes) else held
    return value if level == "full" else mask(value)


def plain(record: Any, name: str) -> Any:
    """Return a field's value whatever its reader may see: for the framework's own use, which never shows it."""
    field = sealed_fields(type(record)).get(name)
    if field is None:
        value = getattr(record, name)
        kept: Mapping[str, Any] = record.__dict__.get(PLAIN, {})
        return kept[name] if name in kept and is_masked(value) else value
    held = _held(record, field)
    if not isinstance(held, bytes):
        return held
    with _reading(record) as session:
        return _open(session, record, field, held)


def in_the_open(record: Any, name: str) -> Any:
    """Return a text that is kept in plain because its record is open to search, or None where it is sealed."""
    slot = sealed_fields(type(record))[name].open_slot
    return None if slot is None else getattr(record, slot)


def _held(record: Any, field: Any) -> Any:
    """Return the envelope that a record holds in a field, or the value itself where it is not sealed (yet)."""
    if field.open_slot is not None:
        shown = getattr(record, field.open_slot)
        if shown is not None:
            return shown
    raw = getattr(record, field.slot)
    if raw is None:
        return field.default() if field.default is not None else None
    return raw.value if isinstance(raw, Pending) else raw


def has_pending(record: Any, name: str) -> bool:
    """Say whether a sealed field's value waits to be sealed."""
    return isinstance(record.__dict__.get(sealed_fields(type(record))[name].slot), Pending)


def holds_something(record: Any, field: Any) -> bool:
    """Say whether a record has a value in a field, sealed or in plain."""
    if getattr(record, field.slot) is not None:
        return True
    return field.open_slot is not None and getattr(record, field.open_slot) is not None


@contextmanager
def _reading(record: Any) -> Generator[CrmSession]:
    """Yield the session that a record belongs to; for one that has left it, a new one of the same actor."""
    session = cast("CrmSession | None", object_session(record)) or record.__dict__.get(READER)
    if session is None:
        raise ModelError(
            _("{model} was read outside a session of crmkit: its sealed fields cannot be opened."),
            model=type(record).__name__,
        )
    with reopened(session) as usable:
        yield usable


@contextmanager
def reopened(session: CrmSession) -> Generator[CrmSession]:
    """Yield a session as it is where it is in a transaction; otherwise a new one of its actor, that ends with the
    block: a session that has ended must not hold a connection again."""
    if session.in_transaction():
        yield session
        return
    with session.gate.reading(session.actor) as fresh:
        yield fresh


def in_transaction(session: CrmSession, work: Callable[[CrmSession], T]) -> T:
    """Return what some work gives that needs a session in a transaction; see `reopened`."""
    with reopened(session) as usable:
        return work(usable)


def _open(session: CrmSession, record: Any, field: Any, raw: bytes) -> Any:
    opened: dict[str, tuple[bytes, Any]] = record.__dict__.setdefault(OPENED, {})
    known = opened.get(field.name)
    if known is not None and known[0] == raw:
        return known[1]
    vault = session.crm.vault
    if not vault.holds(raw[2:18]):
        vault.prefetch(session, _around(session, raw))
    item = OpenItem(table=record.__tablename__, field=field.name, record=record.id, sealed=raw)
    value = from_bytes(vault.open_many(session, [item])[0], field.kind)
    opened[field.name] = (raw, value)
    return value


def _around(session: CrmSession, raw: bytes) -> list[bytes]:
    """Return the names of the data keys of everything that the session has read, so that a page fetches its keys in one
    query."""
    found = {raw[2:18]}
    for record in session.identity_map.values():
        for field in sealed_fields(type(record)).values():
            held = inspect(record).dict.get(field.slot)
            if isinstance(held, bytes):
                found.add(held[2:18])
    return list(found)


def remember_reader(record: Any, session: Any) -> None:
    """Let a record know the session that reads or writes it: it may be opened after it has left it."""
    record.__dict__[READER] = session


def values_of(record: Any, *, whole: bool = False) -> dict[str, Any]:
    """Return a record's values by column, tokens aside: as its reader may see them or, with ``whole``, for the
    framework's own use, as they are."""
    model: Any = cast(Any, type(record))
    slots, tokens = slots_of(model), tokens_of(model)
    found: dict[str, Any] = {}
    for attribute in inspect(model).column_attrs:
        if attribute.key not in tokens:
            sealed = slots.get(attribute.key)
            name = sealed or attribute.key
            found[sealed or attribute.columns[0].key] = plain(record, name) if whole else getattr(record, name)
    return found


def reseal(record: Any, names: Collection[str] | None = None) -> None:
    """Have a record's sealed fields, or some of them, sealed anew at the next flush: it is about somebody else now, or
    what was sealed is to be kept in plain, or the other way round. Raises Erased."""
    for field in sealed_fields(type(record)).values():
        if names is not None and field.name not in names:
            continue
        value = plain(record, field.name)
        if value is None or not holds_something(record, field):
            continue
        if field.open_slot is not None:
            setattr(record, field.open_slot, None)
        setattr(record, field.slot, Pending(value))


def reseal_field(record: Any, name: str) -> None:
    """Have one sealed field sealed anew at the next flush: its token follows from other fields, and they changed."""
    field = sealed_fields(type(record))[name]
    value = plain(record, name)
    if value is not None:
        setattr(record, field.slot, Pending(value))
