"""What is shown of assignment: queues with their members' load, people, and why work went to whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, NotFound, Team, User, texts
from crmkit_work.assignment.judging import Standing, presence_of
from crmkit_work.assignment.models import AssignmentEntry, Queue, QueueTurn
from crmkit_work.assignment.standing import standings
from crmkit_work.assignment.turns import Place, day_of, places_of
from crmkit_work.assignment.values import Assignment, Availability, Reason, Rejected

_ = texts("crmkit_work")


@frozen(kw_only=True)
class Decision:
    """An entry of the log, ready to be shown: who, why, and why nobody else; names by their ids."""

    entry: AssignmentEntry
    why: Reason
    why_not: Sequence[Rejected]
    names: Mapping[UUID, str]

    def name(self, identity: UUID | None) -> str:
        """Return the name of a person, a team or a queue."""
        return self.names.get(identity, str(identity)) if identity is not None else "–"

    def why_not_of(self, user_id: UUID) -> Rejected:
        """Return why somebody did not get the work; who was not looked at is no member of the queue."""
        for each in self.why_not:
            if each.user_id == user_id:
                return each
        queue = self.name(self.entry.queue_id)
        return Rejected(user_id=user_id, reason="not_member", values={"queue": queue}, queue_id=self.entry.queue_id)


def decisions_of(session: CrmSession, ref: str, limit: int = 50) -> Sequence[Decision]:
    """Return what was decided about a piece of work, the last first, as far as the actor sees it."""
    query = select(AssignmentEntry).where(AssignmentEntry.ref == ref)
    return decisions(session, session.scalars(_latest(query).limit(limit)).all())


def last_decisions(
    session: CrmSession, *, queue_id: UUID | None = None, user_id: UUID | None = None, limit: int = 50
) -> Sequence[Decision]:
    """Return the last decisions, of a queue or for a person, as far as the actor sees them."""
    query = select(AssignmentEntry)
    if queue_id is not None:
        query = query.where(AssignmentEntry.queue_id == queue_id)
    if user_id is not None:
        query = query.where(AssignmentEntry.user_id == user_id)
    return decisions(session, session.scalars(_latest(query).limit(limit)).all())


def decisions(session: CrmSession, entries: Sequence[AssignmentEntry]) -> Sequence[Decision]:
    """Return entries of the log ready to be shown."""
    read = [(each, _rejections(each)) for each in entries]
    ids = {one.user_id for _each, found in read for one in found}
    ids |= {identity for each in entries for identity in (each.user_id, each.team_id, each.queue_id) if identity}
    ids |= {one.queue_id for _each, found in read for one in found if one.queue_id is not None}
    names = names_of(session, ids)
    return [
        Decision(entry=each, why=Reason(code=each.code, values=each.facts), why_not=found, names=names)
        for each, found in read
    ]


def _latest(query: Any) -> Any:
    return query.order_by(AssignmentEntry.decided_at.desc(), AssignmentEntry.id.desc())


def _rejections(entry: AssignmentEntry) -> Sequence[Rejected]:
    return [
        Rejected(user_id=UUID(user), reason=code, values=values, queue_id=UUID(queue) if queue else None)
        for user, code, values, queue in entry.verdicts
    ]


def names_of(session: CrmSession, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the names of people and teams and the titles of queues, by their ids."""
    found: dict[UUID, str] = {}
    for model, column in ((User, User.name), (Team, Team.name), (Queue, Queue.title)):
        found |= {row[0]: row[1] for row in session.execute(select(model.id, column).where(model.id.in_(ids)))}
    return found


@frozen(kw_only=True)
class MemberLine:
    """A member of a queue as shown: what they have, what they take, whether they are there."""

    place: Place
    standing: Standing
    availability: Availability
    taken: int
    turns: int

    @property
    def capacity(self) -> int | None:
        """Return how much open work the member takes at most."""
        return self.place.capacity if self.place.capacity is not None else self.standing.capacity


def members_of(session: CrmSession, queue: Queue, at: datetime) -> Sequence[MemberLine]:
    """Return the members of a queue with their load, in the order of their places."""
    places = places_of(session, queue)
    known = standings(session, [each.user_id for each in places], at, queue=queue)
    turns = {each.user_id: each for each in session.scalars(select(QueueTurn).where(QueueTurn.queue_id == queue.id))}
    today = day_of(session, queue, at)
    found: list[MemberLine] = []
    for place in places:
        standing, turn = known.get(place.user_id), turns.get(place.user_id)
        if standing is not None:
            found.append(
                MemberLine(
                    place=place,
                    standing=standing,
                    availability=presence_of(standing, at, in_hours=queue.in_hours),
                    taken=turn.taken if turn is not None and turn.day == today else 0,
                    turns=turn.turns if turn is not None else 0,
                )
            )
    return found


def queue_named(session: CrmSession, name: str) -> Queue:
    """Return a queue by its name. Raises NotFound with the names that there are."""
    from crmkit_work.assignment.searching import queue_of

    found = queue_of(session, None, name or "–")
    assert found is not None
    return found


def user_named(session: CrmSession, login: str) -> User:
    """Return a user by login or id, active or not. Raises NotFound."""
    found = session.scalar(select(User).where(User.login == login))
    if found is None:
        try:
            found = session.get(User, UUID(login))
        except ValueError:
            found = None
    if found is None:
        raise NotFound(_('There is no user "{login}".'), login=login)
    return found


def people(session: CrmSession, at: datetime) -> Sequence[tuple[Standing, Availability]]:
    """Return everybody who is active, with what holds of them, by name."""
    ids = list(session.scalars(select(User.id).where(User.active)))
    found = sorted(standings(session, ids, at).values(), key=lambda each: (each.name, each.user_id))
    return [(each, presence_of(each, at)) for each in found]


def plain(decision: Decision, language: str, zone: str) -> Mapping[str, Any]:
    """Return a decision as plain values with its words in a language."""
    entry = decision.entry
    return {
        "id": entry.id,
        "ref": entry.ref,
        "decided_at": entry.decided_at,
        "purpose": entry.purpose,
        **_plain(entry, decision.why, decision.why_not, decision.names, language, zone),
    }


def plain_answer(session: CrmSession, answer: Assignment, language: str, zone: str) -> Mapping[str, Any]:
    """Return what `assign` answers, or would, as plain values with its words in a language."""
    ids = {each.user_id for each in answer.why_not}
    ids |= {each for each in (answer.user_id, answer.team_id, answer.queue_id) if each is not None}
    return dict(_plain(answer, answer.why, answer.why_not, names_of(session, ids), language, zone))


def _plain(
    found: AssignmentEntry | Assignment,
    why: Reason,
    why_not: Sequence[Rejected],
    names: Mapping[UUID, str],
    language: str,
    zone: str,
) -> Mapping[str, Any]:
    return {
        "queue": names.get(found.queue_id) if found.queue_id is not None else None,
        "person": names.get(found.user_id) if found.user_id is not None else None,
        "user_id": found.user_id,
        "team": names.get(found.team_id) if found.team_id is not None else None,
        "strategy": found.strategy,
        "why": {"code": why.code, "values": dict(why.values), "text": why.render(language, zone)},
        "why_not": [
            {
                "person": names.get(each.user_id, str(each.user_id)),
                "user_id": each.user_id,
                "code": each.reason,
                "values": dict(each.values),
                "text": each.render(language, zone),
            }
            for each in why_not
        ],
    }
