"""What a case is about in words, and the models in use, for suggesting and for learning. Must not change anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Interaction
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.intents.models import Intent, IntentModel, IntentWeights
from crmkit_service.intents.text_model import TextModel, model_from

CHUNK = 500
MOST_LOADED = 4
_LOADED: dict[UUID, TextModel] = {}
"""Models that this process has read, by their ids, which are of no two customer bases."""


def texts_of(session: CrmSession, case_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the subject of each of some cases with the first message of its customer, as the session's actor sees
    them; a case that it does not see is left out."""
    found: dict[UUID, str] = {}
    wanted = sorted(case_ids)
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        bodies = _first_bodies(session, part)
        for case in session.scalars(select(Case).where(Case.id.in_(part))):
            found[case.id] = "\n".join(text for text in (case.subject, bodies.get(case.id)) if text)
    return found


def _first_bodies(session: CrmSession, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    first = (
        select(CaseMessage.case_id, func.min(CaseMessage.at).label("at"))
        .where(CaseMessage.case_id.in_(case_ids), CaseMessage.direction == "in")
        .group_by(CaseMessage.case_id)
        .subquery()
    )
    query = (
        select(CaseMessage)
        .join(first, (first.c.case_id == CaseMessage.case_id) & (first.c.at == CaseMessage.at))
        .where(CaseMessage.direction == "in")
        .order_by(CaseMessage.case_id, CaseMessage.id.desc())
    )
    messages = {each.case_id: each for each in session.scalars(query)}
    wanted = {each.interaction_id for each in messages.values() if each.interaction_id is not None}
    said = {each.id: each.body for each in session.scalars(select(Interaction).where(Interaction.id.in_(wanted)))}
    return {
        case_id: text
        for case_id, each in messages.items()
        if (text := each.body or (said.get(each.interaction_id) if each.interaction_id else None))
    }


def adopted(session: CrmSession) -> IntentModel | None:
    """Return the model that is in use, or None."""
    return session.scalar(select(IntentModel).where(IntentModel.state == "adopted").order_by(IntentModel.number.desc()))


def loaded(session: CrmSession, model: IntentModel) -> TextModel | None:
    """Return the arrays of a model, or None where they are gone; read once in each process. Raises BrokenModel,
    MissingExtra."""
    known = _LOADED.get(model.id)
    if known is None:
        content = session.scalar(select(IntentWeights.content).where(IntentWeights.model_id == model.id))
        if content is None:
            return None
        known = _LOADED[model.id] = model_from(content)
        while len(_LOADED) > MOST_LOADED:
            _LOADED.pop(next(iter(_LOADED)), None)
    return known


def titles(session: CrmSession, names: Collection[str] | None = None) -> Mapping[str, str]:
    """Return the titles of intents by name, of all or of some; a name without a record stands for itself."""
    query = select(Intent.name, Intent.title)
    if names is not None:
        query = query.where(Intent.name.in_(set(names)))
    return {row.name: row.title for row in session.execute(query)}
