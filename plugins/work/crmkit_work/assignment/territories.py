"""Territories: which one a customer belongs to, and whether what one says can be used.

A condition is checked when it is saved, with all rights; whose customer it is does not depend on who assigns. So where
the actor may not read a fact the condition is decided in system scope: what comes of it is a queue or a person, never
the fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import Actor, CrmkitError, CrmSession, InvalidInput, NotFound, customers_where, texts
from crmkit.errors import UnknownFact
from crmkit_work.assignment.models import Territory

_ = texts("crmkit_work")

_NOBODY = UUID(int=0)
DEPTH = 20
"""Territories lie within each other so deep at most."""


def territory_of(session: CrmSession, customer_id: UUID) -> Territory | None:
    """Return the territory to which a customer belongs: the deepest that fits, the first in order among several; None
    where none does."""
    parts: dict[UUID | None, list[Territory]] = {}
    for each in session.scalars(select(Territory).where(Territory.active).order_by(Territory.position, Territory.name)):
        parts.setdefault(each.parent_id, []).append(each)
    return _within(session, parts, None, customer_id, 0)


def territory_named(session: CrmSession, name: str) -> Territory:
    """Return a territory by its name. Raises NotFound with the names that there are."""
    found = session.scalar(select(Territory).where(Territory.name == name))
    if found is None:
        names = ", ".join(session.scalars(select(Territory.name).order_by(Territory.name))) or "–"
        raise NotFound(_('There is no territory "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


def customers_in_territory(session: CrmSession, name: str, among: Sequence[UUID]) -> set[UUID]:
    """Return which customers belong to a territory or to one that lies within it. Raises NotFound for an unknown one.

    A customer belongs to it where its condition and those of the territories around it hold, and none of one that comes
    before any of them.
    """
    territory: Territory | None = territory_named(session, name)
    conditions: list[str] = []
    for _step in range(DEPTH):
        if territory is None:
            break
        beside = select(Territory).where(
            Territory.active,
            Territory.parent_id.is_not_distinct_from(territory.parent_id),
            Territory.id != territory.id,
        )
        place = (territory.position, territory.name)
        conditions.append(f"({territory.condition})")
        conditions.extend(
            f"not ({each.condition})" for each in session.scalars(beside) if (each.position, each.name) < place
        )
        territory = None if territory.parent_id is None else session.get(Territory, territory.parent_id)
    whole = " and ".join(conditions)
    try:
        return _among(session, whole, among)
    except CrmkitError:
        with session.crm.session(Actor.system("deciding whose territory a customer is in")) as every:
            return _among(every, whole, among)


def _among(session: CrmSession, condition: str, among: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(among), 1000):
        found.update(session.scalars(customers_where(session, condition, among=among[start : start + 1000])))
    return found


def _within(
    session: CrmSession,
    parts: Mapping[UUID | None, Sequence[Territory]],
    parent: UUID | None,
    customer_id: UUID,
    depth: int,
) -> Territory | None:
    for each in parts.get(parent, ()) if depth <= DEPTH else ():
        if fits(session, each.condition, customer_id):
            return _within(session, parts, each.id, customer_id, depth + 1) or each
    return None


def fits(session: CrmSession, condition: str, customer_id: UUID) -> bool:
    """Say whether a condition holds for a customer. One that can be used no longer, as a fact is gone, holds for
    nobody: `crmkit doctor` names it."""
    try:
        return _holds(session, condition, customer_id)
    except UnknownFact:
        pass
    except CrmkitError:
        return False
    try:
        with session.crm.session(Actor.system("deciding whose territory a customer is in")) as whole:
            return _holds(whole, condition, customer_id)
    except CrmkitError:
        return False


def _holds(session: CrmSession, condition: str, customer_id: UUID) -> bool:
    return session.scalar(customers_where(session, condition, among=[customer_id]).limit(1)) is not None


def check_condition(session: CrmSession, condition: str, field: str = "condition") -> None:
    """Return where a condition can be used. Raises InvalidInput with what is wrong and where."""
    try:
        customers_where(session, condition, among=[_NOBODY])
    except CrmkitError as error:
        for problem in error.problems:
            problem.field = field
        raise InvalidInput(error.problems) from error


def misplaced(session: CrmSession, territory_id: UUID | None, parent_id: UUID | None) -> bool:
    """Say whether a territory would lie within itself, or too deep, as a part of another one."""
    seen = {territory_id} - {None}
    for _step in range(DEPTH):
        if parent_id is None:
            return False
        if parent_id in seen:
            return True
        seen.add(parent_id)
        parent = session.get(Territory, parent_id)
        parent_id = parent.parent_id if parent is not None else None
    return True
