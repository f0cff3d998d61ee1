"""Merging what is clear: clusters of pairs in the automatic band, guarded by their size, their weakest link and ids
that contradict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Conflict, CrmkitError, CrmSession, Customer, Input, operation, texts
from crmkit_quality.duplicates.deciding import between, merge
from crmkit_quality.duplicates.index import parts
from crmkit_quality.duplicates.models import MERGED, Pair
from crmkit_quality.duplicates.reading import undecided
from crmkit_quality.settings import settings_of

_ = texts("crmkit_quality")

JOB = "quality.merge_automatic"
RIGHT = "quality.duplicates.merge_automatic"
AT_ONCE = 20
"""Clusters that one transaction merges."""


@frozen(kw_only=True)
class Member:
    """A customer of a cluster, with its name as its reader may see it."""

    id: UUID
    name: str


@frozen(kw_only=True)
class Clear:
    """Customers who would be merged into one, without being looked at; ``weakest`` is the least probability of their
    pairs."""

    members: tuple[Member, ...]
    weakest: float


def plan_automatic(session: CrmSession, limit: int | None = None) -> list[Clear]:
    """Return the clusters that merging the automatic band would merge, of what the session may see, the surest
    first."""
    from crmkit_quality.matching import CandidatePair, Evidence, clusters

    settings = settings_of(session.crm.settings)
    pairs = [
        CandidatePair(
            first=min(pair.first_id, pair.second_id),
            second=max(pair.first_id, pair.second_id),
            weight=pair.weight,
            probability=pair.probability,
            evidence=tuple(
                Evidence(comparison=each["comparison"], level=each["level"], weight=each["weight"])
                for each in pair.evidence
            ),
            conflict=pair.conflict,
        )
        for pair in session.scalars(undecided(select(Pair)).where(Pair.band == "automatic", ~Pair.conflict))
    ]
    found = sorted(
        clusters(pairs, largest=settings.largest_cluster, weakest=settings.weakest_link),
        key=lambda each: (-each.weakest, each.members),
    )
    wanted = [each for each in found if len(each.members) > 1][:limit]
    names = _names(session, {member for each in wanted for member in each.members})
    return [
        Clear(
            members=tuple(Member(id=member, name=names.get(member, "")) for member in each.members),
            weakest=each.weakest,
        )
        for each in wanted
        if all(member in names for member in each.members)
    ]


def _names(session: CrmSession, ids: set[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for part in parts(sorted(ids)):
        found.update({each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(part)))})
    return found


@operation("quality.duplicates.merge_cluster", title=_("Merge customers into one"), permission=RIGHT, hidden=True)
def merge_cluster(
    session: CrmSession, *, customer_ids: Annotated[tuple[UUID, ...], Input(classified="internal")]
) -> int:
    """Merge some customers into one, who stays by the rules of survivorship; return how many were absorbed."""
    from crmkit_quality.survivorship import propose

    stays, *others = sorted(customer_ids)
    for other in others:
        proposal = propose(session, stays, other)
        if proposal.open:
            raise Conflict(_("A person decides about some of the fields."))
        stays, leaves = proposal.survivor_id, proposal.absorbed_id
        pair = session.scalar(undecided(select(Pair)).where(between(stays, leaves)).limit(1))
        if pair is not None:
            pair.state, pair.decided_by, pair.decided_at = MERGED, session.actor.id, session.gate.clock.now()
            session.flush()
        merge(
            session,
            stays,
            leaves,
            proposal.choices,
            "",
            pair_id=None if pair is None else pair.id,
            automatic=True,
        )
        session.expire_all()
    return len(others)


@operation(RIGHT, title=_("Merge what is clear"), permission=RIGHT, effect="update")
def merge_automatic(session: CrmSession) -> None:
    """Have a worker merge the clusters of the automatic band, a few at a time, as whoever asks for it."""
    session.defer(JOB, unique=f"{JOB} {session.actor.id}")


def carry_on(session: CrmSession) -> None:
    """Merge the next clusters that are clear, and leave the others to the next job."""
    done = merge_next(session, plan_automatic(session, AT_ONCE))
    if done:
        session.run(RIGHT, {})


def merge_next(session: CrmSession, planned: Sequence[Clear]) -> int:
    """Merge clusters, each in a savepoint of its own; return how many were. One that is refused stays, to be looked
    at."""
    done = 0
    for each in planned:
        try:
            session.run("quality.duplicates.merge_cluster", {"customer_ids": [member.id for member in each.members]})
            done += 1
        except CrmkitError:
            session.run("quality.duplicates.look", {"customer_ids": [member.id for member in each.members]})
    return done


@operation("quality.duplicates.look", title=_("Have a cluster looked at"), permission=RIGHT, hidden=True)
def have_looked_at(
    session: CrmSession, *, customer_ids: Annotated[tuple[UUID, ...], Input(classified="internal")]
) -> None:
    """Put the pairs of customers who could not be merged by themselves among those that are looked at."""
    query: Any = undecided(select(Pair)).where(
        Pair.first_id.in_(customer_ids), Pair.second_id.in_(customer_ids), Pair.band == "automatic"
    )
    for pair in session.scalars(query):
        pair.band = "review"


OPERATIONS = [merge_cluster, merge_automatic, have_looked_at]
