"""The price of a cart by the promotions that count now. Must not write anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select

from crmkit import (
    CrmSession,
    Customer,
    NotFound,
    Product,
    ProductCategory,
    moment_of,
    places,
    row_expression,
    texts,
    values_of,
)
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.money import currency_of, digits_of
from crmkit_loyalty.promotions.inputs import AskedLine, CartPrice, LinePrice, Share
from crmkit_loyalty.promotions.models import Promotion, PromotionCode, PromotionUse
from crmkit_loyalty.promotions.pricing import Cart, CartLine, Offer, Priced, price

_ = texts("crmkit_loyalty")

FIELDS: Mapping[str, Any] = {
    "amount": Decimal,
    "quantity": Decimal,
    "lines": int,
    "weekday": int,
    "month": int,
    "hour": int,
    "day": date,
}
"""The names that a condition may use beside facts: ``amount`` is that of the cart as shown, in major units."""


@frozen(kw_only=True)
class Asked:
    """A cart with its price, and the promotions that were asked, by name."""

    priced: Priced
    promotions: Mapping[str, Promotion]
    given: Mapping[str, frozenset[str]]
    """Which codes of the cart each promotion has."""
    unknown: tuple[str, ...]


def plain(number: str) -> str:
    """Return a code as it is compared: people write it large or small, with spaces around."""
    return number.strip().upper()


def counting(session: CrmSession, program: Program, *, drafts: bool = False) -> Sequence[Promotion]:
    """Return the promotions of a programme that count; with drafts each draft in place of what counts."""
    states = ("published", "draft") if drafts else ("published",)
    query = select(Promotion).where(Promotion.program_id == program.id, Promotion.state.in_(states))
    found = {each.name: each for each in session.scalars(query.order_by(Promotion.name, Promotion.version_no))}
    return list(found.values())


def ask(
    session: CrmSession,
    program: str,
    lines: Sequence[AskedLine],
    numbers: Iterable[str],
    customer_id: UUID | None,
    at: datetime | None = None,
    *,
    drafts: bool = False,
) -> Asked:
    """Return the price of a cart. Raises NotFound for a programme or customer that the actor does not see."""
    found = program_named(session, program)
    if customer_id is not None:
        seen = select(func.count()).select_from(Customer).where(Customer.id == customer_id)
        if session.scalar(seen) != 1:
            raise NotFound(_("There is no customer {id}."), id=customer_id)
    promotions = {each.name: each for each in counting(session, found, drafts=drafts)}
    codes = frozenset(plain(each) for each in numbers if plain(each))
    given = _given(session, found, promotions.values(), codes)
    known = frozenset().union(*given.values()) if given else frozenset()
    when = (at or session.gate.clock.business_now()).astimezone(ZoneInfo(session.business().zone))
    made = _lines(session, lines)
    digits = digits_of(session)
    whole = sum((line.price * line.quantity for line in made), Decimal(0)).scaleb(-digits)
    conditions = {each.name: _condition(session, each.condition) for each in promotions.values()}
    facts = {ref for _holds, refs in conditions.values() for ref in refs}
    values: dict[Any, Any] = {
        **_facts(session, facts, customer_id),
        "amount": whole,
        "quantity": sum((line.quantity for line in made), Decimal(0)),
        "lines": len(made),
        "weekday": when.isoweekday(),
        "month": when.month,
        "hour": when.hour,
        "day": when.date(),
    }
    uses = _uses(session, found, customer_id) if customer_id is not None else {}
    offers = [
        _offer(each, conditions[each.name][0], given[each.name], uses.get(each.name, 0)) for each in promotions.values()
    ]
    cart = Cart(lines=made, day=when.date(), codes=codes, values=values)
    return Asked(priced=price(cart, offers), promotions=promotions, given=given, unknown=tuple(sorted(codes - known)))


def shown(session: CrmSession, asked: Asked) -> CartPrice:
    """Return a price in major units."""
    currency = currency_of(session)
    digits = places(currency)

    def major(amount: int) -> Decimal:
        return Decimal(amount).scaleb(-digits)

    priced = asked.priced
    return CartPrice(
        currency=currency,
        before=major(priced.before),
        discount=major(priced.discount),
        free=priced.free,
        untaxed=major(priced.net),
        tax=major(priced.total - priced.net),
        total=major(priced.total),
        lines=tuple(
            LinePrice(
                line_no=each.line.line_no,
                sku=each.line.sku,
                title=each.line.title,
                quantity=each.quantity,
                free=each.free,
                full=major(each.full),
                discount=major(each.discount),
                net=major(each.net),
                tax=major(each.tax),
                gross=major(each.gross),
            )
            for each in priced.lines
        ),
        parts=tuple(
            Share(
                promotion=each.offer.name,
                title=each.offer.title,
                line_no=each.line_no,
                discount=major(each.discount),
                free=each.free,
                outcome=each.outcome,
            )
            for each in priced.parts
        ),
        unknown=asked.unknown,
    )


def condition_of(session: CrmSession, text: str) -> Any:
    """Return a condition made ready. Raises ExpressionError, UnknownFact."""
    return row_expression(session, text, FIELDS, condition=True, facts=True)


def _condition(session: CrmSession, text: str) -> tuple[Callable[[Mapping[str, Any]], bool] | None, frozenset[Any]]:
    if not text.strip():
        return None, frozenset()
    expression = condition_of(session, text)
    holds = expression.at(session)
    return (lambda values: bool(holds(values))), expression.facts


def _facts(session: CrmSession, facts: set[Any], customer_id: UUID | None) -> dict[Any, Any]:
    from crmkit import catalogue_of

    if not facts:
        return {}
    known = catalogue_of(session)
    found = {ref: known.known(ref.name).fact.default for ref in facts}
    if customer_id is not None:
        found.update(values_of(session, facts, [customer_id], moment_of(session)).get(customer_id, {}))
    return found


def _given(
    session: CrmSession, program: Program, promotions: Iterable[Promotion], codes: frozenset[str]
) -> dict[str, frozenset[str]]:
    """Return which codes of a cart are those of which promotion; those that were used are not."""
    own: dict[str, set[str]] = {}
    if codes:
        query = select(PromotionCode).where(
            PromotionCode.program_id == program.id,
            PromotionCode.number.in_(sorted(codes)),
            PromotionCode.used_ref.is_(None),
        )
        for each in session.scalars(query):
            own.setdefault(each.promotion, set()).add(each.number)
    return {
        each.name: frozenset(own.get(each.name, ()))
        if each.own_codes
        else codes & ({plain(each.number)} if each.number else frozenset())
        for each in promotions
    }


def _uses(session: CrmSession, program: Program, customer_id: UUID) -> dict[str, int]:
    """Return for how many orders a customer has used promotions."""
    query = (
        select(PromotionUse.promotion, func.count())
        .where(
            PromotionUse.program_id == program.id,
            PromotionUse.customer_id == customer_id,
            PromotionUse.returned_at.is_(None),
        )
        .group_by(PromotionUse.promotion)
    )
    return {name: int(number) for name, number in session.execute(query)}


def _lines(session: CrmSession, lines: Sequence[AskedLine]) -> list[CartLine]:
    skus = {line.sku.strip() for line in lines if line.sku.strip()}
    query = (
        select(Product.sku, Product.title, ProductCategory.name)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .where(Product.sku.in_(skus))
    )
    known = {row[0]: (row[1], row[2] or "") for row in session.execute(query)} if skus else {}
    digits = digits_of(session)
    return [
        CartLine(
            line_no=number,
            sku=line.sku.strip(),
            quantity=line.quantity,
            price=line.price.scaleb(digits),
            category=line.category or known.get(line.sku.strip(), ("", ""))[1],
            title=line.title or known.get(line.sku.strip(), ("", ""))[0] or line.sku.strip(),
            tax=line.tax,
            taxed=line.taxed,
        )
        for number, line in enumerate(lines, 1)
    ]


def _offer(
    promotion: Promotion,
    condition: Callable[[Mapping[str, Any]], bool] | None,
    given: frozenset[str],
    uses: int,
) -> Offer:
    refused = ""
    if promotion.most is not None and promotion.used >= promotion.most:
        refused = "used_up"
    elif promotion.most_each is not None and uses >= promotion.most_each:
        refused = "customer_used_up"
    return Offer(
        name=promotion.name,
        title=promotion.title,
        kind=promotion.kind,
        percent=promotion.percent,
        amount=promotion.amount_minor,
        buy=promotion.buy,
        get=promotion.get,
        gift=promotion.gift or "",
        added=promotion.added,
        skus=frozenset(promotion.skus),
        categories=frozenset(promotion.categories),
        minimum=promotion.minimum_minor,
        condition=condition,
        codes=given if promotion.number or promotion.own_codes else None,
        position=promotion.position,
        stack=promotion.stack,
        last=promotion.last,
        since=promotion.since,
        until=promotion.until,
        refused=refused,
    )
