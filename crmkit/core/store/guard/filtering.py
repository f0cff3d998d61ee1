"""Puts the criterion on every statement of a session, and says so at its connection.

Listens to sessions; must not know how a criterion is made.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, event, inspect, select, tuple_
from sqlalchemy.orm import ORMExecuteState, Session

from crmkit.core.store.guard.judge import COLUMNS, RELATION, SESSION
from crmkit.core.store.guard.masking import mask_loaded
from crmkit.core.store.guard.shapes import add_criterion
from crmkit.core.store.guard.writing import scopes_to_write
from crmkit.errors import GuardRefused, NotFound
from crmkit.i18n import texts

_ = texts("crmkit")


def attach(session_class: type[Any], root: type[Any]) -> None:
    """Have all sessions of a class guarded; ``root`` is the base of all models."""
    event.listen(session_class, "after_begin", _begun)
    event.listen(session_class, "do_orm_execute", _filter)
    event.listen(session_class, "detached_to_persistent", _attached)
    event.listen(root, "load", _loaded, propagate=True)
    event.listen(root, "refresh", _refreshed, propagate=True)


def _begun(session: Any, transaction: Any, connection: Connection) -> None:
    cast(Any, connection).execution_options(**{SESSION: session.guarding})


def _filter(state: ORMExecuteState) -> None:
    session = cast(Any, state.session)
    guarding = session.guarding
    if guarding.passes:
        return
    if state.is_column_load:
        # The session has the record already; what it had to prove, it has proved.
        mapper = state.bind_mapper
        if mapper is not None:
            state.update_execution_options(**{COLUMNS: cast(Any, mapper.local_table).name})
        return
    guard = session.gate.crm.guard
    if state.is_select:
        shape = guard.shape(session)
        if state.is_relationship_load:
            state.update_execution_options(**{RELATION: True})
        add_criterion(state, shape, guarding.values)
    elif state.is_update or state.is_delete:
        _restrict(state, session)


def _restrict(state: ORMExecuteState, session: Any) -> None:
    """Put the criterion on an UPDATE or DELETE of models: what may be changed instead of what may be read."""
    statement: Any = state.statement
    mapper = state.bind_mapper
    if mapper is None:
        return
    if isinstance(state.parameters, list):
        raise GuardRefused(
            _("{model}: an UPDATE by primary keys would pass by the filter of what its actor may change."),
            fix=_("Change the records themselves, or say which by where()."),
            model=mapper.class_.__name__,
        )
    action = "update" if state.is_update else "delete"
    policy = mapper.class_.__access__
    if state.is_update and policy is not None:
        bound = {policy.owner, policy.team, *(item.column for item in policy.references)}
        given: dict[Any, Any] = statement._values or {}
        named = {str(getattr(key, "key", key)) for key in given} & bound
        if named:
            raise GuardRefused(
                _("{model}: an UPDATE of {columns} would change who may see the rows, past the checks."),
                fix=_("Change the records themselves."),
                model=mapper.class_.__name__,
                columns=", ".join(sorted(named)),
            )
    shape = session.gate.crm.guard.shape(session, (action,), scopes_to_write(session, mapper.class_, action))
    state.statement = statement.options(shape.with_values(session.guarding.values).option)


def _attached(session: Any, item: Any) -> None:
    if not session.guarding.passes:
        raise GuardRefused(
            _("A {model} that came from elsewhere would enter the session without having been read in it."),
            fix=_("Read it with session.get(), or merge its values into the record that was read."),
            model=type(item).__name__,
        )


def _loaded(record: Any, context: Any) -> None:
    # A record that is merged for the first time is loaded by no statement.
    guarding = None if context is None else getattr(context.session, "guarding", None)
    if guarding is None:
        return
    if guarding.regions:
        guarding.unproven.add(record)
    elif not guarding.rights.unrestricted:
        mask_loaded(guarding.session, record, None)


def _refreshed(record: Any, context: Any, names: Any) -> None:
    guarding = None if context is None else getattr(context.session, "guarding", None)
    if guarding is not None and not guarding.regions and not guarding.rights.unrestricted:
        mask_loaded(guarding.session, record, names)


def is_visible(session: Any, record: Any) -> bool:
    """Say whether a record that the session has loaded may be read by its actor."""
    mapper: Any = inspect(record).mapper
    keys = [mapper.get_property_by_column(column).class_attribute for column in mapper.local_table.primary_key]
    identity: tuple[Any, ...] = inspect(record).identity
    where: Any = keys[0] == identity[0] if len(keys) == 1 else tuple_(*keys) == identity
    with session.no_autoflush:
        return session.execute(select(keys[0]).where(where)).first() is not None


def proved(session: Session, record: Any) -> bool:
    """Say whether a record out of the identity map may be handed out: one that came in past the filter is looked up."""
    guarding = cast(Any, session).guarding
    if guarding.passes or record not in guarding.unproven:
        return True
    if not is_visible(session, record):
        return False
    guarding.unproven.discard(record)
    return True


def check_refresh(session: Any, record: Any) -> None:
    """Return when a record may be read anew. Raises NotFound for one that its actor may no longer see."""
    if not session.guarding.passes and not is_visible(session, record):
        raise NotFound(_("There is no such record: {id}."), id=getattr(record, "id", ""))
