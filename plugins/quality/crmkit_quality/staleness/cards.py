"""What verifications put on the first page: those of one's own that are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from crmkit import CardLine, CrmSession, Customer, DashboardCard, texts
from crmkit_quality.scores.fields import title_of
from crmkit_quality.staleness.models import REASONS, Verification

_ = texts("crmkit_quality")

MOST = 6
SOON = timedelta(days=7)


def due(session: CrmSession) -> Sequence[CardLine]:
    """Return the open verifications that are due within a week, of the reader where the reader is a user; those that
    are late first."""
    today = session.today()
    query = select(Verification).where(Verification.state == "open", Verification.due_on <= today + SOON)
    user = session.guarding.rights.user_id
    if user is not None:
        query = query.where(Verification.owner_id == user)
    found = list(session.scalars(query.order_by(Verification.due_on, Verification.id).limit(MOST)))
    ids = [each.customer_id for each in found]
    names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return [
        CardLine(
            title=names.get(each.customer_id, ""),
            facts=[(_("Field"), title_of(each.about)), (_("Reason"), REASONS[each.reason])],
            at=each.due_on,
            path=f"/records/quality.verification/{each.id}",
            icon="checklist",
            tone="warn" if each.due_on < today else "",
        )
        for each in found
    ]


CARDS = [
    DashboardCard(
        name="quality.verifications",
        title=_("Data to verify"),
        rows=due,
        permission="quality.verification.read",
        path="/records/quality.verification",
        icon="checklist",
    )
]
