"""How often customers were asked, and when last, as facts as of any day.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_feedback.asking.models import Invitation

_ = texts("crmkit_feedback")

_INVITATION: Any = cast(Any, Invitation).__table__


def select_invitations(query: FactQuery) -> Select[Any]:
    """Return how often each customer had been asked by ``as_of``, as known at ``known_at``."""
    column = _INVITATION.c
    known = and_(column.sent_at <= query.as_of, query.within(column.customer_id))
    if not query.present:
        known = and_(known, column.created_at <= query.known_at)
    found: Any = (
        select(
            column.customer_id,
            func.count(column.id).label("invited"),
            func.max(column.sent_at).label("last_invited_at"),
        )
        .where(known)
        .group_by(column.customer_id)
    )
    return cast("Select[Any]", found)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers whose invitations have changed between two moments."""
    column = _INVITATION.c
    changed = or_(column.updated_at > since.known_at, column.sent_at > since.as_of)
    found: Any = select(column.customer_id).where(changed).distinct()
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="feedback",
        doc=_("Whether surveys have asked the customer"),
        select=select_invitations,
        touched=touched,
        columns=[
            Fact(name="invited", type=int, default=0, doc=_("How often surveys asked the customer")),
            Fact(name="last_invited_at", type=datetime | None, doc=_("When a survey asked the customer last")),
        ],
    )
]
