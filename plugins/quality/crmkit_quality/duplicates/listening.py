"""What this room does when customers change: their keys follow, and few of them are compared with the others soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Subscription, customer_profiles, operation, texts
from crmkit_quality.duplicates import automatic, index, runs
from crmkit_quality.duplicates.deciding import between
from crmkit_quality.duplicates.index import write_keys
from crmkit_quality.duplicates.models import MERGED, OPEN, UNDER_WAY, Pair, Search
from crmkit_quality.duplicates.searching import ALIVE, carry_out, newest_model, pairs_with, worth_of
from crmkit_quality.duplicates.storing import store
from crmkit_quality.settings import settings_of

_ = texts("crmkit_quality")

FEW = 50
"""Up to so many customers of one change are compared at once; more are left to a search."""


@operation("quality.index.follow", title=_("Follow changed customers"), permission="quality.index.rebuild", hidden=True)
def follow(session: CrmSession, *, customer_ids: Annotated[tuple[UUID, ...], Input(classified="internal")]) -> None:
    """Bring the keys of changed customers into step and, of few, their pairs; in system scope alone."""
    write_keys(session, customer_ids)
    settings = settings_of(session.crm.settings)
    if not settings.watch or len(customer_ids) > FEW:
        return
    profiles = list(customer_profiles(session, customer_ids))
    pairs = pairs_with(session, profiles, newest_model(session), settings.review)
    worth = worth_of(session, {each for pair in pairs for each in (pair.first, pair.second)})
    store(session, pairs, worth, customer_ids)


def note_changed(session: CrmSession, event: Any) -> None:
    """Follow the customers of an event."""
    ids: Sequence[UUID] = getattr(event, "customer_ids", ()) or (event.customer_id,)
    session.run("quality.index.follow", {"customer_ids": tuple(ids)})


def note_unmerged(session: CrmSession, event: Any) -> None:
    """Follow both customers of a merge that was undone; their pair waits for a decision again."""
    ids = (event.customer_id, event.restored_id)
    session.run("quality.pair.back", {"first_id": ids[0], "second_id": ids[1]})
    session.run("quality.index.follow", {"customer_ids": ids})


@operation("quality.pair.back", title=_("Open a pair again"), permission="quality.pair.review", hidden=True)
def back(
    session: CrmSession,
    *,
    first_id: Annotated[UUID, Input(classified="internal")],
    second_id: Annotated[UUID, Input(classified="internal")],
) -> None:
    """Open the pair of two customers again whose merge was undone."""
    for pair in session.scalars(select(Pair).where(between(first_id, second_id), Pair.state == MERGED)):
        pair.state, pair.decided_by, pair.decided_at, pair.reason = OPEN, None, None, None


# --- jobs -------------------------------------------------------------------------------------------------------------


def search(session: CrmSession, search_id: str) -> None:
    """Carry out a search once this job is done: it must not hold the database while it reads."""
    crm = session.crm
    session.on_commit(lambda: carry_out(crm, UUID(search_id)))


def look_after(session: CrmSession, tick: datetime) -> None:
    """Begin a search anew whose process has died; one that only waits for a worker is left alone."""
    for stale in session.scalars(select(Search).where(Search.state.in_(UNDER_WAY))):
        if stale.seen_at < session.gate.clock.now() - ALIVE:
            session.run("quality.search.revive", target=stale)


def search_changed(session: CrmSession, tick: datetime) -> None:
    """Begin the nightly search for duplicates of changed customers; on Sundays among all."""
    if session.scalar(select(Search.id).where(Search.state.in_(UNDER_WAY)).limit(1)) is None:
        kind = "full" if session.today().isoweekday() == 7 else "changed"
        session.run("quality.duplicates.search", {"kind": kind})


JOBS = [
    Job(name=runs.JOB, title=_("Search for duplicates"), handler=search, acts_as="system"),
    Job(
        name="quality.look_after_searches",
        title=_("Look after searches for duplicates"),
        handler=look_after,
        every="5 minutes",
        catch_up="latest",
        acts_as="system",
    ),
    Job(
        name="quality.search_changed",
        title=_("Search for duplicates of changed customers"),
        handler=search_changed,
        cron="20 3 * * *",
        catch_up="latest",
        acts_as="system",
    ),
    Job(name=index.REBUILD, title=_("Build the index of duplicates"), handler=index.carry_on, acts_as="system"),
    Job(name=automatic.JOB, title=_("Merge clear duplicates"), handler=automatic.carry_on, acts_as="actor"),
]

_FOLLOWED = (
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "customer.restored",
    "contact_point.added",
    "contact_point.changed",
    "contact_point.removed",
    "customer.merged",
)


def _subscription(event: str, handler: Callable[[CrmSession, Any], None]) -> Subscription:
    return Subscription(name=f"quality.follow_{event.replace('.', '_')}", event=event, handler=handler)


SUBSCRIPTIONS = [
    *(_subscription(event, note_changed) for event in _FOLLOWED),
    _subscription("customer.unmerged", note_unmerged),
]
OPERATIONS = [follow, back]
