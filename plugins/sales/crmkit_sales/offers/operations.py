"""What can be done with offers: note what was answered, say how they are found, and find them anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import attrs
from attrs import frozen
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Customer,
    Input,
    Job,
    NotFound,
    Product,
    Refused,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit_sales.offers.events import OfferAnswered
from crmkit_sales.offers.finding import find_offers, find_pairs
from crmkit_sales.offers.models import ANSWERS, TOGETHER, NextOffer, OfferAnswer, OfferPolicy

_ = texts("crmkit_sales")

REBUILD = "sales.offers"
AGAIN = "sales.offers_again"


@frozen(kw_only=True)
class Found:
    """What was found: how many pairs of products count, and how many offers there are."""

    pairs: int
    offers: int


@operation("sales.offer.answer", title=_("Note an answer"))
def answer_offer(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    product_id: Annotated[UUID, Input(title=_("Product"), resource="product", classified="internal")],
    answer: Annotated[Literal["taken", "declined"], Input(title=_("Answer"), choices=ANSWERS, classified="internal")],
    note: Annotated[str | None, Input(title=_("Note"), max_length=1000, multiline=True, classified="text")] = None,
) -> OfferAnswer:
    """Note what a customer answered to an offer; it is not made again for the days that the policy says, and the next
    one takes its place.

    Raises NotFound for a customer or a product that there is not.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    if session.get(Product, product_id) is None:
        raise NotFound(_("There is no such product."))
    offer = session.get(NextOffer, (customer_id, product_id))
    found = OfferAnswer(
        customer_id=customer_id,
        product_id=product_id,
        because_id=offer.because_id if offer is not None else None,
        answer=answer,
        note=note or None,
        answered_at=session.gate.clock.business_now(),
        until=session.today() + timedelta(days=policy_of(session).pause_days),
    )
    session.add(found)
    if offer is not None:
        session.delete(offer)
    session.emit(OfferAnswered(customer_id=customer_id, product_id=product_id, answer=answer))
    return found


_DAYS = 36_600
Days = Annotated[int, Input(title=_("Days that are looked at"), minimum=1, maximum=_DAYS, classified="internal")]
Repeat = Annotated[
    int,
    Input(title=_("Days until it is offered again after a purchase"), minimum=0, maximum=_DAYS, classified="internal"),
]
Pause = Annotated[
    int,
    Input(title=_("Days until it is offered again after an answer"), minimum=0, maximum=_DAYS, classified="internal"),
]


@attrs.frozen(kw_only=True)
class PolicyUpdate:
    """How offers are to be found; what is not given stays."""

    together: (
        Annotated[
            Literal["customer", "basket"], Input(title=_("Bought together"), choices=TOGETHER, classified="internal")
        ]
        | UnsetType
    ) = UNSET
    history_days: Days | UnsetType = UNSET
    least_together: (
        Annotated[int, Input(title=_("Least number together"), minimum=1, classified="internal")] | UnsetType
    ) = UNSET
    least_confidence: (
        Annotated[Decimal, Input(title=_("Least confidence (percent)"), minimum=0, maximum=100, classified="internal")]
        | UnsetType
    ) = UNSET
    least_lift: (
        Annotated[Decimal, Input(title=_("Least lift"), minimum=0, maximum=1000, classified="internal")] | UnsetType
    ) = UNSET
    repeat_days: Repeat | UnsetType = UNSET
    pause_days: Pause | UnsetType = UNSET
    per_customer: (
        Annotated[int, Input(title=_("Offers for each customer"), minimum=1, maximum=20, classified="internal")]
        | UnsetType
    ) = UNSET


@operation("sales.offer.configure", title=_("Change how offers are found"), permission="sales.offer.manage")
def configure_offers(session: CrmSession, changes: PolicyUpdate) -> OfferPolicy:
    """Change how offers are found, and have them found anew."""
    policy = policy_of(session)
    for name, value in given(changes).items():
        setattr(policy, name, value)
    session.add(policy)
    session.defer(AGAIN, unique=AGAIN)
    return policy


@operation("sales.offer.refresh", title=_("Find offers anew"), permission="sales.offer.manage")
def refresh_offers(session: CrmSession) -> None:
    """Have offers found anew as soon as a worker comes to it."""
    session.defer(AGAIN, unique=AGAIN)


@operation("sales.offer.rebuild", title=_("Find offers"), permission="sales.offer.manage", hidden=True)
def rebuild_offers(session: CrmSession) -> Found:
    """Find what is bought together and what to offer whom, in place of what was found before. Raises Refused outside
    system scope, as offers do not depend on who asks."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    policy = policy_of(session)
    found = Found(pairs=find_pairs(session, policy), offers=find_offers(session, policy))
    policy.built_at = session.gate.clock.business_now()
    session.add(policy)
    return found


def policy_of(session: CrmSession) -> OfferPolicy:
    """Return how offers are found: as somebody has said, or as it is usual, which is in no table yet."""
    known = session.scalar(select(OfferPolicy).order_by(OfferPolicy.id).limit(1))
    return known if known is not None else _usual()


def _usual() -> OfferPolicy:
    return OfferPolicy(
        together="customer",
        history_days=730,
        least_together=5,
        least_confidence=Decimal(10),
        least_lift=Decimal("1.2"),
        repeat_days=180,
        pause_days=90,
        per_customer=3,
    )


def rebuild_job(session: CrmSession, tick: object = None) -> None:
    """Find offers: the job of every night, and of who asks for it."""
    session.run("sales.offer.rebuild")


OPERATIONS = [answer_offer, configure_offers, refresh_offers, rebuild_offers]
JOBS = [
    Job(
        name=REBUILD,
        title=_("Find what to offer customers next"),
        handler=rebuild_job,
        cron="40 2 * * *",
        catch_up="latest",
        acts_as="system",
        lease=1800,
    ),
    Job(
        name=AGAIN,
        title=_("Find what to offer customers next, as somebody asked"),
        handler=rebuild_job,
        acts_as="system",
        lease=1800,
    ),
]
