"""The page of suppressed addresses and of who has left: what to look up, what to add, what came in lately."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Page, texts
from crmkit_messaging.leaving.models import WAYS, Leave
from crmkit_messaging.sending.models import Suppression
from crmkit_messaging.sending.words import KINDS, SUPPRESSIONS

_ = texts("crmkit_messaging")

ROWS = 50


def suppressed(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what is suppressed lately, counted by reason, and who has left what, with the reasons given."""
    reason = query.get("reason", "")
    rows = select(Suppression).order_by(Suppression.created_at.desc(), Suppression.id.desc()).limit(ROWS)
    if reason in SUPPRESSIONS:
        rows = rows.where(Suppression.reason == reason)
    counts = dict(
        session.execute(select(Suppression.reason, func.count(Suppression.id)).group_by(Suppression.reason)).all()
    )
    left = session.execute(
        select(Leave.purpose, Leave.channel, func.count(Leave.id))
        .where(Leave.left_at.is_not(None))
        .group_by(Leave.purpose, Leave.channel)
        .order_by(Leave.purpose, Leave.channel)
    ).all()
    lately = session.scalars(
        select(Leave).where(Leave.left_at.is_not(None)).order_by(Leave.left_at.desc(), Leave.id.desc()).limit(20)
    ).all()
    return {
        "rows": session.scalars(rows).all(),
        "counts": [(name, title, counts.get(name, 0)) for name, title in SUPPRESSIONS.items()],
        "reason": reason,
        "reasons": SUPPRESSIONS,
        "kinds": KINDS,
        "ways": WAYS,
        "left": left,
        "lately": lately,
        "purposes": session.crm.config.get(session).options.get("consent_purpose", {}),
        "channels": session.gate.registry.tables["channel"],
        "may_manage": session.guarding.rights.scope("messaging.suppression", "manage") != "none",
    }


PAGES = [
    Page(
        name="messaging.suppressed",
        title=_("Suppressed addresses"),
        path="/suppressed",
        template="messaging/leaving/suppressed.html",
        context=suppressed,
        permission="messaging.suppression.manage",
        icon="eye-off",
    )
]
