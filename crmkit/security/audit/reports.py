"""Reports on the audit log: who saw a customer, who signed in, who was given which rights, who administers,
who revealed and who exported.

Each needs the right ``audit.read`` and is itself audited. Must not know how they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select

from crmkit.core.access.models import Grant, Role, UserRole
from crmkit.core.store.session import CrmSession
from crmkit.security.audit.access import looking
from crmkit.security.audit.listing import (
    AuditEntry,
    Filter,
    actor_names,
    conditions_of,
    page_of,
    records,
    subjects,
    users,
)

MOST = 10_000
"""Most lines of a report."""
SIGN_IN = "sign_in"
NOTED_REVEAL = "reveal"
"""What is noted when values are revealed, beside the operation that reveals them or by itself."""
PRIVILEGES = ("role", "share", "key", "token", "plugin", "field_right", "team", "user")
"""Resources whose changes are changes of what somebody may do."""

_grants: Any = cast(Any, Grant).__table__
_roles: Any = cast(Any, Role).__table__
_user_roles: Any = cast(Any, UserRole).__table__


@frozen(kw_only=True)
class Seen:
    """What one actor did about a customer, and how often; ``kind`` is "seen" for reveals, exports and reports, and
    "changed" for operations."""

    actor: str
    actor_id: str
    operation: str
    kind: str
    times: int
    first_at: datetime
    last_at: datetime


@frozen(kw_only=True)
class SignIns:
    """How often an actor signed in from an address, or tried to in vain."""

    actor: str
    actor_id: str
    target_id: UUID | None
    address: str | None
    done: int
    refused: int
    last_at: datetime


@frozen(kw_only=True)
class Administrator:
    """A user whose roles give the right to administer something. ``last_at`` is when the log last heard of the user,
    None for never: an administrator who is dormant should not be one."""

    login: str
    name: str
    user_id: UUID
    active: bool
    roles: tuple[str, ...]
    resources: tuple[str, ...]
    last_at: datetime | None


@frozen(kw_only=True)
class Reveals:
    """How many masked values an actor revealed, of how many customers."""

    actor: str
    actor_id: str
    operation: str
    times: int
    customers: int
    first_at: datetime
    last_at: datetime


def report_seen(
    session: CrmSession, customer_id: UUID, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[Seen, ...]:
    """Return who saw, exported or changed a customer, by actor and operation, the latest first."""
    details = {"since": since, "until": until}
    with looking(session, "audit.report_seen", subject=customer_id, details=_given(details)):
        times, first, last = func.count(), func.min(records.c.recorded_at), func.max(records.c.recorded_at)
        query = (
            select(records.c.actor_id, records.c.operation, times, first, last)
            .where(
                *conditions_of(session, Filter(customer=customer_id, since=since, until=until)),
                records.c.outcome == "done",
            )
            .group_by(records.c.actor_id, records.c.operation)
            .order_by(last.desc())
            .limit(MOST)
        )
        rows = session.connection().execute(query).all()
        names = actor_names(session, {row[0] for row in rows})
        operations = session.gate.registry.operations
        return tuple(
            Seen(
                actor=names.get(actor_id) or actor_id,
                actor_id=actor_id,
                operation=operation,
                kind="changed" if operation in operations else "seen",
                times=number,
                first_at=began,
                last_at=ended,
            )
            for actor_id, operation, number, began, ended in rows
        )


def report_sign_ins(
    session: CrmSession, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[SignIns, ...]:
    """Return who signed in or tried to, from where and how often, the latest first."""
    with looking(session, "audit.report_sign_ins", details=_given({"since": since, "until": until})):
        last = func.max(records.c.recorded_at)
        query = (
            select(
                records.c.actor_id,
                records.c.target_id,
                records.c.address,
                func.sum(case((records.c.outcome == "done", records.c["items"]), else_=0)),
                func.sum(case((records.c.outcome == "done", 0), else_=records.c["items"])),
                last,
            )
            .where(
                *conditions_of(session, Filter(since=since, until=until)),
                or_(records.c.operation == SIGN_IN, records.c.operation.endswith(f".{SIGN_IN}")),
            )
            .group_by(records.c.actor_id, records.c.target_id, records.c.address)
            .order_by(last.desc())
            .limit(MOST)
        )
        rows = session.connection().execute(query).all()
        named = {row[0] if row[1] is None else f"user:{row[1]}" for row in rows}
        names = actor_names(session, named)
        return tuple(
            SignIns(
                actor=names.get(actor_id if target is None else f"user:{target}") or actor_id,
                actor_id=actor_id,
                target_id=target,
                address=address,
                done=int(done),
                refused=int(refused),
                last_at=at,
            )
            for actor_id, target, address, done, refused, at in rows
        )


def report_privileges(
    session: CrmSession, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[AuditEntry, ...]:
    """Return the changes of roles, rights, shares, users, teams, keys, tokens and plugins, and what was refused of
    them, the latest first."""
    resources = or_(*[_is_of(name) for name in PRIVILEGES])
    return _entries(session, "audit.report_privileges", resources, since, until)


def report_exports(
    session: CrmSession, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[AuditEntry, ...]:
    """Return the exports of data, with how much each took, the latest first."""
    return _entries(session, "audit.report_exports", _verb_is("export"), since, until)


def report_reveals(
    session: CrmSession, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[Reveals, ...]:
    """Return how often each actor revealed masked values and of how many customers, the most first.

    An operation that reveals also notes what it revealed: the two records are one reveal. A reveal that was only noted
    counts as one of the operation of its resource.
    """
    with looking(session, "audit.report_reveals", details=_given({"since": since, "until": until})):
        noted = records.c.operation == NOTED_REVEAL
        operation = case((noted, records.c.resource + f".{NOTED_REVEAL}"), else_=records.c.operation)
        lines = func.count(records.c.id.distinct())
        notes = func.count(case((noted, records.c.id)).distinct())
        query = (
            select(
                records.c.actor_id,
                operation,
                lines,
                notes,
                func.count(subjects.c.customer_id.distinct()),
                func.min(records.c.recorded_at),
                func.max(records.c.recorded_at),
            )
            .select_from(records.outerjoin(subjects, subjects.c.audit_id == records.c.id))
            .where(
                *conditions_of(session, Filter(since=since, until=until)),
                records.c.outcome == "done",
                or_(noted, _verb_is(NOTED_REVEAL)),
            )
            .group_by(records.c.actor_id, literal_column("2"))
            .order_by(lines.desc())
            .limit(MOST)
        )
        rows = session.connection().execute(query).all()
        names = actor_names(session, {row[0] for row in rows})
        found = [
            Reveals(
                actor=names.get(actor_id) or actor_id,
                actor_id=actor_id,
                operation=name,
                times=max(beside, number - beside),
                customers=customers,
                first_at=began,
                last_at=ended,
            )
            for actor_id, name, number, beside, customers, began, ended in rows
        ]
        return tuple(sorted(found, key=lambda item: -item.times))


def report_admins(session: CrmSession) -> tuple[Administrator, ...]:
    """Return the users who may administer something, those of whom the log has not heard for longest first."""
    with looking(session, "audit.report_admins"):
        return administrators(session)


def administrators(session: CrmSession) -> tuple[Administrator, ...]:
    """Return the same without an audit record, for what looks after the installation and shows them to nobody else."""
    connection = session.connection()
    held = connection.execute(
        select(users.c.id, users.c.login, users.c.name, users.c.active, _roles.c.name.label("role"), _grants.c.resource)
        .select_from(
            users.join(_user_roles, _user_roles.c.user_id == users.c.id)
            .join(_roles, _roles.c.id == _user_roles.c.role_id)
            .join(_grants, _grants.c.role_id == _roles.c.id)
        )
        .where(_grants.c.action.in_(("admin", "*")), _grants.c.scope != "none", _roles.c.active)
    ).all()
    people: dict[UUID, list[Any]] = {}
    for row in held:
        people.setdefault(row.id, []).append(row)
    last = (
        select(records.c.actor_id, func.max(records.c.recorded_at).label("last_at"))
        .where(records.c.actor_id.in_([f"user:{identity}" for identity in people]), records.c.outcome == "done")
        .group_by(records.c.actor_id)
    )
    heard = {row.actor_id: row.last_at for row in connection.execute(last)}
    found = [
        Administrator(
            login=rows[0].login,
            name=rows[0].name,
            user_id=identity,
            active=rows[0].active,
            roles=tuple(sorted({row.role for row in rows})),
            resources=tuple(sorted({row.resource for row in rows})),
            last_at=heard.get(f"user:{identity}"),
        )
        for identity, rows in people.items()
    ]
    return tuple(sorted(found, key=lambda item: (item.last_at is not None, item.last_at, item.login)))


def _entries(
    session: CrmSession,
    noted_as: str,
    condition: ColumnElement[bool],
    since: datetime | None,
    until: datetime | None,
) -> tuple[AuditEntry, ...]:
    with looking(session, noted_as, details=_given({"since": since, "until": until})):
        conditions: Sequence[Any] = [*conditions_of(session, Filter(since=since, until=until)), condition]
        return page_of(session, conditions, limit=MOST).items


def _is_of(resource: str) -> ColumnElement[bool]:
    same: ColumnElement[bool] = records.c.resource == resource
    return and_(or_(same, records.c.operation.startswith(f"{resource}.")), records.c.operation != SIGN_IN)


def _verb_is(verb: str) -> ColumnElement[bool]:
    named: ColumnElement[bool] = records.c.operation.endswith(f".{verb}")
    return named


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
