"""Idempotency keys: the same key with the same input is answered, not run again.

A key belongs to an actor and an operation. What is kept is a reference to the result, which is read again under the
caller's present rights; a result that is no record is kept sealed. Of the input there is a fingerprint, which says
nothing without the keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import msgspec
from attrs import frozen
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.operations.inputs import given as given_fields
from crmkit.core.operations.outcome import Outcome
from crmkit.core.operations.tables import IdempotencyKey
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.ids import parse_id
from crmkit.core.store.model import Model
from crmkit.core.store.sealed import OpenItem, SealItem, from_bytes, own_key, to_bytes
from crmkit.core.store.types import json_encode
from crmkit.errors import Conflict, CrmkitError, InvalidInput, KeyReused, NotFound, Problem
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_TABLE = cast(Any, IdempotencyKey).__table__
_ANSWER = "answer"
_GIVEN_ONCE = {"given_once": True}


@frozen
class Earlier:
    """What is kept of an answer that was given before: a reference to a record, or the answer itself, sealed."""

    place: UUID
    result: Any
    answer: bytes | None


class Idempotency:
    """Keeps and answers idempotency keys in the transaction of the operation."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def begin(
        self, session: CrmSession, operation: Operation[Any, Any], key: str, given: Any, target: Any
    ) -> Earlier | None:
        """Claim a key, or return what is kept of the answer that was given under it. Raises KeyReused for another
        input."""
        if not (isinstance(cast(Any, key), str) and 1 <= len(key) <= 200 and key.isprintable()):
            raise InvalidInput(_("An idempotency key has 1 to 200 printable characters."))
        digest = _digest(session, given, target)
        values = {
            "actor_id": session.actor.id,
            "operation": operation.name,
            "key": key,
            "input_hash": digest,
            "recorded_at": system_now(),
        }
        dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
        # A second caller with the same key waits here until the first has committed or given up.
        claim = dialect.insert(_TABLE).values(values).on_conflict_do_nothing().returning(_TABLE.c.key)
        query = select(_TABLE.c.input_hash, _TABLE.c.result, _TABLE.c.answer).where(*_where(values))
        with region(session, "a key is its actor's own"):
            if session.connection().execute(claim).first() is not None:
                return None
            row = session.connection().execute(query).one()
        if row.input_hash != digest:
            raise KeyReused(fix=_("Use a new key for a new input."))
        return Earlier(_place(values), row.result, row.answer)

    def answer(self, session: CrmSession, earlier: Earlier) -> Any:
        """Return the answer that was given before, as its actor may see it now. Raises NotFound for a record that is
        no longer there, Conflict for what is given once."""
        if earlier.answer is not None:
            item = OpenItem(table=_TABLE.name, field=_ANSWER, record=earlier.place, sealed=earlier.answer)
            return from_bytes(session.crm.vault.open_many(session, [item])[0], Any)
        return self._read(session, earlier.result)

    def finish(self, session: CrmSession, operation: Operation[Any, Any], key: str, result: Any) -> None:
        """Keep a reference to the result under the key."""
        reference = _reference(result)
        if reference is None and result is not None:
            try:
                self._keep(session, operation, key, None, to_bytes(msgspec.to_builtins(result)))
            except TypeError:
                # Of values that have no plain form, such as reports in many languages, nothing is kept.
                self._keep(session, operation, key, _GIVEN_ONCE, None)
        else:
            self._keep(session, operation, key, reference, None)

    def finish_many(
        self, session: CrmSession, operation: Operation[Any, Any], key: str, outcomes: Iterable[Outcome]
    ) -> None:
        """Keep what became of many inputs under one key."""
        kept: list[dict[str, Any]] = []
        for outcome in outcomes:
            reference = _reference(outcome.result)
            try:
                plain = msgspec.to_builtins(outcome.result) if outcome.ok and reference is None else None
            except TypeError:
                plain, reference = None, _GIVEN_ONCE
            problems = [_plain_problem(each) for each in outcome.problems]
            kept.append({"reference": reference, "plain": plain, "problems": problems})
        self._keep(session, operation, key, None, to_bytes(kept))

    def answer_many(self, session: CrmSession, earlier: Earlier) -> list[Outcome]:
        """Return what became of many inputs before, records as their actor may see them now."""
        return [self._outcome(session, each) for each in self.answer(session, earlier)]

    def _outcome(self, session: CrmSession, kept: Any) -> Outcome:
        if kept["problems"]:
            return Outcome(problems=[Problem(*each[:2], **each[2]) for each in kept["problems"]])
        try:
            found = self._read(session, kept["reference"])
        except CrmkitError as error:
            return Outcome(problems=error.problems)
        return Outcome(result=kept["plain"] if kept["reference"] is None else found)

    def _keep(
        self, session: CrmSession, operation: Operation[Any, Any], key: str, result: Any, answer: bytes | None
    ) -> None:
        place = {"actor_id": session.actor.id, "operation": operation.name, "key": key}
        values: dict[str, Any] = {"result": result}
        if answer is not None:
            item = SealItem(
                subject=own_key(_TABLE.name), table=_TABLE.name, field=_ANSWER, record=_place(place), value=answer
            )
            (values["answer"],) = session.crm.vault.seal_many(session, [item])
        with region(session, "a key is its actor's own"):
            session.connection().execute(update(_TABLE).where(*_where(place)).values(values))

    def _read(self, session: CrmSession, reference: Any) -> Any:
        if reference is None:
            return None
        if "given_once" in reference:
            raise Conflict(
                _("What this key had made was shown once and is kept nowhere."),
                fix=_("Make another one, with another key."),
            )
        if "record" in reference:
            return self._record(session, reference["record"], reference["id"])
        return [self._record(session, table, identity) for table, identity in reference["records"]]

    def _record(self, session: CrmSession, table: str, identity: str) -> Any:
        model = self._registry.models.get(table)
        record = session.get(model, parse_id(identity)) if model is not None else None
        if record is None:
            raise NotFound(_("What this key had made is no longer there."))
        return record


def _where(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(_TABLE.c[name] == values[name] for name in ("actor_id", "operation", "key"))


def _place(values: dict[str, Any]) -> UUID:
    """Return the id that an answer is bound to, in place of a record's."""
    return own_key("\n".join((_TABLE.name, values["actor_id"], values["operation"], values["key"])))


def _digest(session: CrmSession, given: Any, target: Any) -> str:
    shown = str(getattr(target, "id", target))
    plain: Any = cast(Any, given) if isinstance(given, list) else given_fields(given)
    return cast(str, session.crm.vault.fingerprint(json_encode([plain, shown]).decode()))


def _plain_problem(problem: Problem) -> tuple[str, str, dict[str, Any]]:
    """Return code, message and values of a problem, each in a form that can be kept."""
    said = {**problem.values, "field": problem.field, "hint": problem.hint, "value": problem.value}
    shown = {name: value if value is None or type(value) in (int, bool) else str(value) for name, value in said.items()}
    return problem.code, str(problem.message), shown


def _reference(result: Any) -> dict[str, Any] | None:
    """Return a reference to a record or to several, None for any other result."""
    if getattr(cast(Any, type(result)), "given_once", False):
        # A secret: whoever asks again does not get it again.
        return _GIVEN_ONCE
    if isinstance(result, Model) and hasattr(result, "id"):
        return {"record": result.__tablename__, "id": str(cast(Any, result).id)}
    if isinstance(result, (list, tuple)):
        items: list[Any] = list(cast("Iterable[Any]", result))
        if items and all(isinstance(item, Model) for item in items):
            return {"records": [[item.__tablename__, str(item.id)] for item in items]}
    return None
