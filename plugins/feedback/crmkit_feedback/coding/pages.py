"""The page on which people code one text after the other, and on which it is read how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Page, texts
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.coding.models import Coding, Drawn
from crmkit_feedback.coding.reading import agreement_of
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

HOME = "/modules/feedback/coding"


def coding_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the next text that whoever looks has not coded, with nothing of what others or machines said of it, and
    how far people agree for those who may know."""
    rights = session.guarding.rights

    def may(action: str) -> bool:
        return bool(rights.unrestricted or rights.scope("feedback.coding", action) != "none")

    own = select(Coding.feedback_id).where(Coding.user_id == session.actor.user_id)
    waiting = (
        select(Feedback)
        .join(Drawn, Drawn.feedback_id == Feedback.id)
        .where(Drawn.settled_at.is_(None), Feedback.id.not_in(own))
    )
    left = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    following = session.scalars(waiting.order_by(Drawn.id).limit(1)).first() if may("create") else None
    themes = session.scalars(select(Theme).where(Theme.active.is_(True)).order_by(Theme.title)).all()
    return {
        "feedback": following,
        "left": left,
        "done": session.scalar(select(func.count()).select_from(own.subquery())) or 0,
        "themes": themes,
        "titles": {each.name: each.title for each in themes},
        "agreement": agreement_of(session) if may("draw") else None,
        "may_draw": may("draw"),
        "home": HOME,
    }


PAGES = [
    Page(
        name="feedback.coding",
        title=_("Coding by two people"),
        path="/coding",
        template="feedback/coding/coding.html",
        context=coding_page,
        permission="feedback.coding.create",
        icon="list-check",
        order=75,
    )
]
