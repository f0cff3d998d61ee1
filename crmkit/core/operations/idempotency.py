"""Idempotency keys: the same key with the same input is answered, not run again.

A key belongs to an actor and an operation. What is kept is a reference to the result, which is read again under the
caller's present rights; plain values are kept only where a result is not a record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import msgspec
from attrs import frozen
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.operations.inputs import given as given_fields
from crmkit.core.operations.tables import IdempotencyKey
from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import parse_id
from crmkit.core.store.model import Model
from crmkit.core.store.types import json_encode
from crmkit.errors import InvalidInput, KeyReused, NotFound
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_TABLE = cast(Any, IdempotencyKey).__table__


@frozen
class Answer:
    """An answer that was given before."""

    answer: Any


class Idempotency:
    """Keeps and answers idempotency keys in the transaction of the operation."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def begin(
        self, session: CrmSession, operation: Operation[Any, Any], key: str, given: Any, target: Any
    ) -> Answer | None:
        """Claim a key, or return the answer that was given under it. Raises KeyReused for another input."""
        if not (isinstance(cast(Any, key), str) and 1 <= len(key) <= 200 and key.isprintable()):
            raise InvalidInput(_("An idempotency key has 1 to 200 printable characters."))
        digest = _digest(given, target)
        values = {
            "actor_id": session.actor.id,
            "operation": operation.name,
            "key": key,
            "input_hash": digest,
            "recorded_at": system_now(),
        }
        dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
        # A second caller with the same key waits here until the first has committed or given up.
        claimed = session.connection().execute(
            dialect.insert(_TABLE).values(values).on_conflict_do_nothing().returning(_TABLE.c.key)
        )
        if claimed.first() is not None:
            return None
        row = session.connection().execute(select(_TABLE.c.input_hash, _TABLE.c.result).where(*_where(values))).one()
        if row.input_hash != digest:
            raise KeyReused(fix=_("Use a new key for a new input."))
        return Answer(self._read(session, row.result))

    def finish(self, session: CrmSession, operation: Operation[Any, Any], key: str, result: Any) -> None:
        """Keep a reference to the result under the key."""
        where = _where({"actor_id": session.actor.id, "operation": operation.name, "key": key})
        session.connection().execute(update(_TABLE).where(*where).values(result=_reference(result)))

    def _read(self, session: CrmSession, reference: Any) -> Any:
        if reference is None:
            return None
        if "record" in reference:
            return self._record(session, reference["record"], reference["id"])
        if "records" in reference:
            return [self._record(session, table, identity) for table, identity in reference["records"]]
        return reference["value"]

    def _record(self, session: CrmSession, table: str, identity: str) -> Any:
        model = self._registry.models.get(table)
        record = session.get(model, parse_id(identity)) if model is not None else None
        if record is None:
            raise NotFound(_("What this key had made is no longer there."))
        return record


def _where(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(_TABLE.c[name] == values[name] for name in ("actor_id", "operation", "key"))


def _digest(given: Any, target: Any) -> str:
    shown = str(getattr(target, "id", target))
    return hashlib.sha256(json_encode([given_fields(given), shown])).hexdigest()


def _reference(result: Any) -> dict[str, Any] | None:
    if result is None:
        return None
    if isinstance(result, Model):
        return {"record": result.__tablename__, "id": str(cast(Any, result).id)}
    if isinstance(result, (list, tuple)):
        items: list[Any] = list(cast("Iterable[Any]", result))
        if items and all(isinstance(item, Model) for item in items):
            return {"records": [[item.__tablename__, str(item.id)] for item in items]}
    return {"value": msgspec.to_builtins(result)}
