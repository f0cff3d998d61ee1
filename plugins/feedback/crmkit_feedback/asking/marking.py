"""What an invitation has come to, as answers arrive. Must not know answers.

An invitation of an anonymous survey never learns whether it was answered: it stays as it was sent.
"""

from __future__ import annotations

from crmkit import CrmSession
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.surveys.models import Survey

ORDER = ("planned", "sent", "opened", "started", "completed")
"""An invitation goes forward alone: a page that is sent again takes nothing back."""


def mark(session: CrmSession, invitation: Invitation, state: str) -> None:
    """Note within an operation that an invitation was "opened", "started", "completed" or "declined"; does nothing for
    an anonymous survey, nor backwards."""
    survey = session.get(Survey, invitation.survey_id)
    if survey is None or survey.anonymous:
        return
    before = invitation.state
    if before in ("completed", "withheld") or (before == "declined" and state != "completed"):
        return
    if state in ORDER and before in ORDER and ORDER.index(state) <= ORDER.index(before):
        return
    invitation.state = state
    if state == "completed":
        invitation.answered_at = session.gate.clock.business_now()


def give_up(invitation: Invitation) -> None:
    """Note within an operation that what was begun for an invitation is over unfinished: nobody is reminded of it, and
    it fills no quota."""
    if invitation.state in ("sent", "opened", "started"):
        invitation.state = "expired"
