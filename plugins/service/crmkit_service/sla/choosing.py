"""Which policy holds for a case, and why: the most special one that fits, of all that there are.

Must not know what becomes of the choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, customers_where, texts
from crmkit_service.sla.folding import Reign
from crmkit_service.sla.models import Ladder, Policy, PolicyVersion
from crmkit_service.sla.terms import Terms, of_rows
from crmkit_service.sla.words import LEVELS

_ = texts("crmkit_service")

RANK = {name: place for place, name in enumerate(LEVELS)}
Holds = Callable[[Policy, UUID], bool]
"""Says whether the condition of a policy holds for a customer."""


@frozen(kw_only=True)
class About:
    """What of a case decides which policy holds: its customer, type, queue, priority, and the contract it is about."""

    customer_id: UUID
    type: str
    queue: str
    priority: str
    about: str


@frozen(kw_only=True)
class Judged:
    """A policy beside a case: whether it fits, and why it does not (``why`` is "" for one that fits)."""

    policy: Policy
    fits: bool
    why: str


@frozen(kw_only=True)
class Book:
    """All policies with their versions, as they are at the moment of reading."""

    policies: Sequence[Policy]
    versions: Mapping[UUID, Sequence[tuple[datetime, Terms]]]
    ladders: Mapping[UUID, Ladder]
    by_name: Mapping[str, Policy] = field(factory=dict[str, Policy])
    _ranked: dict[str, list[Policy]] = field(factory=dict[str, "list[Policy]"], init=False, eq=False, repr=False)

    def of_kind(self, kind: str) -> list[Policy]:
        """Return the active policies of a kind, the most special first."""
        if kind not in self._ranked:
            found = [each for each in self.policies if each.active and each.kind == kind]
            self._ranked[kind] = sorted(found, key=lambda each: (RANK[each.level], each.position, each.name))
        return self._ranked[kind]

    def terms_at(self, policy: Policy, at: datetime) -> Terms | None:
        """Return what a policy promised at an instant; before its first version that one holds."""
        versions = self.versions.get(policy.id, ())
        return versions[self._place(policy, at)][1] if versions else None

    def _place(self, policy: Policy, at: datetime) -> int:
        """Return the place of the version that held at an instant; the first one holds from the beginning."""
        versions = self.versions.get(policy.id, ())
        return max((place for place, each in enumerate(versions) if each[0] <= at), default=0)

    def reigns(self, chosen: Sequence[tuple[datetime, str]]) -> list[Reign]:
        """Return what held when, for a case for which policies were chosen by name, "" for none, at instants."""
        found: list[Reign] = []
        for place, (since, name) in enumerate(chosen):
            until = chosen[place + 1][0] if place + 1 < len(chosen) else None
            policy = self.by_name.get(name)
            if policy is None:
                found.append(Reign(since=since, terms=None))
                continue
            found.append(Reign(since=since, terms=self.terms_at(policy, since)))
            later = self.versions.get(policy.id, ())[self._place(policy, since) + 1 :]
            found += [Reign(since=at, terms=terms) for at, terms in later if until is None or at < until]
        return found

    def ladder(self, policy_id: UUID | None) -> Ladder | None:
        """Return the active ladder of a policy, if it has one."""
        policy = next((each for each in self.policies if each.id == policy_id), None)
        ladder = self.ladders.get(policy.ladder_id) if policy is not None and policy.ladder_id is not None else None
        return ladder if ladder is not None and ladder.active else None


def read_book(session: CrmSession) -> Book:
    """Return all policies with their versions and ladders."""
    policies = session.scalars(select(Policy).order_by(Policy.position, Policy.name)).all()
    by_id = {each.id: each for each in policies}
    versions: dict[UUID, list[tuple[datetime, Terms]]] = defaultdict(list)
    query = select(PolicyVersion.policy_id, PolicyVersion.number, PolicyVersion.since, PolicyVersion.clocks)
    for policy_id, number, since, clocks in session.execute(
        query.order_by(PolicyVersion.policy_id, PolicyVersion.number)
    ):
        policy = by_id[policy_id]
        rules = tuple(
            rule if rule.calendar or not policy.calendar else evolve(rule, calendar=policy.calendar)
            for rule in of_rows(clocks)
        )
        terms = Terms(policy=policy.name, version=number, rules=rules, policy_id=policy_id)
        versions[policy_id].append((since, terms))
    ladders = {each.id: each for each in session.scalars(select(Ladder))}
    return Book(policies=policies, versions=versions, ladders=ladders, by_name={each.name: each for each in policies})


def judged(book: Book, kind: str, about: About, holds: Holds) -> list[Judged]:
    """Return every active policy of a kind beside a case, the most special first, until one fits."""
    found: list[Judged] = []
    for policy in book.of_kind(kind):
        why = unfit(policy, about) or ("" if not policy.condition or holds(policy, about.customer_id) else "condition")
        found.append(Judged(policy=policy, fits=not why, why=why))
        if not why:
            break
    return found


def chosen(book: Book, kind: str, about: About, holds: Holds) -> Policy | None:
    """Return the policy of a kind that holds for a case, or None."""
    found = judged(book, kind, about, holds)
    return found[-1].policy if found and found[-1].fits else None


def unfit(policy: Policy, about: About) -> str:
    """Return which condition of a policy a case does not meet, those over facts aside; "" where it meets them all."""
    if policy.customer_id is not None and policy.customer_id != about.customer_id:
        return "customer"
    if policy.about and policy.about != about.about:
        return "contract"
    for name, wanted, have in (
        ("type", policy.types, about.type),
        ("queue", policy.queues, about.queue),
        ("priority", policy.priorities, about.priority),
    ):
        if wanted and have not in wanted:
            return name
    return ""


def asking(session: CrmSession) -> Holds:
    """Return what says whether a condition holds for a customer, whatever facts its asker may read: a service level
    must not depend on who answers."""
    known: dict[tuple[UUID, UUID], bool] = {}

    def holds(policy: Policy, customer_id: UUID) -> bool:
        key = policy.id, customer_id
        if key not in known:
            known[key] = customer_id in _customers(session, policy.condition, [customer_id])
        return known[key]

    return holds


def asked_for_all(session: CrmSession, book: Book) -> Holds:
    """Return the same for all customers, with one question for each policy."""
    known: dict[UUID, Collection[UUID]] = {}

    def holds(policy: Policy, customer_id: UUID) -> bool:
        if policy.id not in known:
            known[policy.id] = _customers(session, policy.condition, None)
        return customer_id in known[policy.id]

    return holds


def _customers(session: CrmSession, condition: str, among: Any) -> Collection[UUID]:
    """Return the customers for whom a condition holds; none for one that cannot be used: crmkit doctor says so."""
    try:
        if session.guarding.rights.unrestricted:
            return set(session.scalars(customers_where(session, condition, among=among)))
        with session.crm.session(session.crm.system("which service level holds")) as reading:
            return set(reading.scalars(customers_where(reading, condition, among=among)))
    except CrmkitError:
        return frozenset()
