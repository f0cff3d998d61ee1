"""Who may decide what a source does: whatever it sends has the rights of the user whom it acts as."""

from __future__ import annotations

from uuid import UUID

from crmkit import CrmSession, InvalidInput, Problem, Refused, User, texts

_ = texts("crmkit_integration")


def require_standing(session: CrmSession, user_id: UUID | None) -> None:
    """Raise Refused unless the actor is the user whom a source acts as, or may give people their rights."""
    rights = session.guarding.rights
    if user_id is not None and session.get(User, user_id) is None:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such active user."), field="runs_as_id")])
    if rights.unrestricted or user_id == rights.user_id or rights.scope("user", "admin") != "none":
        return
    raise Refused(_("What a source does is done in the name of whom it acts as: only they, or who may give rights."))
