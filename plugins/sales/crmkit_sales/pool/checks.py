"""What ``crmkit doctor`` says of pools: conditions that can be used no longer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from crmkit import Check, CrmkitError, CrmSession, Finding, customers_where, texts
from crmkit_sales.pool.models import Pool

_ = texts("crmkit_sales")

_NOBODY = UUID(int=0)


def conditions(session: CrmSession) -> Sequence[Finding]:
    """Return active pools whose condition cannot be used, as a fact is gone: nobody comes in, nobody goes."""
    found: list[Finding] = []
    for pool in session.scalars(select(Pool).where(Pool.active.is_(True)).order_by(Pool.name)):
        try:
            customers_where(session, pool.condition, among=[_NOBODY])
        except CrmkitError as error:
            found.append(
                Finding(
                    level="warning",
                    code="SAL391",
                    message=_('The condition of the pool "{pool}" cannot be used: {reason}'),
                    hint=_("Change it in the page of the pool."),
                    values={"pool": pool.title, "reason": error.render()},
                )
            )
    return found


CHECKS = [Check(name="sales.pool_conditions", title=_("Conditions of pools"), run=conditions)]
