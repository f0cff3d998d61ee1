"""Orders that use promotions: each once by its reference, within their limits, and given back with the order.

The row of a promotion is held while it is used, so that its limits hold whoever comes at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import aliased

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Interaction,
    Money,
    Subscription,
    convert,
    new_id,
    operation,
    texts,
)
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.inputs import ProgramName
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.money import digits_of
from crmkit_loyalty.promotions.asking import Asked, ask, shown
from crmkit_loyalty.promotions.errors import OrderGivenBack, OrderTaken, PromotionUsedUp
from crmkit_loyalty.promotions.events import PromotionReturned, PromotionUsed
from crmkit_loyalty.promotions.inputs import OrderUse, PaidOrder, Ref
from crmkit_loyalty.promotions.models import Promotion, PromotionCode, PromotionUse

_ = texts("crmkit_loyalty")

USE = "loyalty.promotion.use"
RUN = "loyalty.ledger.run"
BROUGHT_BACK = "loyalty.promotion.brought_back"
_PLAIN = {"synchronize_session": False}
Ids = Annotated[tuple[UUID, ...], Input(max_length=1000, classified="internal")]


@frozen(kw_only=True)
class GivenBack:
    """How many uses of promotions were given back."""

    uses: int = 0


@operation("loyalty.promotion.redeem", title=_("Use promotions for an order"), permission=USE)
def redeem(session: CrmSession, order: PaidOrder) -> OrderUse:
    """Write down which promotions an order used, once for each reference however often it is said; and say what it
    costs. Raises PromotionUsedUp where a limit was reached meanwhile, OrderGivenBack, OrderTaken, NotFound."""
    program = program_named(session, order.program)
    ref = order.ref.strip()
    if not ref:
        raise problem("ref", _("Say which order it is."))
    before = _uses(session, program, ref)
    if before:
        return _known(session, ref, before, order.customer_id)
    found = ask(session, program.name, order.lines, order.numbers, order.customer_id)
    customer = session.get_one(Customer, order.customer_id)
    names = sorted({part.offer.name for part in found.priced.parts if part.outcome == "given"})
    uses = [_use(session, program, customer, found, name, ref, order.interaction_id) for name in names]
    price = shown(session, found)
    return OrderUse(
        ref=ref,
        promotions=tuple(each.promotion for each in uses),
        discount=price.discount,
        free=price.free,
        price=price,
    )


@operation("loyalty.promotion.give_back", title=_("Give promotions of an order back"), permission=USE)
def give_back(session: CrmSession, *, ref: Ref, program: ProgramName = "") -> GivenBack:
    """Undo that an order used promotions, as it was cancelled: they can be used so often more. What was given back
    before stays so. Raises NotFound."""
    found = program_named(session, program)
    return GivenBack(uses=_return(session, _uses(session, found, ref.strip())))


@operation(BROUGHT_BACK, title=_("Give promotions of purchases back"), permission=RUN, hidden=True)
def brought_back(session: CrmSession, *, interaction_ids: Ids) -> GivenBack:
    """Give back what purchases used that were reversed, or refunded as a whole; the ids are theirs or of refunds of
    them."""
    query = select(Interaction).where(Interaction.id.in_(interaction_ids))
    about = {each.about_id or each.id for each in session.scalars(query)}
    gone = aliased(Interaction)
    count = 0
    for each in session.scalars(select(Interaction).where(Interaction.id.in_(about), Interaction.kind == "purchase")):
        undone = session.scalar(select(gone.id).where(gone.reverses_id == each.id)) is not None
        if undone or _refunded(session, each) >= (each.amount_minor or 0) > 0:
            names = [PromotionUse.interaction_id == each.id]
            if each.external_id:
                names.append((PromotionUse.ref == each.external_id) & (PromotionUse.customer_id == each.customer_id))
            count += _return(session, session.scalars(select(PromotionUse).where(or_(*names))).all())
    return GivenBack(uses=count)


def _refunded(session: CrmSession, purchase: Interaction) -> int:
    gone = aliased(Interaction)
    query = select(Interaction.amount_minor, Interaction.currency, Interaction.occurred_at).where(
        Interaction.about_id == purchase.id,
        Interaction.kind == "refund",
        Interaction.reverses_id.is_(None),
        ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
    )
    return sum(_in_currency(session, purchase, *row) for row in session.execute(query))


def _in_currency(
    session: CrmSession, purchase: Interaction, amount: int | None, currency: str | None, at: datetime
) -> int:
    """Return an amount in the currency of a purchase; nothing where that cannot be told."""
    if not amount or currency == purchase.currency or not currency or not purchase.currency:
        return int(amount or 0)
    day = at.astimezone(ZoneInfo(session.business().zone)).date()
    try:
        return convert(session, Money(int(amount), currency), purchase.currency, day).amount
    except CrmkitError:
        return 0


def _uses(session: CrmSession, program: Program, ref: str) -> list[PromotionUse]:
    query = select(PromotionUse).where(PromotionUse.program_id == program.id, PromotionUse.ref == ref)
    return list(session.scalars(query.order_by(PromotionUse.promotion)))


def _known(session: CrmSession, ref: str, uses: list[PromotionUse], customer_id: UUID) -> OrderUse:
    if any(each.customer_id != customer_id for each in uses):
        raise OrderTaken(ref)
    if all(each.returned_at is not None for each in uses):
        raise OrderGivenBack(ref)
    digits = digits_of(session)
    return OrderUse(
        ref=ref,
        promotions=tuple(each.promotion for each in uses),
        discount=Decimal(sum(each.discount_minor for each in uses)).scaleb(-digits),
        free=sum((each.free for each in uses), Decimal(0)),
    )


def _use(
    session: CrmSession,
    program: Program,
    customer: Customer,
    found: Asked,
    name: str,
    ref: str,
    interaction_id: UUID | None,
) -> PromotionUse:
    promotion = found.promotions[name]
    done: Any = session.execute(
        update(Promotion)
        .where(Promotion.id == promotion.id, or_(Promotion.most.is_(None), Promotion.used < Promotion.most))
        .values(used=Promotion.used + 1),
        execution_options=_PLAIN,
    )
    if done.rowcount != 1:
        raise PromotionUsedUp(promotion.title)
    session.expire(promotion)
    if promotion.most_each is not None:
        query = select(func.count()).select_from(PromotionUse)
        own = query.where(
            PromotionUse.program_id == program.id,
            PromotionUse.customer_id == customer.id,
            PromotionUse.promotion == name,
            PromotionUse.returned_at.is_(None),
        )
        if session.scalars(own).one() >= promotion.most_each:
            raise PromotionUsedUp(promotion.title)
    number = min(found.given[name], default=None)
    if promotion.own_codes and number is not None:
        taken: Any = session.execute(
            update(PromotionCode)
            .where(PromotionCode.number == number, PromotionCode.used_ref.is_(None))
            .values(used_ref=ref),
            execution_options=_PLAIN,
        )
        if taken.rowcount != 1:
            raise PromotionUsedUp(promotion.title)
    parts = [part for part in found.priced.parts if part.offer.name == name]
    made = PromotionUse(
        id=new_id(),
        customer_id=customer.id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        program_id=program.id,
        promotion_id=promotion.id,
        promotion=name,
        ref=ref,
        interaction_id=interaction_id,
        number=number,
        discount_minor=sum(part.discount for part in parts),
        free=sum((part.free for part in parts), Decimal(0)),
        used_at=session.gate.clock.business_now(),
    )
    session.add(made)
    session.flush()
    session.emit(PromotionUsed(use_id=made.id, customer_id=customer.id, promotion=name))
    return made


def _return(session: CrmSession, uses: Iterable[PromotionUse]) -> int:
    now = session.gate.clock.business_now()
    count = 0
    for each in uses:
        done: Any = session.execute(
            update(PromotionUse)
            .where(PromotionUse.id == each.id, PromotionUse.returned_at.is_(None))
            .values(returned_at=now),
            execution_options=_PLAIN,
        )
        if done.rowcount != 1:
            continue
        session.expire(each)
        # Of all versions: the next one goes on with what the one before it had.
        session.execute(
            update(Promotion)
            .where(
                Promotion.program_id == each.program_id,
                Promotion.name == each.promotion,
                Promotion.used > 0,
            )
            .values(used=Promotion.used - 1),
            execution_options=_PLAIN,
        )
        if each.number:
            session.execute(
                update(PromotionCode)
                .where(PromotionCode.number == each.number, PromotionCode.used_ref == each.ref)
                .values(used_ref=None),
                execution_options=_PLAIN,
            )
        session.emit(PromotionReturned(use_id=each.id, customer_id=each.customer_id, promotion=each.promotion))
        count += 1
    return count


def _recorded(session: CrmSession, happened: Any) -> None:
    if "refund" in _kinds(session, happened.interaction_ids):
        session.run(BROUGHT_BACK, {"interaction_ids": happened.interaction_ids})


def _reversed(session: CrmSession, happened: Any) -> None:
    if happened.kind == "purchase":
        session.run(BROUGHT_BACK, {"interaction_ids": (happened.interaction_id,)})


def _kinds(session: CrmSession, ids: Iterable[UUID]) -> set[str]:
    return set(session.scalars(select(Interaction.kind).where(Interaction.id.in_(list(ids))).distinct()))


OPERATIONS = [redeem, give_back, brought_back]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.promotion_recorded", event="interaction.recorded", handler=_recorded),
    Subscription(name="loyalty.promotion_reversed", event="interaction.reversed", handler=_reversed),
]
