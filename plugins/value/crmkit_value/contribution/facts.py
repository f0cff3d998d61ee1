"""What each customer has brought, as facts: revenue, margin, cost to serve, contribution; of 365 days and in all.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Select,
    case,
    cast as sql_cast,
    exists,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from crmkit import Fact, FactQuery, FactSet, Interaction, Money, Product, PurchaseLine, texts
from crmkit_value.contribution.models import CategoryMargin, ServiceCost
from crmkit_value.policy.models import ValuePolicy

_ = texts("crmkit_value")

YEAR = timedelta(days=365)
_PART = 10_000
_STREAM, _LINE, _PRODUCT = (cast(Any, model).__table__ for model in (Interaction, PurchaseLine, Product))
_MARGIN, _POLICY, _COST = (cast(Any, model).__table__ for model in (CategoryMargin, ValuePolicy, ServiceCost))
_CATEGORY = _PRODUCT.metadata.tables["crm_product_category"]


def select_brought(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer who bought anything: what it came to, less refunds, and what stays
    of it by the margins of the products' categories."""
    stream, line, product = _STREAM, _LINE, _PRODUCT
    refund = stream.c.kind == "refund"
    usual = func.coalesce(
        select(type_coerce(_POLICY.c.margin_percent, BigInteger)).order_by(_POLICY.c.id).limit(1).scalar_subquery(),
        100 * _PART,
    )
    percent = func.coalesce(type_coerce(_MARGIN.c.percent, BigInteger), usual)
    own = query.in_base(line.c.amount_minor, stream.c.currency, stream.c.occurred_at)
    source = line.join(stream, stream.c.id == line.c.interaction_id)
    source = source.outerjoin(product, product.c.id == line.c.product_id)
    source = source.outerjoin(_CATEGORY, _CATEGORY.c.id == product.c.category_id)
    source = source.outerjoin(_MARGIN, _MARGIN.c.category == _CATEGORY.c.name)
    by_line = (
        select(
            stream.c.customer_id,
            stream.c.occurred_at,
            case((refund, -own), else_=own).label("amount"),
            percent.label("percent"),
        )
        .select_from(source)
        .where(stream.c.kind.in_(("purchase", "refund")), *_counted(query))
    )
    whole = query.in_base(stream.c.amount_minor, stream.c.currency, stream.c.occurred_at)
    without = select(
        stream.c.customer_id,
        stream.c.occurred_at,
        case((refund, -whole), else_=whole).label("amount"),
        sql_cast(usual, BigInteger).label("percent"),
    ).where(
        stream.c.kind.in_(("purchase", "refund")),
        ~exists(select(literal(1)).where(line.c.interaction_id == stream.c.id)),
        *_counted(query),
    )
    rows = union_all(by_line, without).subquery("brought")
    stays = _share(rows.c.amount, rows.c.percent)
    lately = rows.c.occurred_at > query.ago(YEAR)
    return select(
        rows.c.customer_id,
        _sum(rows.c.amount).label("revenue_total"),
        _sum(case((lately, rows.c.amount))).label("revenue_365"),
        _sum(stays).label("margin_total"),
        _sum(case((lately, stays))).label("margin_365"),
    ).group_by(rows.c.customer_id)


def select_served(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer with whom there was a contact that costs something."""
    stream, cost = _STREAM, _COST
    each = cost.c.contact_minor + (func.coalesce(stream.c.duration, 0) * cost.c.hour_minor + 1800) // 3600
    lately = stream.c.occurred_at > query.ago(YEAR)
    return (
        select(
            stream.c.customer_id,
            _sum(each).label("cost_to_serve_total"),
            _sum(case((lately, each))).label("cost_to_serve_365"),
        )
        .select_from(stream.join(cost, cost.c.kind == stream.c.kind))
        .where(*_counted(query))
        .group_by(stream.c.customer_id)
    )


def _counted(query: FactQuery) -> list[Any]:
    """Return the conditions for interactions that count: had occurred, were known, neither reversed nor a reversal."""
    stream, back = _STREAM, _STREAM.alias()
    undone = select(back.c.reverses_id).where(
        back.c.reverses_id.is_not(None), back.c.occurred_at <= query.as_of, back.c.recorded_at <= query.known_at
    )
    return [
        stream.c.customer_id.is_not(None),
        query.within(stream.c.customer_id),
        stream.c.occurred_at <= query.as_of,
        stream.c.recorded_at <= query.known_at,
        stream.c.reverses_id.is_(None),
        stream.c.id.not_in(undone),
    ]


def _share(amount: Any, percent: Any) -> Any:
    """Return so many ten-thousandths of a percent of an amount, rounded down; in two steps, as their product may be too
    large for 64 bits."""
    million = 100 * _PART
    return amount // million * percent + amount % million * percent // million


def _sum(value: Any) -> Any:
    return sql_cast(func.coalesce(func.sum(value), 0), BigInteger)


FACTS = [
    FactSet(
        name="value",
        select=select_brought,
        doc=_("What the customer has brought; money in the base currency at the rate of the day"),
        columns=[
            Fact(
                name="revenue_total",
                type=Money,
                default=0,
                title=_("Revenue so far"),
                doc=_("Purchases less refunds; what was reversed does not count"),
            ),
            Fact(
                name="revenue_365",
                type=Money,
                default=0,
                title=_("Revenue of 365 days"),
                doc=_("The same, of 365 days"),
            ),
            Fact(
                name="margin_total",
                type=Money,
                default=0,
                title=_("Margin so far"),
                doc=_("What stays of it by the margin of each product's category, else by that of the policy"),
            ),
            Fact(
                name="margin_365", type=Money, default=0, title=_("Margin of 365 days"), doc=_("The same, of 365 days")
            ),
        ],
    ),
    FactSet(
        name="value",
        select=select_served,
        doc=_("What contacts with the customer cost, as it is laid down now for their kinds"),
        columns=[
            Fact(
                name="cost_to_serve_total",
                type=Money,
                default=0,
                title=_("Cost to serve so far"),
                doc=_("Contacts and their hours, by what each kind costs"),
            ),
            Fact(
                name="cost_to_serve_365",
                type=Money,
                default=0,
                title=_("Cost to serve of 365 days"),
                doc=_("The same, of 365 days"),
            ),
            Fact(
                name="contribution_total",
                type=Money,
                default=0,
                title=_("Contribution so far"),
                doc=_("Margin less cost to serve"),
                expression="value.margin_total - value.cost_to_serve_total",
            ),
            Fact(
                name="contribution_365",
                type=Money,
                default=0,
                title=_("Contribution of 365 days"),
                doc=_("Margin less cost to serve, of 365 days"),
                expression="value.margin_365 - value.cost_to_serve_365",
            ),
        ],
    ),
]
