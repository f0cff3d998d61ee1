"""Merging needs that are the same, and undoing that.

Evidence stays where it was given and counts for the need where its merges end, so that nothing is moved: a merge keeps
all of it with who wants to be told, whoever may see which customer, and undoing one gives back exactly what was there.
What came to the survivor after a merge stays there.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, NotFound, operation, texts
from crmkit_needs.catalogue.errors import NeedMergeRefused
from crmkit_needs.catalogue.events import NeedMerged, NeedUnmerged
from crmkit_needs.catalogue.history import note, require_here
from crmkit_needs.catalogue.models import Need, NeedMerge
from crmkit_needs.catalogue.operations import put

_ = texts("crmkit_needs")

MERGE = "needs.need.merge"
IntoId = Annotated[UUID, Input(title=_("Into"), resource="needs.need", classified="internal")]


@operation(MERGE, title=_("Merge into another need"), permission=MERGE, effect="update")
def merge_need(session: CrmSession, need: Need, *, into_id: IntoId) -> Need:
    """Merge a need into another one, and return that one: all evidence counts there, with who wants to be told.

    Raises NotFound, and NeedMergeRefused for the need itself or one that was merged already.
    """
    require_here(session, need)
    into = session.get(Need, into_id)
    if into is None:
        raise NotFound(_("There is no need {id}."), id=into_id)
    if into.id == need.id:
        raise NeedMergeRefused(_("A need is not merged into itself."), fix=_("Name another one."))
    if into.merged_into_id is not None:
        raise NeedMergeRefused(
            _("Need {number} was merged itself."), fix=_("Name the one it went to."), number=into.number
        )
    before = need.state
    session.add(NeedMerge(need_id=need.id, into_id=into.id, at=session.gate.clock.business_now(), before=before))
    need.merged_into_id = into.id
    put(session, need, "duplicate")
    for each in family_of(session, need):
        each.root_id = into.id
    note(session, need, "merged", before=before, after=into.number)
    note(session, into, "took_in", after=need.number)
    session.emit(NeedMerged(need_id=need.id, into_id=into.id))
    return into


@operation("needs.need.unmerge", title=_("Undo the merge"), permission=MERGE, effect="update")
def unmerge_need(session: CrmSession, need: Need) -> Need:
    """Undo the merge of a need: its evidence counts for itself again, as that of what had been merged into it, and it
    has its state again. Raises NeedMergeRefused for one that was not merged."""
    found = session.scalars(
        select(NeedMerge)
        .where(NeedMerge.need_id == need.id, NeedMerge.undone_at.is_(None))
        .order_by(NeedMerge.at.desc(), NeedMerge.id.desc())
    ).first()
    if need.merged_into_id is None or found is None:
        raise NeedMergeRefused(_("Need {number} was not merged."), number=need.number)
    into = session.get_one(Need, need.merged_into_id)
    found.undone_at = session.gate.clock.business_now()
    need.merged_into_id = None
    put(session, need, found.before)
    for each in family_of(session, need):
        each.root_id = need.id
    note(session, need, "unmerged", before=into.number, after=need.state)
    note(session, into, "gave_back", after=need.number)
    session.emit(NeedUnmerged(need_id=need.id, from_id=into.id))
    return need


def family_of(session: CrmSession, need: Need) -> list[Need]:
    """Return a need with all that were merged into it, and into those."""
    found, fresh = [need], [need.id]
    while fresh:
        below = list(session.scalars(select(Need).where(Need.merged_into_id.in_(fresh)).order_by(Need.number)))
        found += below
        fresh = [each.id for each in below]
    return found


OPERATIONS = [merge_need, unmerge_need]
