"""Checks what a flush would write: records that are changed or deleted have to lie in the scope of their actor, new
ones have to lie there once they are written.

An operation may write its own package's records within the scope of its permission; to write others it runs their
operations. Must not know how a scope becomes SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import bindparam, inspect, or_, select, tuple_

from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.guard.policy import Access
from crmkit.core.store.guard.rights import Scope, wider
from crmkit.core.store.sealed import is_masked, refuse_masked, sealed_fields
from crmkit.errors import Refused
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.guard.shapes import Shape
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_IDS = "crmkit_ids"
CHUNK = 1000
"""How many records are looked at in one query."""


def scope_to_write(session: CrmSession, model: type[Any], effect: str) -> Scope:
    """Return the scope in which a session may create, update or delete rows of a model just now: what the actor's
    rights say, or what they say of the operation that is running, if it is of the model's own package."""
    guarding, gate = session.guarding, session.gate
    rights = guarding.rights
    if rights.unrestricted:
        return "all"
    resource = gate.crm.guard.resource_of(model)
    generic = rights.scope(resource, effect)
    unit = session.unit
    operation = gate.registry.operations.get(unit.stack[-1]) if unit.stack else None
    if operation is None or unit.owners[-1] != gate.registry.owners.get(("model", model.__tablename__)):
        return generic
    caller = gate.registry.uses.get(unit.owners[-2]) if len(unit.owners) > 1 else None
    if caller is not None and (operation.permission in caller or operation.name in caller):
        return "all"
    return wider(generic, rights.scope(operation.resource, *operation.actions))


def scopes_to_write(session: CrmSession, model: type[Any], effect: str) -> Mapping[str, Scope]:
    """Return the same as what replaces the scope of the model's resource."""
    return {session.gate.crm.guard.resource_of(model): scope_to_write(session, model, effect)}


def check_before(session: CrmSession, new: Iterable[Any], dirty: Iterable[Any], deleted: Iterable[Any]) -> None:
    """Check what a flush will change, as it stands before.

    Raises Refused for a record that the actor may not change, InvalidInput for a value that is masked.
    """
    guarding = session.guarding
    new = list(new)
    dirty = list(dirty)
    for record in (*new, *dirty):
        _refuse_masked_values(record)
    if guarding.passes:
        return
    for effect, records in (("update", dirty), ("delete", list(deleted))):
        for model, same in _by_model(records).items():
            _check(session, model, effect, [_identity(record) for record in same])
    guarding.fresh.extend(record for record in dirty if _refers_anew(record))
    for model, same in _by_model(new).items():
        scope = scope_to_write(session, model, "create")
        if scope == "none":
            raise _refused(session, model, "create")
        _give_owner(session, model, scope, same, getattr, setattr)
        guarding.fresh.extend(same)


def check_after(session: CrmSession) -> None:
    """Check the records that a flush has written for the first time. Raises Refused; what was written is undone with
    the transaction, or the savepoint."""
    guarding = session.guarding
    fresh, guarding.fresh = guarding.fresh, []
    if fresh and not guarding.passes:
        for model, same in _by_model(fresh).items():
            _check(session, model, "create", [_identity(record) for record in same])


def check_new(session: CrmSession, model: type[Any], ids: Sequence[UUID]) -> None:
    """Check rows that a set-based writer has inserted: they have to lie where their actor may create some.

    Raises Refused.
    """
    if not session.guarding.passes:
        _check(session, model, "create", [(identity,) for identity in ids])


def write_rows(session: CrmSession, model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows of a model at the driver's speed, as whoever acts: they have to lie where the actor may create
    some. All have the columns of the first one, with Python's values; defaults are not applied.

    Raises Refused; TypeError for a model with sealed fields or a history, which rows alone would leave out.
    """
    if sealed_fields(model) or getattr(model, "__history__", False):
        raise TypeError(f"{model.__name__} is not written as rows alone")
    if not rows:
        return
    session.flush()
    table: Any = cast(Any, model).__table__
    keys = [column.name for column in table.primary_key]
    insert_rows(session.connection(), table, rows)
    if not session.guarding.passes:
        _check(session, model, "create", [tuple(row[name] for name in keys) for row in rows])


def may(session: CrmSession, actions: tuple[str, ...], record: Any, resource: str | None) -> bool:
    """Say whether a session's actor may do one of some actions with a record, by one query at most."""
    guarding = session.guarding
    if guarding.rights.unrestricted:
        return True
    guard: Any = session.gate.crm.guard
    model: Any = cast(Any, type(record))
    own = guard.resource_of(model)
    scope = guarding.rights.scope(resource or own, *actions)
    if scope == "none":
        return False
    shape: Shape = guard.shape(session, actions, {own: scope})
    return not _outside(session, shape, model, [_identity(record)])


def _check(session: CrmSession, model: type[Any], effect: str, identities: Sequence[tuple[Any, ...]]) -> None:
    override = scopes_to_write(session, model, effect)
    if "none" in override.values():
        raise _refused(session, model, effect)
    shape: Shape = session.gate.crm.guard.shape(session, (effect,), override)
    if _outside(session, shape, model, identities):
        raise _refused(session, model, effect)


def _outside(session: CrmSession, shape: Shape, model: type[Any], identities: Sequence[tuple[Any, ...]]) -> bool:
    """Say whether one of some rows lies outside what a shape lets through."""
    if model not in shape.checks:
        shape.checks[model] = _statement(shape, model)
    statement: Any = shape.checks[model]
    if statement is None:
        return False
    guarding = session.guarding
    with guarding.region("whether the actor may write these rows"):
        connection = session.connection()
        for start in range(0, len(identities), CHUNK):
            part = identities[start : start + CHUNK]
            keys = part if len(part[0]) > 1 else [key for (key,) in part]
            found = connection.execute(statement, {**guarding.values, _IDS: keys}).all()
            if len(found) < len(set(part)):
                return True
    return False


def _statement(shape: Shape, model: type[Any]) -> Any:
    table = cast(Any, model).__table__
    condition = shape.condition(model, table)
    if condition is None:
        return None
    keys = list(table.primary_key)
    wanted = bindparam(_IDS, expanding=True, type_=keys[0].type if len(keys) == 1 else None)
    which = keys[0].in_(wanted) if len(keys) == 1 else tuple_(*keys).in_(wanted)
    return select(*keys).where(which, or_(condition))


def give_owner(session: CrmSession, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    """Make rows that a set-based writer will insert the actor's own, where they have neither owner nor team and the
    actor would not see them otherwise."""
    if not session.guarding.passes:
        scope = scope_to_write(session, model, "create")
        _give_owner(session, model, scope, rows, _value, _put)


def _give_owner(
    session: CrmSession, model: type[Any], scope: Scope, records: Iterable[Any], get: Any, put: Any
) -> None:
    policy = model.__access__
    user_id = session.guarding.rights.user_id
    if scope == "all" or policy is None or policy.kind != "owned" or user_id is None:
        return
    for record in records:
        if get(record, policy.owner) is None and get(record, policy.team) is None:
            put(record, policy.owner, user_id)


def _refers_anew(record: Any) -> bool:
    """Say whether a record is about to refer to another one than before, which its actor has to see too, or to get
    another owner or team: it has to stay where its actor may put records."""
    policy: Access | None = cast(Any, type(record)).__access__
    if policy is None:
        return False
    state: Any = inspect(record)
    names = [item.column for item in policy.references]
    if policy.kind == "owned":
        names += [name for name in (policy.owner, policy.team) if name is not None]
    return any(
        state.attrs[state.mapper.get_property_by_column(state.mapper.local_table.c[name]).key].history.added
        for name in names
    )


def _value(row: dict[str, Any], name: str) -> Any:
    return row.get(name)


def _put(row: dict[str, Any], name: str, value: Any) -> None:
    row[name] = value


def _refuse_masked_values(record: Any) -> None:
    state: Any = inspect(record)
    names = state.dict if state.transient or state.pending else state.committed_state
    for name in list(names):
        value = state.dict.get(name)
        if is_masked(value):
            refuse_masked(value, name)


def _by_model(records: Iterable[Any]) -> dict[type[Any], list[Any]]:
    found: dict[type[Any], list[Any]] = defaultdict(list)
    for record in records:
        found[type(record)].append(record)
    return found


def _identity(record: Any) -> tuple[Any, ...]:
    mapper: Any = inspect(record).mapper
    return tuple(mapper.primary_key_from_instance(record))


def _refused(session: CrmSession, model: type[Any], effect: str) -> Refused:
    texts_of = {
        "create": _("{actor} may not create this: {model}."),
        "update": _("{actor} may not change this: {model}."),
        "delete": _("{actor} may not delete this: {model}."),
    }
    return Refused(texts_of[effect], actor=session.actor.name or session.actor.id, model=model.__name__)
