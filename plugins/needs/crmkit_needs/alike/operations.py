"""Saying that two needs are not the same, and taking that back."""

from __future__ import annotations

from collections.abc import Set
from typing import Annotated
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import CrmSession, Input, NotFound, operation, texts
from crmkit_needs.alike.models import AlikeDismissal
from crmkit_needs.catalogue.errors import NeedMergeRefused
from crmkit_needs.catalogue.models import Need

_ = texts("crmkit_needs")

MERGE = "needs.need.merge"
OtherId = Annotated[UUID, Input(title=_("The other need"), resource="needs.need", classified="internal")]


@operation("needs.alike.dismiss", title=_("Not the same"), permission=MERGE, effect="update")
def dismiss(session: CrmSession, need: Need, *, other_id: OtherId) -> Need:
    """Say that two needs are not the same: they are not suggested again. Saying so twice changes nothing, nor does
    naming them the other way round.

    Raises NotFound for a need that there is not, NeedMergeRefused for the need itself.
    """
    pair = _pair(session, need, other_id)
    if _known(session, pair) is None:
        first, second = pair
        now = session.gate.clock.business_now()
        session.add(AlikeDismissal(first_id=first, second_id=second, at=now, user_id=session.actor.user_id))
        session.flush()
    return need


@operation("needs.alike.restore", title=_("Suggest them again"), permission=MERGE, effect="update")
def restore(session: CrmSession, need: Need, *, other_id: OtherId) -> Need:
    """Take back that two needs are not the same. Raises as ``needs.alike.dismiss``."""
    known = _known(session, _pair(session, need, other_id))
    if known is not None:
        session.delete(known)
    return need


def dismissed(session: CrmSession, need: Need | None = None) -> Set[frozenset[UUID]]:
    """Return the pairs of needs that are not the same, all of them or those of a need."""
    query = select(AlikeDismissal.first_id, AlikeDismissal.second_id)
    if need is not None:
        query = query.where(or_(AlikeDismissal.first_id == need.id, AlikeDismissal.second_id == need.id))
    return {frozenset((row[0], row[1])) for row in session.execute(query)}


def _pair(session: CrmSession, need: Need, other_id: UUID) -> tuple[UUID, UUID]:
    if session.get(Need, other_id) is None:
        raise NotFound(_("There is no need {id}."), id=other_id)
    if other_id == need.id:
        raise NeedMergeRefused(_("These are one and the same need."), fix=_("Name another one."))
    return (need.id, other_id) if need.id < other_id else (other_id, need.id)


def _known(session: CrmSession, pair: tuple[UUID, UUID]) -> AlikeDismissal | None:
    first, second = pair
    query = select(AlikeDismissal).where(AlikeDismissal.first_id == first, AlikeDismissal.second_id == second)
    return session.scalars(query).first()


OPERATIONS = [dismiss, restore]
