"""Operations that share single records with users and teams, whatever the scopes of their roles.

A share widens a scope; it gives nothing to whom no role grants the action at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import select

from crmkit.core.access.models import Share, Team, User
from crmkit.core.access.resolving import bump
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, InvalidInput, NotFound, Problem, Refused
from crmkit.i18n import texts
from crmkit.security.roles.events import ShareChanged

_ = texts("crmkit")


@operation("share.create", title=_("Share a record"), effect="create", permission="share.create")
def create_share(
    session: CrmSession,
    *,
    resource: Annotated[str, Input(title=_("Resource"), max_length=120, classified="internal")],
    record_id: Annotated[UUID, Input(title=_("Record"), classified="internal")],
    user_id: Annotated[UUID | None, Input(title=_("User"), classified="internal", resource="user")] = None,
    team_id: Annotated[UUID | None, Input(title=_("Team"), classified="internal", resource="team")] = None,
    action: Annotated[Literal["read", "update"], Input(title=_("Action"), classified="internal")] = "read",
    expires_at: Annotated[datetime | None, Input(title=_("Expires at"), classified="internal")] = None,
) -> Share:
    """Share a record that has an owner with a user or a team, to read or to change it, for a while or for good.

    Only who may change a record may share it. Raises NotFound for a record that the actor cannot see, Refused for one
    that the actor may not change, InvalidInput for a resource whose records cannot be shared, when not exactly one of
    user and team is given, and for an instant that is past, AlreadyExists when the record is shared like this already.
    """
    _check(session, resource, user_id, team_id, expires_at)
    model = session.gate.registry.resources[resource].model
    record = session.get(model, record_id)
    if record is None:
        raise NotFound(_("There is no such record: {id}."), id=record_id)
    if not session.gate.may(session, ("update",), record):
        raise Refused(_("Only who may change a record may share it."))
    same = select(Share.id).where(
        Share.resource == resource,
        Share.record_id == record_id,
        Share.user_id == user_id,
        Share.team_id == team_id,
        Share.action == action,
    )
    with region(session, "whether a record is shared already"):
        if session.scalar(same) is not None:
            raise AlreadyExists(_("The record is shared like this already."))
    share = Share(
        resource=resource,
        record_id=record_id,
        user_id=user_id,
        team_id=team_id,
        action=action,
        expires_at=expires_at,
        granted_by=session.actor.id,
    )
    session.add(share)
    bump(session)
    session.emit(ShareChanged(share_id=share.id, resource=resource, record_id=record_id, shared=True))
    return share


def _check(
    session: CrmSession, resource: str, user_id: UUID | None, team_id: UUID | None, expires_at: datetime | None
) -> None:
    problems: list[Problem] = []
    declared = session.gate.registry.resources.get(resource)
    policy: Any = None if declared is None else declared.model.__access__
    if policy is None or policy.kind != "owned":
        problems.append(
            Problem(
                InvalidInput.code, _("Records of this resource cannot be shared."), field="resource", value=resource
            )
        )
    if (user_id is None) == (team_id is None):
        problems.append(Problem(InvalidInput.code, _("Name either a user or a team."), field="user_id"))
    if user_id is not None and session.scalar(select(User.id).where(User.id == user_id, User.active)) is None:
        problems.append(Problem(InvalidInput.code, _("There is no such active user."), field="user_id", value=user_id))
    if team_id is not None and session.get(Team, team_id) is None:
        problems.append(Problem(InvalidInput.code, _("There is no such team."), field="team_id", value=team_id))
    if expires_at is not None and expires_at <= session.gate.clock.now():
        problems.append(Problem(InvalidInput.code, _("This is past."), field="expires_at", value=expires_at))
    if problems:
        raise InvalidInput(problems)


@operation("share.revoke", title=_("Share a record no longer"), effect="delete", permission="share.create")
def revoke_share(session: CrmSession, share: Share) -> None:
    """Take back that a record is shared. Raises NotFound for a share that the actor neither made nor could make."""
    if share.granted_by != session.actor.id:
        declared = session.gate.registry.resources.get(share.resource)
        record = None if declared is None else session.get(declared.model, share.record_id)
        unrestricted = session.gate.rights(session).unrestricted
        if not unrestricted and (record is None or not session.gate.may(session, ("update",), record)):
            raise NotFound(_("There is no such record: {id}."), id=share.id)
    bump(session)
    session.emit(ShareChanged(share_id=share.id, resource=share.resource, record_id=share.record_id, shared=False))
    session.delete(share)


OPERATIONS = [create_share, revoke_share]
