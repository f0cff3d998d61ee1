"""Suggested replies: saved replies, and what was answered in cases like this one, by the kernel's search.

A suggestion is shown with where it comes from and is never sent by itself. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, search
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.desk.filling import filled, values_for
from crmkit_service.desk.models import SavedReply

SAVED, CASES = "service.saved_reply", "service.case"
MOST = 3
WORDS = 12
"""Of so many words of a case similar ones are looked for."""
SHORTEST = 3


@frozen(kw_only=True)
class Suggestion:
    """A text to answer with. ``used_from`` and ``id`` say what it is; ``title`` names it, ``number`` the case that it
    comes from, if one."""

    used_from: str
    id: UUID
    title: str
    text: str
    number: int | None = None


def suggestions_for(session: CrmSession, case: Case, text: str = "") -> list[Suggestion]:
    """Return what a case might be answered with, the most fitting first; ``text`` is what its customer wrote."""
    asked = words_of(f"{case.subject} {text}")
    if not asked:
        return []
    return [*_saved(session, case, asked), *_earlier(session, case, asked)][: 2 * MOST]


def words_of(text: str) -> str:
    """Return the first different words of a text that tell something."""
    found = dict.fromkeys(word.strip(".,;:!?()\"'“”。，；：！？（）") for word in text.split())
    return " ".join([word for word in found if len(word) >= SHORTEST or not word.isascii()][:WORDS])


def _saved(session: CrmSession, case: Case, asked: str) -> list[Suggestion]:
    ids = _ids(session, asked, SAVED)
    if case.intent:
        query = select(SavedReply.id).where(SavedReply.intent == case.intent, SavedReply.active)
        ids = list(dict.fromkeys([*session.scalars(query.order_by(SavedReply.title).limit(MOST)), *ids]))
    known = {each.id: each for each in session.scalars(select(SavedReply).where(SavedReply.id.in_(ids)))}
    language, values = case.language or "", values_for(session, case)
    found = [known[each] for each in ids if each in known and known[each].active]
    return [
        Suggestion(used_from="saved_reply", id=each.id, title=each.title, text=filled(each.body, values))
        for each in found
        if not each.language or not language or each.language == language
    ][:MOST]


def _earlier(session: CrmSession, case: Case, asked: str) -> list[Suggestion]:
    """Return the last answers of cases like this one that are over."""
    ids = [each for each in _ids(session, asked, CASES) if each != case.id]
    query = select(Case).where(Case.id.in_(ids), Case.phase.in_(("resolved", "closed")), Case.state != "spam")
    over = {each.id: each for each in session.scalars(query)}
    kept = [each for each in ids if each in over][: 2 * MOST]
    answers = _last_answers(session, kept)
    return [
        Suggestion(
            used_from="answer",
            id=answers[each].id,
            title=over[each].subject,
            text=answers[each].body or "",
            number=over[each].number,
        )
        for each in kept
        if each in answers
    ][:MOST]


def _last_answers(session: CrmSession, case_ids: Sequence[UUID]) -> dict[UUID, CaseMessage]:
    query = (
        select(CaseMessage)
        .where(CaseMessage.case_id.in_(case_ids), CaseMessage.direction == "out", ~CaseMessage.automatic)
        .order_by(CaseMessage.at, CaseMessage.id)
    )
    return {each.case_id: each for each in session.scalars(query) if each.body}


def _ids(session: CrmSession, asked: str, kind: str) -> list[UUID]:
    if kind not in session.gate.registry.searchables:
        return []
    found = search(session, asked, within=[kind], limit=20)
    return [UUID(each.ref.partition(":")[2]) for each in found.hits]
