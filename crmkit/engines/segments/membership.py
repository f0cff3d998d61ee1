"""Who belongs to a segment and since when: found out set-based, kept as intervals, told in events.

Must not know how a condition is written, nor who asks: what is found is for everybody, what is shown is for its reader.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import Column, and_, delete, exists, func, insert, literal, select, update

from crmkit.core.customers.models import Customer
from crmkit.core.operations.events import BATCH
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.locks import hold
from crmkit.core.store.session import CrmSession
from crmkit.core.store.types import Id, Instant
from crmkit.engines.classification.writing import temporary
from crmkit.engines.definitions.publishing import Defined
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.segments.events import Cause, SegmentEntered, SegmentLeft
from crmkit.engines.segments.resolving import all_segments, class_of, find_segment
from crmkit.engines.segments.tables import SegmentFreeze, SegmentMember, SegmentRun
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

_ = texts("crmkit")
_log = logging.getLogger("crmkit.segments")
_MEMBER = cast(Any, SegmentMember).__table__
_RUN = cast(Any, SegmentRun).__table__
Names = Annotated[tuple[str, ...], Input(title=_("Segments"), max_length=1000, classified="internal")]
WHY = "who belongs to a segment"


@frozen(kw_only=True)
class Found:
    """What a run found: how many belong to a segment at an instant (UTC), entered it and are gone since the last one.
    These count everybody, and are None for who may not see everybody. ``problem`` says why nothing could be found."""

    segment: str
    as_of: datetime
    members: int | None = None
    entered: int | None = None
    gone: int | None = None
    problem: str = ""


def find_members(session: CrmSession, defined: Defined) -> Found:
    """Find out who belongs to a segment, keep what changed, and tell of it. Raises InvalidInput for a condition that
    cannot be used.

    Runs inside an operation. Whoever belonged until this very instant and does so again never left.
    """
    name = defined.name
    hold(session, f"segment:{name}")
    expression = catalogue_of(session).checked(defined.value.where)
    digest, classified = digest_of(session, defined), class_of(session, defined.value)
    moment = moment_of(session)
    with region(session, WHY):
        last = last_run(session, name)
        as_of = moment.as_of if last is None else max(moment.as_of, last.as_of)
        cause: Cause = "customer" if last is not None and last.definition == digest else "definition"
        connection = session.connection()
        columns = [Column("customer_id", Id, primary_key=True)]
        ids = joined(session, (), moment, where=expression, check=False).select(Customer.id)
        with temporary(connection, "crm_segment_now", columns, ids) as now:
            here, there = now.c.customer_id, _MEMBER.c.customer_id
            present = and_(_MEMBER.c.segment == name, _MEMBER.c.until.is_(None))
            new = ~exists().where(present, there == here)
            old = and_(present, ~exists().where(here == there))
            entered = list(connection.scalars(select(here).where(new).order_by(here)))
            gone = list(connection.scalars(select(there).where(old).order_by(there)))
            _close(session, old, as_of, cause)
            _open(session, name, select(here).where(new), as_of, cause)
            members = int(connection.scalar(select(func.count()).select_from(now)) or 0)
    session.add(
        SegmentRun(
            segment=name,
            as_of=as_of,
            definition=digest,
            classified=classified,
            members=members,
            entered=len(entered),
            gone=len(gone),
        )
    )
    session.flush()
    _tell(session, name, entered, gone, as_of, cause)
    rights = session.guarding.rights
    if "all" not in (rights.scope("customer", "read"), rights.scope("report", "all")):
        return Found(segment=name, as_of=as_of)
    return Found(segment=name, as_of=as_of, members=members, entered=len(entered), gone=len(gone))


def _close(session: CrmSession, which: Any, as_of: datetime, cause: Cause) -> None:
    """End intervals; one that began at this very instant never was."""
    connection = session.connection()
    connection.execute(delete(_MEMBER).where(which, _MEMBER.c.since >= as_of))
    ended = {"until": as_of, "until_cause": cause, "closed_at": system_now()}
    connection.execute(update(_MEMBER).where(which).values(**ended))


def _open(session: CrmSession, name: str, ids: Any, as_of: datetime, cause: Cause) -> None:
    """Begin intervals, or go on with those that ended at this very instant."""
    connection = session.connection()
    ended = and_(_MEMBER.c.segment == name, _MEMBER.c.until == as_of)
    again = and_(ended, _MEMBER.c.customer_id.in_(ids))
    connection.execute(update(_MEMBER).where(again).values(until=None, until_cause=None, closed_at=None))
    ids = ids.subquery("ids")
    id_ = next(iter(ids.c))
    there = exists().where(_MEMBER.c.segment == name, _MEMBER.c.until.is_(None), _MEMBER.c.customer_id == id_)
    rows = select(
        literal(name), id_, literal(as_of, Instant()), literal(cause), literal(system_now(), Instant())
    ).where(~there)
    connection.execute(insert(_MEMBER).from_select(["segment", "customer_id", "since", "cause", "recorded_at"], rows))


def _tell(
    session: CrmSession, name: str, entered: Sequence[UUID], gone: Sequence[UUID], as_of: datetime, cause: Cause
) -> None:
    for kind, ids in ((SegmentEntered, entered), (SegmentLeft, gone)):
        for start in range(0, len(ids), BATCH):
            part = tuple(ids[start : start + BATCH])
            session.emit(kind(segment=name, customer_ids=part, as_of=as_of, cause=cause))


def last_run(session: CrmSession, name: str, *, back: int = 0) -> Any:
    """Return the last run of a segment, or the one so many runs before it, or None: for the framework's own use, as it
    counts everybody."""
    query = select(_RUN).where(_RUN.c.segment == name).order_by(_RUN.c.as_of.desc(), _RUN.c.id.desc())
    return session.connection().execute(query.limit(1).offset(back)).one_or_none()


def classes_of(session: CrmSession, name: str) -> set[str]:
    """Return the field classes of what decided over a segment in all its runs: its history is as guarded as these."""
    with region(session, WHY):
        return set(session.connection().scalars(select(_RUN.c.classified).where(_RUN.c.segment == name).distinct()))


def history_is_open(session: CrmSession, name: str) -> bool:
    """Say whether the session's actor may read who belonged to a segment when."""
    return all(session.level(Customer, classified) == "full" for classified in classes_of(session, name))


def digest_of(session: CrmSession, defined: Defined) -> str:
    """Return a hash of what decides: the condition, and the conditions of the segments that it is made of."""
    catalogue = catalogue_of(session)
    parts = [defined.value.where]
    for ref in catalogue.closure(sorted(catalogue.checked(defined.value.where).facts)):
        derivation = catalogue.derivation(ref)
        parts.append(str(ref) if derivation is None else f"{ref} = {derivation.text}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


# --- all of them -----------------------------------------------------------------------------------------------------


@operation("segment.run", title=_("Find out who belongs to segments"), permission="segment.update")
def run_segments(session: CrmSession, *, names: Names = ()) -> tuple[Found, ...]:
    """Find out who belongs to every segment that is on and not frozen, or to those that are named. One that cannot be
    used is named with the reason, and costs itself alone. Raises UnknownDefinition for a name that there is not."""
    for name in names:
        find_segment(session, name)
    kept = set(session.scalars(select(SegmentFreeze.segment)))
    found: list[Found] = []
    at = moment_of(session).as_of
    for name, item in sorted(all_segments(session).items()):
        if name in kept or not item.in_effect(at) or (names and name not in names):
            continue
        try:
            found.append(find_members(session, item))
        except CrmkitError as error:
            # Raised before anything was written.
            _log.warning("segment %s: %s", name, error)
            found.append(Found(segment=name, as_of=at, problem=error.render()))
    return tuple(found)


def _periodic(session: CrmSession, *, tick: datetime) -> None:
    session.run("segment.run")


def _soon(session: CrmSession, *, name: str) -> None:
    # It may have been taken away since.
    if name in all_segments(session):
        session.run("segment.run", {"names": [name]})


SOON = "crm.segments.changed"
"""The job that finds out who belongs to a segment that was changed."""
_HOW: dict[str, Any] = {"lease": 600, "title": _("Find out who belongs to segments"), "acts_as": "system"}
JOBS = [
    Job(name="crm.segments", handler=_periodic, cron="30 * * * *", catch_up="latest", **_HOW),
    Job(name=SOON, handler=_soon, **_HOW),
]
