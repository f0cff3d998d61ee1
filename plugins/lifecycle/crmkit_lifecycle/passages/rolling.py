"""What organisations get from their people: the stage by a declared method, and whether people contradict each other.

Must not move anybody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import or_, select

from crmkit import CrmSession, Customer, Relationship
from crmkit_lifecycle.designing.choosing import stages_of
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.passages.events import RolledUpChanged
from crmkit_lifecycle.passages.models import Passage, RolledUp
from crmkit_lifecycle.words import BAD


@frozen(kw_only=True)
class Rolled:
    """What an organisation has by its people: the stage, how many people are in which, and whether that contradicts."""

    stage: Stage | None
    people: dict[str, int]
    conflict: bool


def rolled(method: str, stages: Sequence[Stage], people: Sequence[Stage], own: Stage | None = None) -> Rolled:
    """Return what follows from people's stages by a method.

    "max" is the farthest stage of those who are not lost, "any" the one of the greatest weight in which anybody is,
    "weighted" the last one on the way whose weight is at most the mean of the people's. It contradicts when some are
    lost and others are not, or when the organisation's ``own`` stage is another.
    """
    counts = Counter(each.name for each in people)
    lost = [each for each in people if each.kind == BAD]
    there = [each for each in people if each.kind != BAD]
    found: Stage | None = None
    if people and method == "max":
        found = max(there or lost, key=lambda each: (each.position, each.name))
    elif people and method == "any":
        found = max(people, key=lambda each: (each.weight, each.position, each.name))
    elif people and method == "weighted":
        mean = sum(each.weight for each in people) / len(people)
        way = sorted(stages, key=lambda each: (each.weight, each.position))
        found = next((each for each in reversed(way) if each.weight <= mean), way[0])
    split = bool(lost) and bool(there)
    differs = own is not None and found is not None and own.key != found.key
    ordered = {each.name: counts[each.name] for each in stages if counts[each.name]}
    return Rolled(stage=found, people=ordered, conflict=split or differs)


def roll_up(
    session: CrmSession, model: LifecycleModel, version: ModelVersion, customers: Collection[UUID] | None = None
) -> int:
    """Write down what organisations have by their people, where it has changed, and return for how many."""
    if model.roll_up == "none":
        return 0
    members = _members(session, model, customers)
    if not members:
        return 0
    stages = stages_of(session, version.id)
    by_key = {each.key: each for each in stages}
    everyone = {*members, *(person for people in members.values() for person in people)}
    standing = _stages(session, model, everyone, by_key)
    last = _last(session, model, list(members))
    changed = 0
    now = session.gate.clock.business_now()
    for organisation, people in sorted(members.items()):
        found = rolled(
            model.roll_up,
            stages,
            [standing[each] for each in people if each in standing],
            standing.get(organisation),
        )
        name = found.stage.name if found.stage is not None else None
        before = last.get(organisation)
        if before is None and name is None:
            continue
        if before is not None and (before.stage_name, before.people, before.conflict, before.method) == (
            name,
            found.people,
            found.conflict,
            model.roll_up,
        ):
            continue
        session.add(
            RolledUp(
                customer_id=organisation,
                model_id=model.id,
                since=now,
                stage_name=name,
                method=model.roll_up,
                people=found.people,
                conflict=found.conflict,
            )
        )
        session.emit(
            RolledUpChanged(customer_id=organisation, model=model.name, stage=name or "", conflict=found.conflict)
        )
        changed += 1
    session.flush()
    return changed


def _members(session: CrmSession, model: LifecycleModel, customers: Collection[UUID] | None) -> dict[UUID, list[UUID]]:
    """Return the people of organisations: of all of them, or of those of some customers."""
    today = session.today()
    query = (
        select(Relationship.other_id, Relationship.customer_id)
        .join(Customer, Customer.id == Relationship.customer_id)
        .where(
            Relationship.kind == model.roll_up_kind,
            Customer.deleted_at.is_(None),
            or_(Relationship.valid_from.is_(None), Relationship.valid_from <= today),
            or_(Relationship.valid_to.is_(None), Relationship.valid_to >= today),
        )
        .order_by(Relationship.other_id, Relationship.customer_id)
    )
    if customers is not None:
        ids = sorted(customers)[:5000]
        mine = select(Relationship.other_id).where(Relationship.customer_id.in_(ids))
        query = query.where(or_(Relationship.other_id.in_(ids), Relationship.other_id.in_(mine)))
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for organisation, person in session.execute(query):
        found[organisation].append(person)
    return found


def _stages(
    session: CrmSession, model: LifecycleModel, customers: Collection[UUID], by_key: dict[UUID, Stage]
) -> dict[UUID, Stage]:
    found: dict[UUID, Stage] = {}
    ids = sorted(customers)
    for start in range(0, len(ids), 2000):
        query: Any = (
            select(Passage.customer_id, Passage.stage_key)
            .where(Passage.model_id == model.id, Passage.customer_id.in_(ids[start : start + 2000]))
            .order_by(Passage.began_at, Passage.number)
        )
        found |= {row[0]: by_key[row[1]] for row in session.execute(query) if row[1] in by_key}
    return found


def _last(session: CrmSession, model: LifecycleModel, organisations: Sequence[UUID]) -> dict[UUID, RolledUp]:
    found: dict[UUID, RolledUp] = {}
    for start in range(0, len(organisations), 2000):
        query = (
            select(RolledUp)
            .where(RolledUp.model_id == model.id, RolledUp.customer_id.in_(organisations[start : start + 2000]))
            .order_by(RolledUp.since, RolledUp.id)
        )
        found |= {each.customer_id: each for each in session.scalars(query)}
    return found
