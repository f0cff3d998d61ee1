"""The guard of one CRM: which criterion a session's statements get.

A criterion depends on the shape of the actor's rights alone (which scope for which resource, which rules), never on who
it is; it is made once for each shape. Must not know where rights come from.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from attrs import define, frozen
from sqlalchemy import ColumnElement, Table, func, inspect, literal, select, true
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.cache_key import HasCacheKey

from crmkit.core.store.guard import conditions
from crmkit.core.store.guard.elements import Guarded, Nothing
from crmkit.core.store.guard.rights import Rights, Scope
from crmkit.hooks.catalogue import KERNEL
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.guards import Guards

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_numbers = itertools.count(1)

READ = ("read",)
CREATE = ("create",)
MANY = 5000
"""From so many rows on, a page is found sooner by walking its order than by sorting what the actor may see."""
KINDS = 500
"""Of how many kinds of actors and actions the kernel's own rules are kept."""
FRESH = 600.0
"""Seconds for which it is taken for granted which tables have so many."""
Rules = Mapping[str, Sequence[tuple[str, ColumnElement[bool] | None]]]
"""Record rules by table."""


class Shape(HasCacheKey):
    """Everything that a criterion depends on, and the criterion."""

    inherit_cache = False

    def __init__(
        self,
        *,
        guard: Guard,
        public: bool,
        writes: bool,
        creates: bool,
        scopes: Mapping[str, Scope],
        reading: Mapping[str, Scope],
        shares: frozenset[str],
        sizes: Mapping[str, int],
        rules: Rules,
        reading_rules: Rules,
        values: Mapping[str, Any] | None = None,
        wide_tables: frozenset[str] = frozenset(),
    ) -> None:
        self.number = next(_numbers)
        self.guard = guard
        self.public = public
        self.writes = writes
        self.creates = creates
        self.scopes = scopes
        self.reading = reading
        self.shares = shares
        self.sizes = sizes
        """How many places a statement has for the values of a parameter."""
        self._rules = rules
        self._reading_rules = reading_rules
        self._values = values
        self.wide_tables = wide_tables
        self._widened: dict[frozenset[str], Shape] = {}
        self.checks: dict[type[Any], Any] = {}
        """The statements that look whether rows lie in the scope, by model."""
        shape = self
        # The lambda is analysed and cached by its code; what differs is the shape that it closes over.
        self.option = with_loader_criteria(
            self.guard.root, lambda entity: shape.criterion(entity), include_aliases=True, propagate_to_loaders=True
        )

    def _gen_cache_key(self, anon_map: Any, bindparams: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return (Shape, self.number)

    def scope(self, resource: str) -> Scope:
        """Return the scope for the action in question."""
        return self.scopes.get(resource, "none")

    def readable(self, resource: str) -> Scope:
        """Return the scope for reading."""
        return self.reading.get(resource, "none")

    def shared(self, resource: str) -> bool:
        """Say whether records of a resource are shared with the actor."""
        return resource in self.shares

    def rules(self, model: type[Any]) -> Sequence[tuple[str, ColumnElement[bool] | None]]:
        """Return the record rules of a model for the action in question, as pairs of effect and condition."""
        return self._given(self._rules.get(cast(Any, model).__tablename__, ()))

    def reading_rules(self, model: type[Any]) -> Sequence[tuple[str, ColumnElement[bool] | None]]:
        """Return the record rules of a model for reading."""
        return self._given(self._reading_rules.get(cast(Any, model).__tablename__, ()))

    def _given(self, rules: Sequence[tuple[str, ColumnElement[bool] | None]]) -> Any:
        if self._values is None:
            return rules
        return [
            (effect, where if where is None else conditions.with_values(where, self._values)) for effect, where in rules
        ]

    def resource_of(self, model: type[Any]) -> str:
        """Return the resource whose rights apply to a model."""
        return self.guard.resource_of(model)

    def share_table(self) -> Table:
        """Return the table of shares."""
        return self.guard.share_table()

    def parameter(self, name: str) -> Any:
        """Return one of the actor's parameters."""
        return conditions.parameter(name, self._values)

    def wide(self, model: type[Any]) -> bool:
        """Say whether so many rows of a model are let through that a page is found sooner by its order."""
        return cast(Any, model).__tablename__ in self.wide_tables

    def widened(self, tables: frozenset[str]) -> Shape:
        """Return the shape for pages of tables of which many rows are let through."""
        found = self._widened.get(tables)
        if found is None:
            found = self._widened[tables] = self._again(wide_tables=tables)
        return found

    def among(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Return the condition that a column is among the values of a parameter."""
        return conditions.among(column, name, self.sizes[name], self._values)

    def with_values(self, values: Mapping[str, Any]) -> Shape:
        """Return the same shape for one actor alone: where parameters can't be handed over beside the statement."""
        return self._again(values=values)

    def _again(self, *, values: Mapping[str, Any] | None = None, wide_tables: frozenset[str] = frozenset()) -> Shape:
        return Shape(
            guard=self.guard,
            public=self.public,
            writes=self.writes,
            creates=self.creates,
            scopes=self.scopes,
            reading=self.reading,
            shares=self.shares,
            sizes=self.sizes,
            rules=self._rules,
            reading_rules=self._reading_rules,
            values=values,
            wide_tables=wide_tables,
        )

    def criterion(self, entity: Any) -> ColumnElement[bool]:
        """Return the criterion for an entity of a statement: a model, or an alias of one."""
        found = inspect(entity, raiseerr=False)
        if found is None:
            # The base of all models, which SQLAlchemy tries the lambda with.
            return true()
        mapper = found.mapper
        column = conditions.columns_of(entity)
        adapt = conditions.adapter_to(mapper.class_, found.selectable) if found.is_aliased_class else None
        condition = conditions.condition_of(self, mapper.class_, column, adapt)
        return Guarded(column(next(iter(mapper.local_table.primary_key)).name), condition)

    def condition(self, model: type[Any], occurrence: Any) -> ColumnElement[bool] | None:
        """Return the condition for an occurrence of a model's table in a Core statement; None lets every row pass."""
        return conditions.condition_of(
            self, model, lambda name: occurrence.c[name], conditions.adapter_to(model, occurrence)
        )


@define(kw_only=True)
class _Known:
    """What is kept for one set of rights."""

    resources: frozenset[str]
    shapes: dict[Any, Shape]
    masked: frozenset[str]
    """Tables of which the personal fields are masked."""
    shares: frozenset[tuple[str, str]] | None = None
    mates: tuple[str, ...] | None = None
    wide: frozenset[str] | None = None
    looked_at: float = 0.0
    """When it was found out which tables are wide (monotonic seconds)."""


@frozen(eq=False)
class _Found:
    """Record rules by table, with what tells them apart from others."""

    rules: Rules
    key: Any


class Guard:
    """The guard of one CRM. ``registry`` and ``dispatcher`` are the CRM's."""

    def __init__(self, *, root: type[Any], registry: Any, dispatcher: Dispatcher) -> None:
        self.root = root
        self._registry = registry
        self._dispatcher = dispatcher
        self._shapes: dict[Any, Shape] = {}
        self._known: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()
        self._resources: tuple[int, frozenset[str]] = (-1, frozenset())
        self._open: tuple[int, frozenset[str]] = (-1, frozenset())
        self._own: dict[Any, _Found] = {}

    def resource_of(self, model: type[Any]) -> str:
        """Return the resource whose rights apply to a model."""
        return str(self._registry.resource_of(model))

    def resources(self) -> frozenset[str]:
        """Return the resources whose rights decide about rows."""
        models = self._registry.models
        if self._resources[0] != len(models):
            self._resources = (len(models), frozenset(self.resource_of(model) for model in models.values()))
        return self._resources[1]

    def to_read(self, rights: Rights, resource: str) -> Scope:
        """Return the scope for reading: what is open is read by everybody who is signed in, unless it is denied."""
        if resource in self.open_resources():
            return "none" if rights.denies(resource, "read") else "all"
        return rights.scope(resource, "read")

    def open_resources(self) -> frozenset[str]:
        """Return the resources of which every signed-in actor may read the rows."""
        models = self._registry.models
        if self._open[0] != len(models):
            kinds: dict[str, set[str]] = {}
            for model in models.values():
                kinds.setdefault(self.resource_of(model), set()).add(getattr(model.__access__, "kind", "system"))
            self._open = (len(models), frozenset(name for name, found in kinds.items() if found == {"open"}))
        return self._open[1]

    def share_table(self) -> Table:
        """Return the table of shares."""
        return cast(Table, self._registry.models["crm_share"].__table__)

    def shape(
        self, session: CrmSession, actions: tuple[str, ...] = READ, override: Mapping[str, Scope] | None = None
    ) -> Shape:
        """Return the shape of what a session's actor may do; ``override`` replaces the scopes of some resources."""
        guarding = session.guarding
        key = (actions, tuple(sorted(override.items())) if override else None)
        found = guarding.shapes.get(key)
        if found is None:
            found = guarding.shapes[key] = self._shape(session, guarding.rights, actions, override)
        return found

    def _shape(
        self, session: CrmSession, rights: Rights, actions: tuple[str, ...], override: Mapping[str, Scope] | None
    ) -> Shape:
        resources = self.resources()
        shares = session.guarding.shares(actions != READ)
        rules = self._rules(session, actions)
        reading_rules = rules if actions == READ else self._rules(session, READ)
        known = self._of(rights)
        key = (
            actions,
            tuple(sorted(override.items())) if override else None,
            shares,
            rules.key,
            reading_rules.key,
        )
        shape = known.shapes.get(key)
        if shape is None:
            reading: dict[str, Scope] = {each: self.to_read(rights, each) for each in resources}
            scopes: dict[str, Scope] = dict(reading)
            if actions != READ:
                scopes = {each: rights.scope(each, *actions) for each in resources}
            scopes.update(override or {})
            public = session.actor.kind == "public" and session.actor.limits is None
            sizes = {
                conditions.TEAMS: conditions.places(len(rights.team_ids)),
                conditions.TREE: conditions.places(len(rights.tree_ids)),
            }
            content = (
                tuple(sizes.values()),
                public,
                actions != READ,
                actions == CREATE,
                _items(scopes),
                _items(reading),
                shares,
                key[3:],
            )
            shape = self._shapes.get(content)
            if shape is None:
                shape = self._shapes[content] = Shape(
                    guard=self,
                    public=public,
                    writes=actions != READ,
                    creates=actions == CREATE,
                    scopes=scopes,
                    reading=reading,
                    shares=shares,
                    sizes=sizes,
                    rules=rules.rules,
                    reading_rules=reading_rules.rules,
                )
            known.shapes[key] = shape
        return shape

    def _of(self, rights: Rights) -> _Known:
        resources = self.resources()
        known = self._known.get(rights)
        if known is None or known.resources is not resources:
            masked = frozenset(
                name
                for name, model in self._registry.models.items()
                if rights.level(self.resource_of(model), "personal") != "full"
            )
            known = self._known[rights] = _Known(resources=resources, shapes={}, masked=masked)
        return known

    def masked_tables(self, session: CrmSession) -> frozenset[str]:
        """Return the tables of which a session's actor does not read the personal fields in full."""
        return self._of(session.guarding.rights).masked

    def may(self, session: CrmSession, actions: tuple[str, ...], record: Any, *, resource: str | None = None) -> bool:
        """Say whether a session's actor may do one of some actions with a record that the session has loaded.

        ``resource`` names the resource of the right where it is not the record's own.
        """
        from crmkit.core.store.guard.writing import may

        return may(session, actions, record, resource)

    def _rules(self, session: CrmSession, actions: tuple[str, ...]) -> _Found:
        """Return the record rules that the kernel and plugins have for the actor; a rule that fails denies its
        resource.

        Plugins are asked for each session anew. The kernel's own rules follow from what kind of actor it is, and speak
        of anything else by parameters: they are asked for once.
        """
        asked = tuple(name for name in self._dispatcher.implementers("crmkit_access_rules") if name != KERNEL)
        key = (session.actor.kind, actions, self._registry.revision)
        own = self._own.get(key)
        if own is None:
            if len(self._own) >= KINDS:
                self._own.clear()
            own = self._own[key] = self._asked(session, actions, (KERNEL,))
        if not asked:
            return own
        found = self._asked(session, actions, asked).rules
        rules = {name: [*own.rules.get(name, ()), *found.get(name, ())] for name in {*own.rules, *found}}
        return _Found(rules, _rules_key(rules))

    def _asked(self, session: CrmSession, actions: tuple[str, ...], plugins: Sequence[str]) -> _Found:
        found: dict[str, list[tuple[str, ColumnElement[bool] | None]]] = {}
        guards = Guards(declared=self._registry.guarded)
        for name, resource in self._registry.resources.items():
            rules: list[tuple[str, ColumnElement[bool] | None]] = []
            for action in actions:
                for answer in guards.access_rules(
                    self._dispatcher, actor=session.actor, action=action, resource=name, plugins=plugins
                ):
                    if answer.error is not None:
                        rules.append(("deny", None))
                    else:
                        rules.extend((rule.effect, rule.where) for rule in answer.value or ())
            if rules:
                found[resource.model.__tablename__] = rules
        return _Found(found, _rules_key(found))

    def shares(self, session: CrmSession) -> frozenset[tuple[str, str]]:
        """Return the pairs of resource and action of which records are shared with a session's actor. Whoever shares
        something has the rights of everybody read anew."""
        guarding = session.guarding
        known = self._of(guarding.rights)
        if known.shares is None:
            known.shares = guarding.find_shares()
        return known.shares

    def wide_tables(self, session: CrmSession) -> frozenset[str]:
        """Return the tables with owners of which a session's actor sees many rows by the team, on SQLite.

        PostgreSQL knows from its statistics which index is the better one; SQLite is told. Looked at anew now and then.
        """
        guarding = session.guarding
        known = self._of(guarding.rights)
        if known.wide is None or time.monotonic() - known.looked_at > FRESH:
            teams = sorted(guarding.rights.tree_ids)
            found: set[str] = set()
            with guarding.region("how much the actor's teams have"):
                for name, model in self._registry.models.items():
                    policy = model.__access__
                    if teams and policy is not None and policy.kind == "owned":
                        part = select(literal(1)).where(model.__table__.c[policy.team].in_(teams)).limit(MANY)
                        count = select(func.count()).select_from(part.subquery())
                        if (session.connection().scalar(count) or 0) >= MANY:
                            found.add(name)
            known.wide, known.looked_at = frozenset(found), time.monotonic()
        return known.wide

    def mates(self, session: CrmSession) -> tuple[str, ...]:
        """Return the actors who share a team with a session's actor."""
        guarding = session.guarding
        known = self._of(guarding.rights)
        if known.mates is None:
            member = cast(Table, self._registry.models["crm_team_member"].__table__)
            teams = sorted(guarding.rights.team_ids)
            with guarding.region("who shares a team with the actor"):
                users = session.connection().scalars(
                    select(member.c.user_id).where(member.c.team_id.in_(teams)).distinct()
                )
                known.mates = tuple(sorted(f"user:{user_id}" for user_id in users)) if teams else ()
        return known.mates


def add_criterion(state: ORMExecuteState, shape: Shape, values: Mapping[str, Any]) -> None:
    """Put a criterion on a statement that reads."""
    statement: Any = state.statement
    session: Any = state.session
    if getattr(statement, "_limit_clause", None) is not None and session.crm.engines.dialect == "sqlite":
        wide = session.crm.guard.wide_tables(session)
        if wide:
            shape = shape.widened(wide)
    # A load for a relationship comes with the option of the statement that loaded the record.
    if shape.option not in statement._with_options:
        state.statement = statement.options(shape.option)
    given: Any = state.parameters
    state.parameters = {**given, **values} if given else values


def nothing() -> ColumnElement[bool]:
    """Return the condition that no row meets."""
    return Nothing()


def _items(scopes: Mapping[str, Scope]) -> tuple[tuple[str, Scope], ...]:
    return tuple(sorted(scopes.items()))


def _rules_key(rules: Rules) -> Any:
    """Return what tells rules apart, the values in them included: those are compiled into the criterion."""
    return tuple(
        (resource, effect, None if where is None else _where_key(where))
        for resource, listed in sorted(rules.items())
        for effect, where in listed
    )


def _where_key(where: Any) -> Any:
    key = where._generate_cache_key()
    if key is None:
        return id(where), where
    return key.key, tuple(repr(parameter.value) for parameter in key.bindparams)
