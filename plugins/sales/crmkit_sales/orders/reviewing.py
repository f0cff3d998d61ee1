"""Looking again at the orders that wait: what kept them back may be gone, and rules may have changed.

Every hour a job does; one order that fails costs itself alone.
"""

from __future__ import annotations

import logging
from typing import Annotated

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, Job, Refused, operation, texts
from crmkit_sales.orders.models import Order

_ = texts("crmkit_sales")
_log = logging.getLogger("crmkit.sales")

MOST = 2000


@frozen(kw_only=True)
class Reviewed:
    """What a look at the orders has done: how many were looked at, went on, and failed."""

    orders: int
    moved: int
    failed: int


@operation("sales.order.review", title=_("Look at what waits"), permission="sales.order.update", hidden=True)
def review_orders(
    session: CrmSession,
    *,
    most: Annotated[int, Input(title=_("At most"), minimum=1, maximum=100_000, classified="internal")] = MOST,
) -> Reviewed:
    """Judge the rules anew for every order that was submitted and is not closed, those that wait longest first, each in
    a savepoint of its own. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    query = select(Order.id, Order.state).where(
        Order.submitted_at.is_not(None), Order.state.in_(("draft", "confirmed", "in_fulfilment", "delivered"))
    )
    moved = failed = 0
    found = session.execute(query.order_by(Order.state_since, Order.id).limit(most)).all()
    for identity, state in found:
        try:
            after = session.run("sales.order.advance", target=identity)
        except Exception as error:
            # Undone to its savepoint. Whatever it is, the other orders must not wait for it.
            failed += 1
            _log.warning("order %s could not be looked at: %r", identity, error)
            continue
        moved += after.state != state
    return Reviewed(orders=len(found), moved=moved, failed=failed)


def review_job(session: CrmSession, tick: object) -> None:
    """Look at the orders that wait: the job of every hour."""
    session.run("sales.order.review")


OPERATIONS = [review_orders]
JOBS = [
    Job(
        name="sales.orders",
        title=_("Look at orders that wait"),
        handler=review_job,
        every="60 minutes",
        catch_up="latest",
        acts_as="system",
        lease=600,
    )
]
