"""Listing the audit log: records by who, what, whom and when, a page at a time, newest first.

Must not know how they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from attrs import frozen
from sqlalchemy import ColumnElement, func, or_, select

from crmkit.core.access.models import User
from crmkit.core.operations.tables import AuditLink, AuditRecord, AuditSubject
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.security.audit.access import looking

_ = texts("crmkit")

records: Any = cast(Any, AuditRecord).__table__
subjects: Any = cast(Any, AuditSubject).__table__
links: Any = cast(Any, AuditLink).__table__
users: Any = cast(Any, User).__table__

MOST = 5_000


@frozen(kw_only=True)
class Filter:
    """Which records are meant; what is not given is not asked for.

    ``actor`` is an actor's id as the log has it, a user's id, or a login; ``operation`` a name, or the beginning of one
    that ends with ``*``; ``customer`` whom a record is about; ``since`` and ``until`` (UTC) enclose the time, the
    latter not included.
    """

    actor: str | None = None
    operation: str | None = None
    customer: UUID | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@frozen(kw_only=True)
class AuditEntry:
    """A record of the audit log. ``seq`` is its place in the chain, None while it waits for one; ``actor`` is the login
    of the user who acted, or the actor's id; ``customers`` says about how many it is."""

    id: UUID
    seq: int | None
    recorded_at: datetime
    actor: str
    actor_id: str
    method: str | None
    token_id: UUID | None
    address: str | None
    operation: str
    resource: str | None
    outcome: str
    target_table: str | None
    target_id: UUID | None
    items: int
    code: str | None
    reason: str | None
    correlation_id: UUID | None
    details: Mapping[str, Any]
    customers: int


@frozen(kw_only=True)
class AuditPage:
    """A page of the audit log, newest first. ``next`` is what the next page begins after, None at the end."""

    items: tuple[AuditEntry, ...]
    next: UUID | None


def audit_list(
    session: CrmSession, which: Filter | None = None, *, limit: int = 50, after: UUID | None = None
) -> AuditPage:
    """Return a page of the audit log. Needs the right ``audit.read``, and is itself audited.

    Raises Refused, and InvalidInput when there is no record ``after``.
    """
    which = which or Filter()
    said = {
        "actor": which.actor,
        "operation": which.operation,
        "outcome": which.outcome,
        "since": which.since,
        "until": which.until,
        "limit": limit,
    }
    details = {name: value for name, value in said.items() if value is not None}
    with looking(session, "audit.list", subject=which.customer, details=details):
        return page_of(session, conditions_of(session, which), limit=min(limit, MOST), after=after)


def conditions_of(session: CrmSession, which: Filter) -> list[ColumnElement[bool]]:
    """Return what a filter says, for a query of `records`."""
    found: list[ColumnElement[bool]] = []
    if which.actor is not None:
        found.append(records.c.actor_id.in_(_actor_ids(session, which.actor)))
    if which.operation is not None:
        name = which.operation
        found.append(
            records.c.operation.startswith(name[:-1], autoescape=True)
            if name.endswith("*")
            else records.c.operation == name
        )
    if which.customer is not None:
        found.append(records.c.id.in_(select(subjects.c.audit_id).where(subjects.c.customer_id == which.customer)))
    if which.outcome is not None:
        found.append(records.c.outcome == which.outcome)
    if which.since is not None:
        found.append(records.c.recorded_at >= which.since)
    if which.until is not None:
        found.append(records.c.recorded_at < which.until)
    return found


def _actor_ids(session: CrmSession, actor: str) -> list[str]:
    identity = parse_id(actor)
    if identity is not None:
        return [f"user:{identity}"]
    known = session.connection().execute(select(users.c.id).where(users.c.login == actor)).scalars()
    return [actor, *(f"user:{found}" for found in known)]


def page_of(
    session: CrmSession, conditions: Sequence[ColumnElement[bool]], *, limit: int, after: UUID | None = None
) -> AuditPage:
    """Return a page of records for which conditions hold, in a region of the session."""
    connection = session.connection()
    query = _query().where(*conditions)
    if after is not None:
        at = connection.execute(select(records.c.recorded_at).where(records.c.id == after)).scalar()
        if at is None:
            text = _("There is no such record: {id}.")
            raise InvalidInput([Problem("CK500", text, field="after", value=after, id=after)])
        earlier = records.c.recorded_at < at
        query = query.where(or_(earlier, (records.c.recorded_at == at) & (records.c.id < after)))
    newest_first = query.order_by(records.c.recorded_at.desc(), records.c.id.desc()).limit(limit + 1)
    rows: list[Mapping[str, Any]] = [cast(Any, row) for row in connection.execute(newest_first).mappings()]
    more, rows = len(rows) > limit, rows[:limit]
    counts = _counts(session, [row["id"] for row in rows])
    names = actor_names(session, {row["actor_id"] for row in rows})
    items = tuple(_entry(row, names, counts) for row in rows)
    return AuditPage(items=items, next=items[-1].id if more else None)


def _query() -> Any:
    columns = [
        column
        for column in records.c
        if column.name
        not in ("subjects_hash", "commitment", "payload_hash", "writer", "counter", "key_version", "row_mac")
    ]
    return select(*columns, links.c.seq).select_from(records.outerjoin(links, links.c.audit_id == records.c.id))


def _counts(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for start in range(0, len(ids), 1000):
        query = (
            select(subjects.c.audit_id, func.count())
            .where(subjects.c.audit_id.in_(ids[start : start + 1000]))
            .group_by(subjects.c.audit_id)
        )
        found.update((audit_id, number) for audit_id, number in session.connection().execute(query))
    return found


def actor_names(session: CrmSession, actor_ids: set[str]) -> dict[str, str]:
    """Return the logins of those actors who are users, by the actors' ids."""
    wanted = {
        identity: actor_id
        for actor_id in actor_ids
        if actor_id.startswith("user:") and (identity := parse_id(actor_id.removeprefix("user:"))) is not None
    }
    found: dict[str, str] = {}
    listed = list(wanted)
    for start in range(0, len(listed), 1000):
        query = select(users.c.id, users.c.login).where(users.c.id.in_(listed[start : start + 1000]))
        found.update((wanted[identity], login) for identity, login in session.connection().execute(query))
    return found


def _entry(row: Mapping[str, Any], names: Mapping[str, str], counts: Mapping[UUID, int]) -> AuditEntry:
    values = dict(row)
    details = values.pop("details")
    return AuditEntry(
        **values,
        actor=names.get(values["actor_id"], values["actor_id"]),
        details=details_from(details),
        customers=counts.get(values["id"], 0),
    )


def details_from(text: str | None) -> dict[str, Any]:
    """Return the details of a record; of one that was tampered with so that they cannot be read, none."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}
