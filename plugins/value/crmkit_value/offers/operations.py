"""What can be done with offers: have them found, and say what is not to be offered."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Job, NotFound, Product, Refused, operation, texts
from crmkit_value.offers.finding import Found, find
from crmkit_value.offers.models import NotOffered
from crmkit_value.policy.operations import policy_of

_ = texts("crmkit_value")

NIGHTLY, FIND = "value.offers_nightly", "value.find_offers"


@operation("value.offer.find", title=_("Find offers"), permission="value.score.run", hidden=True)
def find_offers(session: CrmSession) -> Found:
    """Find what to offer whom in place of what was found before. Raises Refused outside system scope, as offers do not
    depend on who asks."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    return find(session, policy_of(session))


@operation("value.offer.refresh", title=_("Find offers anew"), permission="value.score.run")
def refresh(session: CrmSession) -> None:
    """Have offers found anew as soon as a worker comes to it."""
    session.defer(FIND, unique=FIND)


@operation(
    "value.not_offered.create", title=_("Do not offer a product"), permission="value.policy.manage", effect="create"
)
def leave_out(
    session: CrmSession,
    *,
    product_id: Annotated[UUID, Input(title=_("Product"), resource="product", classified="internal")],
    reason: Annotated[str, Input(title=_("Reason"), max_length=300, classified="internal")] = "",
) -> NotOffered:
    """Say that a product is not to be offered to anybody, from the next time that offers are found. Raises NotFound."""
    if session.get(Product, product_id) is None:
        raise NotFound(_("There is no such product."))
    found = session.scalars(select(NotOffered).where(NotOffered.product_id == product_id)).first()
    if found is None:
        found = NotOffered(product_id=product_id)
        session.add(found)
    found.reason = reason or None
    session.defer(FIND, unique=FIND)
    return found


@operation("value.not_offered.delete", title=_("Offer it again"), permission="value.policy.manage", effect="delete")
def take_in(session: CrmSession, product: NotOffered) -> None:
    """Have a product offered again, from the next time that offers are found."""
    session.delete(product)
    session.defer(FIND, unique=FIND)


def find_job(session: CrmSession, tick: object = None) -> None:
    """Find offers: the job of every night, and of who asks for it."""
    session.run("value.offer.find", {})


OPERATIONS = [find_offers, refresh, leave_out, take_in]
JOBS = [
    Job(
        name=NIGHTLY,
        title=_("Find what to offer customers next"),
        handler=find_job,
        cron="50 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=1800,
    ),
    Job(
        name=FIND,
        title=_("Find what to offer customers next, as somebody asked"),
        handler=find_job,
        acts_as="system",
        lease=1800,
    ),
]
