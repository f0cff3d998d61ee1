"""Row-level security of PostgreSQL for those who read the database past crmkit: a reporting tool, an analyst's console.

For one role of crmkit it makes one role of the database, which reads only rows that the role's users see and only the
columns that they read in full, by policies made from the same conditions as the guard's. Who it is is said in settings
of the session: ``crmkit.user_id``, ``crmkit.actor_id``, and with ids parted by commas ``crmkit.teams`` and
``crmkit.tree``; without them there are no rows but those that are for all. It keeps from forgetting, not from malice:
who may run SQL may change them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from sqlalchemy import literal_column, not_, or_, select
from sqlalchemy.dialects import postgresql

from crmkit.core.access.models import Share
from crmkit.core.access.resolving import load_rights
from crmkit.core.access.rights import Rights
from crmkit.core.operations.registry import KERNEL
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.guard.conditions import ACTOR, NOW, TEAMS, TREE, USER
from crmkit.core.store.guard.shapes import Shape
from crmkit.core.store.model import field_info
from crmkit.hooks.guards import Guards
from crmkit.i18n import texts

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

PREFIX = "crmkit_"
"""What the database's roles begin with."""
_READ_IN_FULL = ("public", "internal")


_USER, _TEAM, _TREE = (UUID(int=0xC0FFEE << 96 | number) for number in (1, 2, 3))
_ACTOR = "user:crmkit-rls-actor"
_NOW = datetime(1234, 5, 6, tzinfo=UTC)
_VALUES: Mapping[str, Any] = {USER: _USER, TEAMS: [_TEAM], TREE: [_TREE], ACTOR: _ACTOR, NOW: _NOW}
"""Stand for the actor's values in a condition until its text is there."""


def _ids(setting: str) -> str:
    return f"SELECT unnest(string_to_array(nullif(current_setting('{setting}', true), ''), ',')::uuid[])"


# In a scalar subquery a setting is read once for a statement, and not for every row.
_USER_SQL = "(SELECT nullif(current_setting('crmkit.user_id', true), '')::uuid)"
_IN_SQL: Mapping[str, str] = {
    str(_USER): _USER_SQL,
    str(_TEAM): _ids("crmkit.teams"),
    str(_TREE): _ids("crmkit.tree"),
    _ACTOR: "(SELECT nullif(current_setting('crmkit.actor_id', true), ''))",
}


def rls_statements(session: CrmSession, role: str) -> list[str]:
    """Return the statements that make the database's role for a role of crmkit, with its policies.

    They can be run again after rights have changed.

    Records on which a plugin has rules of its own are left out: such rules may depend on more than the settings say.
    """
    with region(session, "the rights of a role"):
        rights = load_rights(session, Actor.host("rls", roles=(role,)))
    name = database_role(role)
    return [
        f"DO $$ BEGIN CREATE ROLE {name} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        *_for_shares(name),
        *(
            statement
            for table in sorted(session.gate.registry.models)
            for statement in _for_table(session, rights, name, session.gate.registry.models[table])
        ),
    ]


def database_role(role: str) -> str:
    """Return the name of the database's role for a role of crmkit."""
    return f"{PREFIX}{re.sub(r'[^a-z0-9_]', '_', role)}"[:63]


def _for_table(session: CrmSession, rights: Rights, name: str, model: Any) -> Iterator[str]:
    table, policy = model.__table__, model.__access__
    if policy is None or policy.kind == "system":
        return
    resource = session.crm.guard.resource_of(model)
    columns = [column.name for column in table.columns if _is_readable(rights, resource, column)]
    yield from _secured(table.name)
    yield f"REVOKE ALL ON {table.name} FROM {name}"
    yield f"DROP POLICY IF EXISTS {name} ON {table.name}"
    condition = _condition(session, rights, model)
    if condition != "false":
        yield f"GRANT SELECT ({', '.join(columns)}) ON {table.name} TO {name}"
        yield f"CREATE POLICY {name} ON {table.name} FOR SELECT TO {name} USING ({condition})"


def _for_shares(name: str) -> Iterator[str]:
    """Return the statements by which the policies of other tables see the shares with whoever reads."""
    share: Any = Share.__table__
    yield from _secured(share.name)
    yield f"DROP POLICY IF EXISTS {name} ON {share.name}"
    yield f"GRANT SELECT (resource, record_id, user_id, team_id, action, expires_at) ON {share.name} TO {name}"
    mine = f"user_id = {_USER_SQL} OR team_id IN ({_ids('crmkit.teams')})"
    yield f"CREATE POLICY {name} ON {share.name} FOR SELECT TO {name} USING ({mine})"


def _secured(table: str) -> Iterator[str]:
    """Return the statements that secure a table for all but the role that crmkit itself works as."""
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {PREFIX}framework ON {table}"
    yield f"CREATE POLICY {PREFIX}framework ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)"


def _is_readable(rights: Rights, resource: str, column: Any) -> bool:
    classified = field_info(column).classified
    if classified in _READ_IN_FULL:
        return True
    # What is sensitive is sealed, and of no use to whoever has no key.
    return classified in ("personal", "text") and rights.level(resource, classified) == "full"


def _condition(session: CrmSession, rights: Rights, model: Any) -> str:
    """Return the text of the condition under which a role reads rows of a model."""
    guard = session.crm.guard
    if _has_foreign_rules(session, guard.resource_of(model)):
        return "false"
    reading = {each: guard.to_read(rights, each) for each in guard.resources()}
    rules = _kernel_rules(session)
    shape = Shape(
        guard=guard,
        public=False,
        writes=False,
        creates=False,
        scopes=reading,
        reading=reading,
        shares=frozenset(guard.resources()),
        sizes={TEAMS: 0, TREE: 0},
        rules=rules,
        reading_rules=rules,
        values=_VALUES,
    )
    condition = cast("ColumnElement[bool] | None", shape.condition(model, model.__table__))
    if condition is None:
        return "true"
    # Within a statement, as what it asks of other tables refers to the table's own row.
    statement = select(literal_column("1")).select_from(model.__table__).where(condition)
    compiled = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    text = compiled.partition("WHERE ")[2]
    for value, expression in _IN_SQL.items():
        text = re.sub(rf"'{value}'(::\w+)?", lambda _match, sql=expression: sql, text)
    text = re.sub(rf"'{_NOW.date()}[^']*'(::[\w ]+)?", "now()", text)
    return "false" if text.strip("() ") == "1 = 0" else text


def _kernel_rules(session: CrmSession) -> dict[str, list[tuple[str, Any]]]:
    """Return the kernel's own record rules by table, narrowed where a policy cannot ask what they do.

    An interaction is read that is visible to all or one's own: to look for who took part, its policy would have to read
    a table whose policy reads interactions. What is not known here denies.
    """
    registry, found = session.gate.registry, dict[str, list[tuple[str, Any]]]()
    guards, reader = Guards(declared=registry.guarded), Actor.user(_USER)
    for name, resource in registry.resources.items():
        table = cast(Any, resource.model).__table__
        answers = guards.access_rules(session.gate.dispatcher, actor=reader, action="read", resource=name)
        if any(_is_kernel(answer.plugin) and (answer.value or answer.error) for answer in answers):
            visible = or_(table.c.visibility == "all", table.c.actor_id == _ACTOR) if name == "interaction" else None
            found[table.name] = [("deny", None if visible is None else not_(visible))]
    return found


def _has_foreign_rules(session: CrmSession, resource: str) -> bool:
    guards = Guards(declared=session.gate.registry.guarded)
    plugins = session.gate.dispatcher.implementers("crmkit_access_rules")
    return any(not _is_kernel(plugin) and guards.covers(plugin, resource) for plugin in plugins)


def _is_kernel(plugin: str) -> bool:
    """Say whether a contribution is the kernel's, or that of a room of it."""
    return plugin.partition(".")[0] == KERNEL
