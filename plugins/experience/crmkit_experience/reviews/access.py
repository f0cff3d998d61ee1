"""Who sees which reviews: one's own, those one is to do, and all of them whoever leads.

While a calibration is under way each of its raters sees their own review alone. Must not know operations.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, bindparam, func, not_, or_, select, true

from crmkit import AccessRule, Actor, Id, Role, UserRole, texts
from crmkit_experience.reviews.models import Review
from crmkit_experience.reviews.words import WAITING

_ = texts("crmkit_experience")

REVIEWER = _("Whoever is to do a review sees it.")
OTHERS = _("Reviews of others are seen by whoever leads.")
BLIND = _("Until all raters are done each sees their own review alone.")
# Who acts is a parameter of every statement: one compiled statement serves everybody.
_ME = bindparam("crmkit_user", type_=Id())


def _doing() -> ColumnElement[bool]:
    return func.coalesce(Review.reviewer_id == _ME, False)


def _leading() -> ColumnElement[bool]:
    roles = select(Role.name).join(UserRole, UserRole.role_id == Role.id)
    mine = roles.where(UserRole.user_id == _ME, Role.active)
    return or_(Review.lead_role.in_(mine), select(UserRole.user_id).join(Role, UserRole.role_id == Role.id).where(
        UserRole.user_id == _ME, Role.active, Role.name == "admin").exists())  # fmt: skip


def _about_me() -> ColumnElement[bool]:
    return and_(func.coalesce(Review.owner_id == _ME, False), Review.state != WAITING)


_RULES = [
    AccessRule(effect="allow", where=_doing(), reason=REVIEWER),
    AccessRule(effect="deny", where=not_(or_(_doing(), _about_me(), _leading())), reason=OTHERS),
    AccessRule(effect="deny", where=and_(Review.blind, not_(_doing())), reason=BLIND),
]
_NOBODY = [AccessRule(effect="deny", where=true(), reason=OTHERS)]


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Show everybody their own reviews and those they are to do, and whoever leads all."""
    if resource != "experience.review" or action == "create":
        return None
    return _RULES if actor.user_id is not None else _NOBODY
