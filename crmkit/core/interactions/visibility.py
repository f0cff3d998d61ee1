"""Which interactions a reader may see by their visibility: private, of the participants, of the team, or of all.

This narrows what rights allow; it never widens it. Must not know timelines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true
from sqlalchemy.orm import aliased

from crmkit.core.access.models import TeamMember
from crmkit.core.interactions.models import Interaction, Participant
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard.conditions import ACTOR, MATES, USER, parameter
from crmkit.hooks.contributions import AccessRule
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


def visible_to(session: CrmSession, actor: Actor | None = None) -> ColumnElement[bool]:
    """Return the condition on `Interaction` for what an actor (the session's, where none is given) may see.

    Everybody sees their own. ``participants`` adds the users who took part, ``team`` everybody who shares a team with
    the user who recorded it. System scope, plugins and jobs see everything, other actors that
    are no users what is for all.
    """
    actor = actor or session.actor
    if actor.kind in ("system", "plugin", "job"):
        return true()
    open_to_all = or_(Interaction.visibility == "all", Interaction.actor_id == actor.id)
    if actor.user_id is None:
        return open_to_all
    took_part = (
        select(Participant.id)
        .where(Participant.interaction_id == Interaction.id, Participant.user_id == actor.user_id)
        .exists()
    )
    mates = mates_of(session, actor)
    return or_(
        open_to_all,
        and_(Interaction.visibility.in_(("participants", "team")), took_part),
        and_(Interaction.visibility == "team", Interaction.actor_id.in_(mates)),
    )


def mates_of(session: CrmSession, actor: Actor) -> list[str]:
    """Return the actor ids of the users who share a team with a user."""
    mine, others = aliased(TeamMember), aliased(TeamMember)
    query = (
        select(others.user_id)
        .join(mine, mine.team_id == others.team_id)
        .where(mine.user_id == actor.user_id)
        .distinct()
    )
    return sorted({Actor.user(identity).id for identity in session.scalars(query)})


def visibility_rules(resource: str) -> list[AccessRule]:
    """Return the record rule by which nobody reaches an interaction that is not visible to them."""
    if resource != "interaction":
        return []
    table, taken = cast(Any, Interaction).__table__, cast(Any, Participant).__table__
    mine = and_(taken.c.interaction_id == table.c.id, taken.c.user_id == parameter(USER))
    took_part = exists(select(1).where(mine).correlate_except(taken))
    visible = or_(
        table.c.visibility == "all",
        table.c.actor_id == parameter(ACTOR),
        and_(table.c.visibility.in_(("participants", "team")), took_part),
        and_(table.c.visibility == "team", table.c.actor_id.in_(parameter(MATES))),
    )
    return [AccessRule(effect="deny", reason=_("The interaction is visible to others only."), where=not_(visible))]
