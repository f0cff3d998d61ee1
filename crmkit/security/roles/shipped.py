"""The roles that crmkit ships, and making those that a database does not have yet.

A role is made once; what an admin changes of it afterwards stays. Must not know who has a role.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.access.models import FieldRight, Grant, Role
from crmkit.core.access.resolving import bump
from crmkit.core.access.rights import Level, Scope
from crmkit.core.store.guard import region
from crmkit.i18n import texts
from crmkit.manifest import Permission

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


@frozen(kw_only=True)
class ShippedRole:
    """A role as it comes with crmkit.

    ``grants`` are ``(resource, actions, scope)`` with the actions parted by spaces, ``fields`` field classes with the
    level at which they are seen. ``reads`` and ``writes`` are the scopes in which the role gets the permissions of
    plugins that name it among their default roles.
    """

    name: str
    title: str
    description: str
    grants: tuple[tuple[str, str, Scope], ...]
    fields: tuple[tuple[str, Level], ...] = field(default=())
    reads: Scope
    writes: Scope


EVERYBODY: tuple[tuple[str, str, Scope], ...] = (
    ("token", "create revoke", "own"),
    ("session", "end end_all", "own"),
    ("factor", "begin confirm remove make_codes", "own"),
    ("account", "update", "own"),
    ("calendar", "subscribe", "own"),
    ("view", "save remove", "own"),
)
"""What every shipped role grants: API tokens of one's own, which reach no further than their owner, one's sessions,
one's second factor, one's account, links to one's calendar and one's views of lists."""

SHIPPED: tuple[ShippedRole, ...] = (
    ShippedRole(
        name="manager",
        title=_("Manager"),
        description=_(
            "Everything on the records of the own teams and those below: also assigning, exporting, revealing."
        ),
        grants=(
            ("customer", "read create update delete assign export bulk reveal merge unmerge", "tree"),
            ("interaction", "read create update reverse export reveal", "tree"),
            ("attachment", "read create delete export", "tree"),
            ("product", "read create update", "all"),
            ("product_category", "read create update", "all"),
            ("share", "create", "tree"),
            ("public_link", "read create", "tree"),
            ("import", "run revert", "all"),
            ("export", "run", "all"),
            ("report", "read", "tree"),
            ("segment", "update", "all"),
            ("goal", "update", "all"),
            ("view", "share", "all"),
        ),
        fields=(("personal", "full"), ("text", "full"), ("sensitive", "masked")),
        reads="tree",
        writes="tree",
    ),
    ShippedRole(
        name="seller",
        title=_("Seller"),
        description=_("Sees the customers of the own teams and those below; changes the own ones and the own teams'."),
        grants=(
            ("customer", "read reveal", "tree"),
            ("customer", "create update", "team"),
            ("interaction", "read", "tree"),
            ("interaction", "create update", "team"),
            ("attachment", "read", "tree"),
            ("attachment", "create", "team"),
            ("product", "read", "all"),
            ("product_category", "read", "all"),
            ("share", "create", "team"),
            ("public_link", "read create", "team"),
            ("report", "read", "team"),
        ),
        fields=(("personal", "full"), ("text", "full"), ("sensitive", "masked")),
        reads="tree",
        writes="team",
    ),
    ShippedRole(
        name="marketer",
        title=_("Marketer"),
        description=_("Sees all customers and what they bought, and nothing sensitive of them."),
        grants=(
            ("customer", "read", "all"),
            ("interaction", "read", "all"),
            ("public_link", "create", "all"),
            ("product", "read create update", "all"),
            ("product_category", "read create update", "all"),
            ("report", "read", "all"),
            ("segment", "update", "all"),
            ("experiment", "read update expose", "all"),
        ),
        fields=(("personal", "full"), ("text", "masked"), ("sensitive", "none")),
        reads="all",
        writes="all",
    ),
    ShippedRole(
        name="service_agent",
        title=_("Service agent"),
        description=_("Sees all customers, adds those who turn up, and records what happens with them."),
        grants=(
            ("customer", "read create reveal", "all"),
            ("interaction", "read create update", "all"),
            ("public_link", "read create", "all"),
            ("attachment", "read create", "all"),
            ("product", "read", "all"),
            ("product_category", "read", "all"),
            ("report", "read", "team"),
        ),
        fields=(("personal", "full"), ("text", "full"), ("sensitive", "masked")),
        reads="all",
        writes="all",
    ),
    ShippedRole(
        name="analyst",
        title=_("Analyst"),
        description=_("Reads everything for reports, with everything personal masked."),
        grants=(
            ("customer", "read", "all"),
            ("interaction", "read", "all"),
            ("product", "read", "all"),
            ("product_category", "read", "all"),
            ("report", "read all", "all"),
        ),
        fields=(("personal", "masked"), ("text", "none"), ("sensitive", "none")),
        reads="all",
        writes="all",
    ),
    ShippedRole(
        name="admin",
        title=_("Administrator"),
        description=_(
            "Users, roles, plugins, settings, keys, audit and privacy; all records, with what is sensitive masked."
        ),
        grants=(
            *(
                (name, "admin", "all")
                for name in (
                    "user",
                    "role",
                    "key",
                    "audit",
                    "privacy",
                    "plugin",
                    "business",
                    "backup",
                    "job",
                    "config",
                    "definition",
                    "rule",
                )
            ),
            ("*", "read", "all"),
            ("segment", "update", "all"),
            ("goal", "update", "all"),
            ("experiment", "update expose", "all"),
            ("customer", "create update delete remove assign bulk merge unmerge", "all"),
            ("interaction", "create update reverse", "all"),
            ("attachment", "create delete", "all"),
            ("product", "create update", "all"),
            ("product_category", "create update", "all"),
            ("share", "create", "all"),
            ("view", "share", "all"),
            ("public_link", "create", "all"),
            ("import", "run revert", "all"),
        ),
        fields=(("personal", "full"), ("text", "full"), ("sensitive", "masked")),
        reads="all",
        writes="all",
    ),
)
"""The roles that crmkit ships."""
NAMES = frozenset(role.name for role in SHIPPED)


def make_shipped(session: CrmSession) -> tuple[str, ...]:
    """Add the shipped roles that the database does not have, and return their names. Roles that are there are left as
    they are."""
    with region(session, "making the shipped roles"):
        there = set(session.scalars(select(Role.name)))
        made: list[str] = []
        for shipped in SHIPPED:
            if shipped.name in there:
                continue
            role = Role(name=shipped.name, title=shipped.title, shipped=True)
            session.add(role)
            session.flush()
            for resource, actions, scope in (*EVERYBODY, *shipped.grants):
                session.add_all(
                    Grant(role_id=role.id, resource=resource, action=action, scope=scope) for action in actions.split()
                )
            session.add_all(
                FieldRight(role_id=role.id, resource="*", classified=classified, level=level)
                for classified, level in shipped.fields
            )
            made.append(shipped.name)
        session.flush()
        if made:
            bump(session)
    return tuple(made)


def grant_defaults(session: CrmSession, permissions: Iterable[Permission], known: Collection[str]) -> None:
    """Give the permissions of a plugin to the shipped roles that its manifest names.

    Permissions in ``known`` were given before and are left out, so that what an admin took back stays taken; a grant
    that is there stays as it is.
    """
    scopes = {role.name: (role.reads, role.writes) for role in SHIPPED}
    with region(session, "giving a plugin's permissions to roles"):
        table: Any = cast(Any, Role).__table__
        found = session.connection().execute(select(table.c.name, table.c.id).where(table.c.name.in_(scopes)))
        ids = {row.name: row.id for row in found}
        rows: list[dict[str, Any]] = []
        for permission in permissions:
            resource, _dot, action = permission.name.rpartition(".")
            for name in permission.default_roles:
                if permission.name in known or name not in ids:
                    continue
                reads, writes = scopes[name]
                scope = reads if action == "read" else writes
                rows.append({"role_id": ids[name], "resource": resource, "action": action, "scope": scope})
        if rows:
            dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
            insert = dialect.insert(cast(Any, Grant).__table__).on_conflict_do_nothing()
            session.connection().execute(insert, rows)
            bump(session)
