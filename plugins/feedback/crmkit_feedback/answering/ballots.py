"""That nobody answers an anonymous survey twice, without keeping who has answered it with what.

What is kept is a code of the invitation, made with the installation's keys, in one row for the whole survey.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession
from crmkit_feedback.answering.models import SurveyBallots

PURPOSE = "feedback ballot"
"""What the codes are made for."""
SIZE = 8
"""Bytes of a code."""


def is_cast(session: CrmSession, survey_id: UUID, invitation_id: UUID) -> bool:
    """Say whether an invitation to an anonymous survey was used."""
    kept = session.scalar(select(SurveyBallots.codes).where(SurveyBallots.survey_id == survey_id)) or b""
    return any(code in _split(kept) for code in _codes(session, survey_id, invitation_id))


def cast_ballot(session: CrmSession, survey_id: UUID, invitation_id: UUID) -> bool:
    """Note within an operation that an invitation was used; say False where it was before."""
    query = select(SurveyBallots).where(SurveyBallots.survey_id == survey_id).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        row = SurveyBallots(survey_id=survey_id, codes=b"")
        session.add(row)
    kept = _split(row.codes)
    found = _codes(session, survey_id, invitation_id)
    if any(code in kept for code in found):
        return False
    row.codes = b"".join(sorted({*kept, found[0]}))
    session.flush()
    return True


def blind(session: CrmSession, text: str) -> str:
    """Return a code that stands for a text, the same for the same one, which tells nothing without the keys."""
    codes = session.crm.vault.codes(PURPOSE)
    return codes.versions[codes.version](text.encode()).hex()


def _codes(session: CrmSession, survey_id: UUID, invitation_id: UUID) -> list[bytes]:
    """Return the codes of an invitation: that of the present key, then those of the keys before."""
    codes = session.crm.vault.codes(PURPOSE)
    said = survey_id.bytes + invitation_id.bytes
    versions = sorted(codes.versions, key=lambda version: version != codes.version)
    return [codes.versions[version](said)[:SIZE] for version in versions]


def _split(kept: bytes) -> set[bytes]:
    return {kept[at : at + SIZE] for at in range(0, len(kept), SIZE)}
