"""Turns the policy of a model and the scope of an actor into a condition of SQL.

Values of the actor are named parameters, so that one compiled statement serves everybody whose rights have the same
shape. Must not know sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    and_,
    bindparam,
    exists,
    func,
    inspect,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapper
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from crmkit.core.store.guard.elements import Nothing, Rare, Referred
from crmkit.core.store.guard.policy import Access, Reference
from crmkit.core.store.guard.rights import Scope, narrower
from crmkit.core.store.guard.tables import models_named
from crmkit.core.store.types import Id, Instant

USER, TEAMS, TREE, ACTOR, NOW = "crmkit_user", "crmkit_teams", "crmkit_tree", "crmkit_actor", "crmkit_now"
MATES, SUBJECT = "crmkit_mates", "crmkit_subject"
"""The names of the parameters; a plugin's rule may use them too. The mates are the actors (``user:<id>``) who share a
team with the actor, the subject is the customer by whose link a visitor came."""

_NOBODY = UUID(int=0)
"""An id that no record has: a list of none would be compiled anew for every statement."""

MOST = 32
"""Up to so many values are parameters of their own: a list has to be put into the statement at each execution."""

Column = Callable[[str], ColumnElement[Any]]


def parameter(name: str, values: Mapping[str, Any] | None = None) -> Any:
    """Return one of the actor's parameters, for use in a condition; its value with it where values are given."""
    type_ = String() if name in (ACTOR, MATES) else Instant() if name == NOW else Id()
    expanding = name in (TEAMS, TREE, MATES)
    if values is None:
        return bindparam(name, type_=type_, expanding=expanding)
    return bindparam(None, values[name], type_=type_, expanding=expanding)


def places(count: int) -> int:
    """Return for how many values a statement that is to serve others too has places; 0 for a list of any length."""
    size = 1
    while size < count:
        size *= 2
    return size if size <= MOST else 0


def _one_by_one(name: str, given: Sequence[Any]) -> dict[str, Any]:
    return {f"{name}_{place}": given[min(place, len(given) - 1)] for place in range(places(len(given)))}


def among(column: ColumnElement[Any], name: str, size: int, values: Mapping[str, Any] | None) -> ColumnElement[bool]:
    """Return the condition that a column is among the values of a parameter, for which there are so many places."""
    if values is not None or not size:
        return column.in_(parameter(name, values))
    if size == 1:
        return column == bindparam(f"{name}_0", type_=Id())
    return column.in_([bindparam(f"{name}_{place}", type_=Id()) for place in range(size)])


def with_values(where: ColumnElement[bool], values: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return a condition with the parameters' values in it."""

    def give(found: Any) -> None:
        if found.key in values:
            found.value, found.required = values[found.key], False

    return visitors.cloned_traverse(where, {}, {"bindparam": give})


def values(
    *,
    user_id: UUID | None,
    team_ids: Collection[UUID],
    tree_ids: Collection[UUID],
    mates: Collection[str],
    actor_id: str,
    now: datetime,
    subject: UUID | None = None,
) -> dict[str, Any]:
    """Return the values of the parameters."""
    teams, tree = sorted(team_ids) or [_NOBODY], sorted(tree_ids) or [_NOBODY]
    return {
        **_one_by_one(TEAMS, teams),
        **_one_by_one(TREE, tree),
        USER: user_id or _NOBODY,
        TEAMS: teams,
        TREE: tree,
        MATES: list(mates) or [actor_id],
        ACTOR: actor_id,
        NOW: now,
        SUBJECT: subject or _NOBODY,
    }


class Terms(Protocol):
    """What of an actor's rights shapes the conditions."""

    @property
    def public(self) -> bool:
        """Whether nobody in particular acts."""
        ...

    @property
    def writes(self) -> bool:
        """Whether the condition is for changing rows."""
        ...

    @property
    def creates(self) -> bool:
        """Whether the condition is for new rows."""
        ...

    def scope(self, resource: str) -> Scope:
        """Return the scope for the action in question."""
        ...

    def readable(self, resource: str) -> Scope:
        """Return the scope for reading."""
        ...

    def shared(self, resource: str) -> bool:
        """Say whether records of a resource are shared with the actor."""
        ...

    def rules(self, model: type[Any]) -> Sequence[tuple[str, ColumnElement[bool] | None]]:
        """Return the record rules of a model for the action in question, as pairs of effect and condition."""
        ...

    def reading_rules(self, model: type[Any]) -> Sequence[tuple[str, ColumnElement[bool] | None]]:
        """Return the record rules of a model for reading."""
        ...

    def resource_of(self, model: type[Any]) -> str:
        """Return the resource whose rights apply to a model."""
        ...

    def share_table(self) -> Table:
        """Return the table of shares."""
        ...

    def parameter(self, name: str) -> Any:
        """Return one of the actor's parameters."""
        ...

    def among(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Return the condition that a column is among the values of a parameter."""
        ...

    def wide(self, model: type[Any]) -> bool:
        """Say whether so many rows of a model are let through that a page is found sooner by its order."""
        ...


def condition_of(terms: Terms, model: type[Any], column: Column, adapt: Any = None) -> ColumnElement[bool] | None:
    """Return the condition under which rows of a model are let through, or None when all are.

    ``column`` gives the columns of the occurrence in question, ``adapt`` turns a rule's condition on the model into one
    on that occurrence.
    """
    resource = terms.resource_of(model)
    return _of(terms, model, column, adapt, terms.scope(resource), resource)


def _of(
    terms: Terms, model: type[Any], column: Column, adapt: Any, scope: Scope, resource: str
) -> ColumnElement[bool] | None:
    policy: Access | None = model.__access__
    if policy is None or scope == "none" or terms.public:
        return Nothing()
    if policy.kind == "system":
        return None if terms.writes else Nothing()
    if policy.kind == "open":
        found = None
    elif policy.kind == "owned":
        found = _owned(terms, model, policy, column, scope, resource)
    else:
        found = _referring(terms, model, policy, column, scope)
    return _ruled(terms.rules(model), found, adapt)


def _owned(
    terms: Terms, model: type[Any], policy: Access, column: Column, scope: Scope, resource: str
) -> ColumnElement[bool] | None:
    assert policy.owner is not None
    assert policy.team is not None
    wide = terms.wide(model)
    if wide:
        column = _beside_index(column)
    mine = column(policy.owner) == terms.parameter(USER)
    if scope == "all":
        reached: ColumnElement[bool] | None = None
    else:
        parts = [mine]
        if scope != "own":
            parts.insert(0, terms.among(column(policy.team), TEAMS if scope == "team" else TREE))
        reached = or_(*(parts if wide else map(Rare, parts)))
    if reached is not None and terms.shared(resource):
        reached = or_(reached, _shared(terms, resource, column("id")))
    seen: list[ColumnElement[bool]] = []
    for item in policy.references:
        visible = _visible(terms, model, item, column, "all")
        if visible is not None:
            # A row that names nobody is about nobody: its owner and team alone say who sees it.
            optional = cast(Any, model).__table__.c[item.column].nullable
            seen.append(or_(column(item.column).is_(None), visible) if optional else visible)
    if seen:
        # One's own record stays in sight when its customer goes elsewhere; it is not begun about somebody unseen.
        both = and_(*seen) if terms.creates else or_(mine, and_(*seen))
        reached = both if reached is None else and_(reached, both)
    return reached


def _beside_index(column: Column) -> Column:
    """Return columns that SQLite compares without an index over them: it would find half of the table by one, and sort
    it for the sake of one page."""

    def beside(name: str) -> ColumnElement[Any]:
        found = column(name)
        plus = cast(Any, custom_op)("+")
        return UnaryExpression(found, operator=plus, type_=found.type)

    return beside


def _referring(
    terms: Terms, model: type[Any], policy: Access, column: Column, scope: Scope
) -> ColumnElement[bool] | None:
    parts: list[ColumnElement[bool]] = []
    table: Table = model.__table__
    optional = all(table.c[item.column].nullable for item in policy.references)
    for item in policy.references:
        one = _or_nobody if table.c[item.column].nullable else _visible
        visible = one(terms, model, item, column, scope)
        if visible is not None:
            parts.append(visible)
    if optional and scope != "all":
        refers = or_(*(column(item.column).is_not(None) for item in policy.references))
        author = column(policy.author) == terms.parameter(ACTOR) if policy.author else Nothing()
        parts.append(or_(refers, author))
    return and_(*parts) if parts else None


def _visible(
    terms: Terms, model: type[Any], item: Reference, column: Column, limit: Scope
) -> ColumnElement[bool] | None:
    """Return the condition that the record which a column names can be read, in a scope no wider than ``limit``."""
    occurrence, key, inside = _inside(terms, model, item, limit)
    if inside is None:
        return None
    return exists(select(1).where(occurrence.c[key] == column(item.column), inside).correlate_except(occurrence))


def _inside(
    terms: Terms, model: type[Any], item: Reference, limit: Scope
) -> tuple[Any, str, ColumnElement[bool] | None]:
    """Return an occurrence of the table that a reference points at, the column which it names, and the condition."""
    target, key = target_of(model, item)
    occurrence = cast(Any, target).__table__.alias()
    resource = terms.resource_of(target)
    scope = narrower(limit, terms.readable(resource))
    adapter = _Adapter(target, occurrence)
    return occurrence, key, _of(_Reading(terms), target, lambda name: occurrence.c[name], adapter, scope, resource)


def _or_nobody(
    terms: Terms, model: type[Any], item: Reference, column: Column, limit: Scope
) -> ColumnElement[bool] | None:
    """Return the condition that a column is empty, or names a record that can be read."""
    visible = _visible(terms, model, item, column, limit)
    if visible is None:
        return None
    each = or_(column(item.column).is_(None), visible)
    occurrence, key, inside = _inside(terms, model, item, limit)
    if inside is None or any(effect == "allow" for effect, _where in terms.rules(model)):
        return each  # beside what a rule allows it would stand in an OR all the same
    # What is empty is looked for as the id that no record has: a list with one place more instead of an OR.
    reached = select(occurrence.c[key]).where(inside).correlate(None).union_all(select(literal(_NOBODY, Id())))
    return Referred(each, func.coalesce(column(item.column), literal(_NOBODY, Id())).in_(reached))


def _shared(terms: Terms, resource: str, identity: ColumnElement[Any]) -> ColumnElement[bool]:
    share = terms.share_table().alias()
    # Not by EXISTS: what is asked of each record anew keeps SQLite from finding any by an index.
    return identity.in_(
        select(share.c.record_id).where(
            share.c.resource == resource,
            or_(share.c.user_id == terms.parameter(USER), terms.among(share.c.team_id, TEAMS)),
            or_(share.c.expires_at.is_(None), share.c.expires_at > terms.parameter(NOW)),
            *([share.c.action == "update"] if terms.writes else []),
        )
    )


def _ruled(
    rules: Sequence[tuple[str, ColumnElement[bool] | None]], found: ColumnElement[bool] | None, adapt: Any
) -> ColumnElement[bool] | None:
    """Return a condition with record rules: those that allow widen what the scope lets through, denial wins."""
    if adapt is not None:
        rules = [(effect, where if where is None else adapt(where)) for effect, where in rules]
    allowing = [where for effect, where in rules if effect == "allow"]
    if found is not None and allowing:
        found = None if any(where is None for where in allowing) else or_(found, *cast("list[Any]", allowing))
    for effect, where in rules:
        if effect == "deny":
            # What can't be told is denied as well.
            kept = Nothing() if where is None else not_(func.coalesce(where, true()))
            found = kept if found is None else and_(found, kept)
    return found


class _Reading:
    """The same terms, for reading a record that another one refers to."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.public = terms.public
        self.writes = self.creates = False
        self.readable = self.scope = terms.readable
        self.shared = terms.shared
        self.rules = self.reading_rules = terms.reading_rules
        self.resource_of = terms.resource_of
        self.share_table = terms.share_table
        self.parameter = terms.parameter
        self.among = terms.among
        self.wide = terms.wide


class _Adapter:
    """Turns a rule's condition on a model into one on an occurrence of its table."""

    def __init__(self, model: type[Any], occurrence: Any) -> None:
        self._model = model
        self._occurrence = occurrence

    def __call__(self, where: ColumnElement[bool]) -> ColumnElement[bool]:
        from sqlalchemy.sql.util import ClauseAdapter

        return cast(Any, ClauseAdapter(self._occurrence)).traverse(where)


adapter_to = _Adapter


@lru_cache(maxsize=1024)
def target_of(model: type[Any], item: Reference) -> tuple[type[Any], str]:
    """Return the model that a reference points at, and the column of that model which it names."""
    table: Table = cast(Any, model).__table__
    if item.model is not None:
        return item.model, "id"
    for key in table.c[item.column].foreign_keys:
        target = mapped_to(key.column.table)
        if target is not None:
            return target, key.column.name
    raise LookupError(f"{table.name}.{item.column} is no foreign key to a mapped table")


def mapped_to(table: Table) -> type[Any] | None:
    """Return the model that is mapped to a table."""
    return next((model for model in models_named(str(table.name)) if cast(Any, model).__table__ is table), None)


def columns_of(entity: Any) -> Column:
    """Return the columns of an entity of an ORM statement, a model or an alias of one, by their names."""
    mapper: Mapper[Any] = inspect(entity).mapper

    def column(name: str) -> ColumnElement[Any]:
        return cast(
            "ColumnElement[Any]", getattr(entity, mapper.get_property_by_column(mapper.local_table.c[name]).key)
        )

    return column


def scopes_key(scopes: Mapping[str, Scope]) -> tuple[tuple[str, Scope], ...]:
    """Return scopes as a value that can be a key."""
    return tuple(sorted(scopes.items()))
