"""Who has a saved reply, a macro or a view: everybody, a team, or one person. Must not know what these are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from crmkit_work.api import main_team
from sqlalchemy import and_, bindparam, exists, not_, select

from crmkit import AccessRule, Actor, CrmSession, Id, Input, Refused, TeamMember, texts
from crmkit_service.desk.models import SCOPES, InboxView, Macro, SavedReply

_ = texts("crmkit_service")

Scope = Annotated[
    Literal["personal", "team", "global"],
    Input(
        title=_("For whom"),
        choices={name: SCOPES[name] for name in ("personal", "team", "global")},
        classified="internal",
    ),
]
"""For whom something is to be."""
SHARED: dict[str, Any] = {
    "service.saved_reply": SavedReply,
    "service.macro": Macro,
    "service.view": InboxView,
}
REASON = _("It is somebody else's, or another team's.")


def _others(model: Any) -> Any:
    """Return the condition that a row is another one's or another team's; who acts is a parameter of each statement."""
    who: Any = bindparam("crmkit_user", type_=Id())
    in_team = exists(select(TeamMember.user_id).where(TeamMember.team_id == model.team_id, TeamMember.user_id == who))
    own = model.owner_id == who
    return and_(model.scope != "global", not_(own), not_(and_(model.scope == "team", in_team)))


_RULES = {name: [AccessRule(effect="deny", reason=REASON, where=_others(model))] for name, model in SHARED.items()}


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Deny what is another one's. Whoever acts for the whole system is nobody, and is asked elsewhere."""
    return None if action == "create" or actor.kind == "system" else _RULES.get(resource)


def placed(session: CrmSession, scope: str, resource: str) -> dict[str, Any]:
    """Return scope, owner and team of something new. Raises Refused where the actor may not make it for others."""
    user_id = session.guarding.rights.user_id
    if scope != "personal":
        require_manager(session, resource)
    if scope == "global" or user_id is None:
        return {"scope": "global", "owner_id": user_id, "team_id": None}
    team_id = main_team(session, user_id)
    if scope == "team" and team_id is None:
        raise Refused(_("You are in no team."))
    return {"scope": scope, "owner_id": user_id, "team_id": team_id if scope == "team" else None}


def require_mine(session: CrmSession, record: SavedReply | Macro | InboxView, resource: str) -> None:
    """Raise Refused for what is not the actor's own, without the right to manage what others have."""
    user_id: UUID | None = session.guarding.rights.user_id
    if record.scope != "personal" or record.owner_id != user_id:
        require_manager(session, resource)


def require_manager(session: CrmSession, resource: str) -> None:
    """Raise Refused without the right to change what others use."""
    rights = cast(Any, session.guarding.rights)
    if not rights.unrestricted and rights.scope(resource, "manage") == "none":
        raise Refused(
            _("{actor} may do this for nobody else."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            permission=f"{resource}.manage",
        )
