"""The search for somebody who can take a piece of work: among people who are named, out of a queue, by territory.

Each choice is made under the lock of its queue and of the people in it, so that two processes at once give everybody
their turn and nobody more than they take. Must not know what is kept of the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, InvalidInput, NotFound, Problem, Team, texts
from crmkit_work.assignment.choosing import Contender, Strategy, choose
from crmkit_work.assignment.judging import Candidate, Demand, Standing, verdict
from crmkit_work.assignment.models import AssignmentEntry, Queue, QueueTurn
from crmkit_work.assignment.standing import standings
from crmkit_work.assignment.territories import territory_of
from crmkit_work.assignment.turns import (
    Place,
    day_of,
    keep_currents,
    lock_people,
    lock_queue,
    places_of,
    take_turn,
    turns_of,
)
from crmkit_work.assignment.values import Reason, Rejected, Wish, needed_skills

_ = texts("crmkit_work")

CHAIN = 10
"""So many deputies, and so many fallbacks, are asked one after the other at most."""


def queue_of(session: CrmSession, queue_id: UUID | None, name: str) -> Queue | None:
    """Return a queue by its id or name, None where neither is given. Raises NotFound with the names that there are."""
    if queue_id is None and not name:
        return None
    query = select(Queue).where(Queue.id == queue_id if queue_id is not None else Queue.name == name)
    found = session.scalar(query)
    if found is None:
        names = ", ".join(session.scalars(select(Queue.name).order_by(Queue.name))) or "–"
        raise NotFound(
            _('There is no queue "{name}".'), fix=_("There are: {names}."), name=name or queue_id, names=names
        )
    return found


@frozen(kw_only=True)
class Found:
    """Who gets the work; with a reason that is one of nobody having been found, where it waits."""

    strategy: str
    why: Reason
    user_id: UUID | None = None
    team_id: UUID | None = None
    queue_id: UUID | None = None


class Search:
    """One search for somebody: what is asked, and what was said of whom so far (``rejected``).

    One that only ``looks`` waits for nobody and keeps nothing; it can be made in a session that reads.
    """

    def __init__(self, session: CrmSession, wish: Wish, *, looks: bool = False) -> None:
        self.session = session
        self.wish = wish
        self.looks = looks
        self.at = wish.at or session.gate.clock.business_now()
        self.rejected: list[Rejected] = []
        self.extra = _other_loads(wish)

    def decide(self) -> Found:
        """Return who gets the work, or that nobody can. Raises NotFound and InvalidInput for what is wrong with the
        wish."""
        queue = queue_of(self.session, self.wish.queue_id, self.wish.queue)
        found = self._named(self.wish.users, queue, "named") if self.wish.users else None
        if found is None and queue is None and not self.wish.users and self.wish.customer_id is not None:
            found, queue = self._by_territory(self.wish.customer_id)
        if found is None and queue is not None:
            found = self._of_queue(queue, ())
        return found or Found(strategy="waiting", why=Reason(code="nobody"))

    # --- somebody who is named ----------------------------------------------------------------------------------------

    def _named(
        self, users: Sequence[UUID], queue: Queue | None, strategy: str, why: Reason | None = None
    ) -> Found | None:
        """Return the first of some people who can take the work, then of their deputies."""
        demand = self._demand(queue, in_hours=False)
        self._lock(None, users)
        known = standings(self.session, users, self.at, queue=queue)
        absent: list[Standing] = []
        for user_id in users:
            standing = known.get(user_id)
            if standing is None:
                self.rejected.append(Rejected(user_id=user_id, reason="inactive"))
                continue
            reason = verdict(self._candidate(standing), demand, self.at)
            if reason is None:
                self._pass_over([each for each in users[users.index(user_id) + 1 :] if each in known])
                queue_id = queue.id if queue is not None else None
                return Found(strategy=strategy, why=why or Reason(code="named"), user_id=user_id, queue_id=queue_id)
            self._reject(standing.user_id, reason, None)
            if standing.absent_until is not None:
                absent.append(standing)
        return self._deputies(absent, demand, queue, set(users))

    def _deputies(
        self, absent: Iterable[Standing], demand: Demand, queue: Queue | None, known: set[UUID]
    ) -> Found | None:
        """Return the first deputy who can take the work of people who are absent; a deputy who is absent too has one
        of their own."""
        waiting = [each for each in absent if each.deputy_id is not None]
        for _step in range(CHAIN):
            ids = [each.deputy_id for each in waiting if each.deputy_id is not None and each.deputy_id not in known]
            if not ids:
                return None
            known.update(ids)
            self._lock(None, ids)
            found = standings(self.session, ids, self.at, queue=queue)
            following: list[Standing] = []
            for each in waiting:
                deputy = found.get(each.deputy_id) if each.deputy_id is not None else None
                if deputy is None:
                    continue
                reason = verdict(self._candidate(deputy), demand, self.at)
                if reason is None:
                    why = Reason(code="deputy", values={"for": str(each.user_id), "for_name": each.name})
                    queue_id = queue.id if queue is not None else None
                    return Found(strategy="deputy", why=why, user_id=deputy.user_id, queue_id=queue_id)
                self._reject(deputy.user_id, reason, queue)
                if deputy.absent_until is not None:
                    following.append(deputy)
            waiting = following
        return None

    def _by_territory(self, customer_id: UUID) -> tuple[Found | None, Queue | None]:
        territory = territory_of(self.session, customer_id)
        if territory is None:
            return None, None
        queue = self.session.get(Queue, territory.queue_id) if territory.queue_id is not None else None
        if territory.owner_id is None:
            return None, queue
        why = Reason(code="territory", values={"territory": territory.title})
        return self._named([territory.owner_id], queue, "territory", why), queue

    # --- out of a queue -----------------------------------------------------------------------------------------------

    def _of_queue(self, queue: Queue, before: tuple[UUID, ...]) -> Found:
        """Return who gets the work out of a queue, or out of what follows where nobody of it can take it."""
        self._lock(queue, ())
        places = places_of(self.session, queue) if queue.active else ()
        self._lock(None, [each.user_id for each in places])
        known = standings(self.session, [each.user_id for each in places], self.at, queue=queue)
        turns = turns_of(self.session, queue)
        today = day_of(self.session, queue, self.at)
        demand = self._demand(queue, in_hours=queue.in_hours)
        able: list[tuple[Place, Candidate]] = []
        for place in places:
            standing = known.get(place.user_id)
            if standing is None:
                continue
            candidate = self._candidate(standing, place, turns.get(place.user_id), today)
            reason = verdict(candidate, demand, self.at)
            if reason is None:
                able.append((place, candidate))
            else:
                self._reject(place.user_id, reason, queue)
        if able:
            return self._chosen(queue, able, turns, today, bool(before))
        found = self._deputies(
            [each for each in known.values() if each.absent_until is not None],
            demand,
            queue,
            {each.user_id for each in places},
        )
        return found or self._fallback(queue, (*before, queue.id))

    def _chosen(
        self,
        queue: Queue,
        able: Sequence[tuple[Place, Candidate]],
        turns: Mapping[UUID, QueueTurn],
        today: date,
        fallen: bool,
    ) -> Found:
        contenders = [_contender(place, candidate, turns.get(place.user_id)) for place, candidate in able]
        own = self._sticky(queue) if queue.sticky else None
        number = max((each.served for each in turns.values()), default=0) + 1
        if own in {each.user_id for each in contenders}:
            assert own is not None
            chosen, why, strategy = own, Reason(code="sticky"), "sticky"
        else:
            strategy = queue.strategy
            choice = choose(cast(Strategy, strategy), contenders)
            chosen = choice.user_id
            why = _why(strategy, contenders, chosen, number)
            if strategy == "weighted" and not self.looks:
                keep_currents(self.session, queue, turns, choice.currents)
        if not self.looks:
            take_turn(self.session, queue, chosen, number, today)
        others = "not_sticky" if strategy == "sticky" else "after_in_turn"
        for each in contenders:
            if each.user_id != chosen:
                self._reject(each.user_id, Reason(code=others), queue)
        return Found(strategy="fallback" if fallen else strategy, why=why, user_id=chosen, queue_id=queue.id)

    def _fallback(self, queue: Queue, before: tuple[UUID, ...]) -> Found:
        """Return who gets what nobody of a queue can take: the next queue, a team, or it waits where it came in."""
        if queue.fallback_queue_id is not None and queue.fallback_queue_id not in before and len(before) <= CHAIN:
            following = self.session.get(Queue, queue.fallback_queue_id)
            if following is not None:
                found = self._of_queue(following, before)
                if found.user_id is not None or found.team_id is not None:
                    return found
        if queue.fallback_team_id is not None:
            team = self.session.get(Team, queue.fallback_team_id)
            if team is not None and team.active:
                why = Reason(code="team", values={"queue": queue.title, "team": team.name})
                return Found(strategy="fallback", why=why, team_id=team.id, queue_id=queue.id)
        return Found(strategy="waiting", why=Reason(code="waiting", values={"queue": queue.title}), queue_id=before[0])

    def _sticky(self, queue: Queue) -> UUID | None:
        """Return who looks after the customer: the owner, else who got the customer's work out of this queue last."""
        customer_id = self.wish.customer_id
        if customer_id is None:
            return None
        customer = self.session.get(Customer, customer_id)
        if customer is not None and customer.owner_id is not None:
            owner: UUID = customer.owner_id
            return owner
        query = (
            select(AssignmentEntry.user_id)
            .where(
                AssignmentEntry.customer_id == customer_id,
                AssignmentEntry.queue_id == queue.id,
                AssignmentEntry.user_id.is_not(None),
            )
            .order_by(AssignmentEntry.decided_at.desc(), AssignmentEntry.id.desc())
            .limit(1)
        )
        return self.session.scalar(query)

    # --- what is common -----------------------------------------------------------------------------------------------

    def _lock(self, queue: Queue | None, users: Iterable[UUID]) -> None:
        if self.looks:
            return
        if queue is not None:
            lock_queue(self.session, queue)
        lock_people(self.session, users)

    def _demand(self, queue: Queue | None, *, in_hours: bool) -> Demand:
        try:
            skills = needed_skills(self.wish.skills, queue.skills if queue is not None else {})
        except ValueError as error:
            problem = Problem(
                InvalidInput.code,
                _('"{text}" is no skill with a level from 1 to 10.'),
                field="skills",
                hint=_("Write it as billing:3."),
                text=str(error),
            )
            raise InvalidInput([problem]) from error
        languages = dict.fromkeys([*self.wish.languages, *(queue.languages if queue is not None else ())])
        return Demand(skills=skills, languages=tuple(languages), exclude=self.wish.exclude, in_hours=in_hours)

    def _candidate(
        self, standing: Standing, place: Place | None = None, turn: QueueTurn | None = None, today: date | None = None
    ) -> Candidate:
        more = self.extra.get(standing.user_id, 0)
        if place is None:
            return Candidate(standing=standing, more=more)
        taken = turn.taken if turn is not None and turn.day == today else 0
        return Candidate(
            standing=standing,
            weight=place.weight,
            capacity=place.capacity,
            limit=place.limit,
            taken=taken,
            more=more,
        )

    def _reject(self, user_id: UUID, reason: Reason, queue: Queue | None) -> None:
        queue_id = queue.id if queue is not None else None
        self.rejected.append(Rejected(user_id=user_id, reason=reason.code, values=reason.values, queue_id=queue_id))

    def _pass_over(self, users: Iterable[UUID]) -> None:
        self.rejected.extend(Rejected(user_id=each, reason="after_in_turn") for each in users)


def _contender(place: Place, candidate: Candidate, turn: QueueTurn | None) -> Contender:
    return Contender(
        user_id=place.user_id,
        weight=place.weight,
        load=candidate.load,
        current=turn.current if turn is not None else 0,
        served=turn.served if turn is not None else 0,
        order=place.order,
    )


def _why(strategy: str, contenders: Sequence[Contender], chosen: UUID, number: int) -> Reason:
    if strategy == "round_robin":
        return Reason(code="turn", values={"turn": number})
    one = next(each for each in contenders if each.user_id == chosen)
    if strategy == "least_loaded":
        return Reason(code="least_loaded", values={"load": one.load, "weight": one.weight})
    total = sum(each.weight for each in contenders)
    return Reason(code="weighted", values={"weight": one.weight, "total": total})


def _other_loads(wish: Wish) -> Mapping[UUID, int]:
    try:
        return {UUID(user_id): units for user_id, units in wish.loads.items()}
    except ValueError as error:
        problem = Problem(InvalidInput.code, _("People are named by their ids."), field="loads")
        raise InvalidInput([problem]) from error
