"""Facts out of the stream: purchases, usage, and all interactions.

What counts is what had occurred and was recorded, neither reversed nor a reversal. Purchases count gross, one for each
invoice; money is in the base currency at the rate of the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast as sql_cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from crmkit.core.business.models import CurrencyRate
from crmkit.core.business.money import Money
from crmkit.core.interactions.models import Interaction
from crmkit.engines.facts.querying import between, local_day, without_index
from crmkit.hooks.facts import Fact, FactQuery, FactSet, Only, Scan
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_DAY = 86_400
_UNIT = 10**6


def stream() -> Any:
    """Return the table of interactions."""
    return cast(Any, Interaction).__table__


def had_happened(table: Any, query: FactQuery, *, plain: bool = False) -> ColumnElement[bool]:
    """Return the condition that an interaction had occurred and was known; ``plain`` is for reading all of them."""
    happened: Any = (without_index(table.c.occurred_at) if plain else table.c.occurred_at) <= query.as_of
    return happened if query.present else and_(happened, table.c.recorded_at <= query.known_at)


def counted(table: Any, query: FactQuery) -> list[ColumnElement[bool]]:
    """Return the conditions for interactions that count: of the customers that are needed, neither reversed nor
    reversals."""
    reversal = stream().alias("reversal")
    if query.customers is None and query.dialect == "sqlite":
        # The few reversals are read once: SQLite would look for one beside each interaction, and find interactions by
        # the index over what most of them have not.
        some = reversal.c.reverses_id > func.zeroblob(0)
        reversed_ = select(reversal.c.reverses_id).where(some, had_happened(reversal, query, plain=True))
        return [
            without_index(table.c.customer_id).is_not(None),
            had_happened(table, query, plain=True),
            without_index(table.c.reverses_id).is_(None),
            table.c.id.not_in(reversed_),
        ]
    taken_back = select(literal(1)).where(reversal.c.reverses_id == table.c.id, had_happened(reversal, query))
    return [
        table.c.customer_id.is_not(None),
        query.within(table.c.customer_id),
        had_happened(table, query),
        table.c.reverses_id.is_(None),
        ~exists(taken_back),
    ]


def _rows(query: FactQuery) -> Select[Any]:
    table = stream()
    money = query.in_base(table.c.amount_minor, table.c.currency, table.c.occurred_at)
    wanted = (table.c.customer_id, table.c.kind, table.c.channel, table.c.direction, table.c.occurred_at)
    details = (table.c.amount_minor, table.c.payload.label("payload"), money.label("amount_base"))
    return select(*wanted, *details).where(*counted(table, query))


STREAM = Scan(name="stream", rows=_rows)
"""The interactions that count, with their amounts in the base currency as ``amount_base``."""


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whose interactions something has occurred or become known between two moments."""
    table, rate = stream(), cast(Any, CurrencyRate).__table__
    reasons = [
        between(table.c.occurred_at, since.as_of, query.as_of),
        table.c.recorded_at > since.known_at,
        and_(
            table.c.currency != query.base_currency,
            exists(select(literal(1)).select_from(rate).where(rate.c.updated_at > since.known_at)),
        ),
    ]
    return select(table.c.customer_id).where(table.c.customer_id.is_not(None), or_(*reasons)).distinct()


def seconds(instant: Any, query: FactQuery) -> ColumnElement[int]:
    """Return an instant as whole seconds since 1970."""
    if query.dialect == "postgresql":
        return sql_cast(func.floor(func.extract("epoch", instant)), BigInteger)
    return sql_cast(func.strftime("%s", instant), BigInteger)


def in_days(span: Any, parts: Any = 1) -> ColumnElement[Any]:
    """Return a span of seconds, divided into so many parts, as days with six places, rounded half up."""
    whole = literal(_DAY, BigInteger) * parts
    return (2 * span * _UNIT + whole) // (2 * whole)


def total(aggregate: Any) -> ColumnElement[int]:
    """Return a sum as a 64-bit integer; of nothing it is null."""
    return sql_cast(aggregate, BigInteger)


def average(amount: Any, number: Any) -> ColumnElement[int | None]:
    """Return the average of amounts in minor units, rounded half up."""
    return case((number > 0, (2 * amount + number) // (2 * number)))


def of_kind(kind: str, *, many: bool = False) -> Any:
    """Return the condition that a row of the stream is of a kind. Of ``many`` SQLite would look each up that it finds
    by the index, when all customers are asked for; reading everything is quicker."""

    def where(rows: Any, query: FactQuery) -> Any:
        whole = many and query.customers is None and query.dialect == "sqlite"
        return (without_index(rows.c.kind) if whole else rows.c.kind) == kind

    return where


def _days(rows: Any, query: FactQuery) -> Any:
    return func.count(local_day(rows.c.occurred_at, query.zone, query.dialect).distinct())


# --- purchases -------------------------------------------------------------------------------------------------------


def _purchases(rows: Any, query: FactQuery, only: Only) -> Mapping[str, Any]:
    first, last = only(func.min(rows.c.occurred_at)), only(func.max(rows.c.occurred_at))
    number, amount = only(func.count()), total(only(func.sum(rows.c.amount_base)))
    converted = only(func.count(rows.c.amount_base))
    span = seconds(last, query) - seconds(first, query)
    return {
        "count": number,
        "amount": amount,
        "average_amount": average(amount, converted),
        "unconverted": only(func.count(rows.c.amount_minor)) - converted,
        "first_at": first,
        "last_at": last,
        "days": only(_days(rows, query)),
        "average_gap_days": case((number > 1, in_days(span, number - 1))),
    }


def _refunds(rows: Any, query: FactQuery, only: Only) -> Mapping[str, Any]:
    converted = only(func.count(rows.c.amount_base))
    return {
        "refunds": only(func.count()),
        "refund_amount": total(only(func.sum(rows.c.amount_base))),
        "refunds_unconverted": only(func.count(rows.c.amount_minor)) - converted,
        "last_refund_at": only(func.max(rows.c.occurred_at)),
    }


PURCHASES = FactSet(
    name="purchase",
    title=_("Purchases"),
    doc=_("What a customer bought: purchases that were not reversed, one for each invoice, refunds not subtracted."),
    scan=STREAM,
    where=of_kind("purchase", many=True),
    measures=_purchases,
    touched=touched,
    columns=(
        Fact(name="count", type=int, default=0, title=_("Purchases"), doc=_("How many purchases there are.")),
        Fact(name="amount", type=Money, default=0, title=_("Amount"), doc=_("What all purchases come to.")),
        Fact(
            name="average_amount",
            type=Money | None,
            title=_("Average amount"),
            doc=_("What a purchase comes to on average, of those that could be converted; rounded half up."),
        ),
        Fact(
            name="unconverted",
            type=int,
            default=0,
            title=_("Not converted"),
            doc=_("Purchases that are missing in the amounts: there is no rate for their currency and day."),
        ),
        Fact(name="first_at", type=datetime | None, title=_("First purchase"), doc=_("When the first purchase was.")),
        Fact(name="last_at", type=datetime | None, title=_("Last purchase"), doc=_("When the last purchase was.")),
        Fact(
            name="days",
            type=int,
            default=0,
            title=_("Days with purchases"),
            doc=_("On how many calendar days there were purchases."),
            unit="day",
        ),
        Fact(
            name="average_gap_days",
            type=Decimal | None,
            title=_("Average gap"),
            doc=_("Days between two purchases on average: the first to the last, by the number of gaps."),
            unit="day",
        ),
    ),
)

REFUNDS = FactSet(
    name="purchase",
    scan=STREAM,
    where=of_kind("refund"),
    measures=_refunds,
    touched=touched,
    columns=(
        Fact(name="refunds", type=int, default=0, title=_("Refunds"), doc=_("How many refunds there are.")),
        Fact(name="refund_amount", type=Money, default=0, title=_("Refunded"), doc=_("What all refunds come to.")),
        Fact(
            name="refunds_unconverted",
            type=int,
            default=0,
            title=_("Refunds not converted"),
            doc=_("Refunds that are missing in the amounts: there is no rate for their currency and day."),
        ),
        Fact(name="last_refund_at", type=datetime | None, title=_("Last refund"), doc=_("When the last refund was.")),
    ),
)

NET = FactSet(
    name="purchase",
    columns=(
        Fact(
            name="net_amount",
            type=Money,
            default=0,
            title=_("Net amount"),
            doc=_("What all purchases come to, less what was refunded."),
            expression="purchase.amount - purchase.refund_amount",
        ),
    ),
)


def _gap_rows(query: FactQuery) -> Select[Any]:
    """Return the 90th percentile of the gaps by nearest rank: the smallest that at least nine in ten do not exceed."""
    table = stream()
    at = seconds(table.c.occurred_at, query)
    one = {"partition_by": table.c.customer_id, "order_by": (table.c.occurred_at, table.c.id)}
    gaps = (
        select(table.c.customer_id, (at - func.lag(at).over(**one)).label("gap"))
        .where(table.c.kind == "purchase", *counted(table, query))
        .subquery("gaps")
    )
    place = func.row_number().over(partition_by=gaps.c.customer_id, order_by=gaps.c.gap)
    number = func.count().over(partition_by=gaps.c.customer_id)
    ranked = (
        select(gaps.c.customer_id, gaps.c.gap, place.label("place"), number.label("number"))
        .where(gaps.c.gap.is_not(None))
        .subquery("ranked")
    )
    # One row each already; but what is grouped by the customer SQLite joins by an index of its own making.
    middle = in_days(func.max(ranked.c.gap)).label("gap_p90_days")
    return (
        select(ranked.c.customer_id, middle)
        .where(ranked.c.place == (9 * ranked.c.number + 9) // 10)
        .group_by(ranked.c.customer_id)
    )


GAPS = FactSet(
    name="purchase",
    select=_gap_rows,
    touched=touched,
    columns=(
        Fact(
            name="gap_p90_days",
            type=Decimal | None,
            title=_("Usual gap"),
            doc=_("Days between two purchases that nine in ten gaps of the customer's own do not exceed."),
            unit="day",
        ),
    ),
)


# --- usage and all interactions --------------------------------------------------------------------------------------


def _happenings(rows: Any, query: FactQuery, only: Only) -> Mapping[str, Any]:
    return {
        "count": only(func.count()),
        "first_at": only(func.min(rows.c.occurred_at)),
        "last_at": only(func.max(rows.c.occurred_at)),
        "days": only(_days(rows, query)),
        "last_inbound_at": only(func.max(case((rows.c.direction == "in", rows.c.occurred_at)))),
        "last_outbound_at": only(func.max(case((rows.c.direction == "out", rows.c.occurred_at)))),
    }


USAGE = FactSet(
    name="usage",
    title=_("Usage"),
    doc=_("What a customer used."),
    scan=STREAM,
    where=of_kind("usage", many=True),
    measures=_happenings,
    touched=touched,
    columns=(
        Fact(name="count", type=int, default=0, title=_("Uses"), doc=_("How often something was used.")),
        Fact(name="first_at", type=datetime | None, title=_("First use"), doc=_("When something was used first.")),
        Fact(name="last_at", type=datetime | None, title=_("Last use"), doc=_("When something was used last.")),
        Fact(
            name="days",
            type=int,
            default=0,
            title=_("Days with usage"),
            doc=_("On how many calendar days something was used."),
            unit="day",
        ),
    ),
)

INTERACTIONS = FactSet(
    name="interaction",
    title=_("Interactions"),
    doc=_("What happened with a customer, of whatever kind."),
    scan=STREAM,
    measures=_happenings,
    touched=touched,
    columns=(
        Fact(name="count", type=int, default=0, title=_("Interactions"), doc=_("How many interactions there are.")),
        Fact(name="first_at", type=datetime | None, title=_("First interaction"), doc=_("When the first one was.")),
        Fact(name="last_at", type=datetime | None, title=_("Last interaction"), doc=_("When the last one was.")),
        Fact(
            name="days",
            type=int,
            default=0,
            title=_("Days with interactions"),
            doc=_("On how many calendar days something happened."),
            unit="day",
        ),
        Fact(
            name="last_inbound_at",
            type=datetime | None,
            title=_("Last inbound"),
            doc=_("When the customer last came to us."),
        ),
        Fact(
            name="last_outbound_at",
            type=datetime | None,
            title=_("Last outbound"),
            doc=_("When we last went to the customer."),
        ),
    ),
)


def _by_key(name: str, key_of: Any) -> Any:
    def measures(rows: Any, query: FactQuery, only: Only) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for number, key in enumerate(query.keys):
            this = key_of(rows) == key
            found[f"{name}_count:{number}"] = only(func.count(case((this, literal(1)))))
            found[f"{name}_last_at:{number}"] = only(func.max(case((this, rows.c.occurred_at))))
        return found

    return measures


def _keyed(of: str, name: str, key_of: Any, keyed: str, keys: Any, docs: tuple[str, str], kind: str = "") -> FactSet:
    def where(rows: Any, query: FactQuery) -> Any:
        mine = key_of(rows).in_(query.keys)
        return and_(rows.c.kind == kind, mine) if kind else mine

    return FactSet(
        name=of,
        keyed=keyed,
        keys=keys,
        scan=STREAM,
        where=where,
        measures=_by_key(name, key_of),
        touched=touched,
        columns=(
            Fact(name=f"{name}_count", type=int, default=0, doc=docs[0]),
            Fact(name=f"{name}_last_at", type=datetime | None, doc=docs[1]),
        ),
    )


def _channels(session: CrmSession) -> Sequence[str]:
    return sorted(session.gate.registry.tables["channel"])


def _kinds(session: CrmSession) -> Sequence[str]:
    return sorted(session.gate.registry.interaction_kinds)


def _feature(rows: Any) -> Any:
    return rows.c.payload["feature"].as_string()


BY_CHANNEL = _keyed(
    "interaction",
    "channel",
    lambda rows: rows.c.channel,
    _("channel"),
    _channels,
    (_("How many interactions there are by a channel."), _("When the last interaction by a channel was.")),
)
BY_KIND = _keyed(
    "interaction",
    "kind",
    lambda rows: rows.c.kind,
    _("kind of interaction"),
    _kinds,
    (_("How many interactions there are of a kind."), _("When the last interaction of a kind was.")),
)
BY_FEATURE = _keyed(
    "usage",
    "feature",
    _feature,
    _("feature"),
    None,
    (_("How often a feature was used."), _("When a feature was used last.")),
    kind="usage",
)

SETS: tuple[FactSet, ...] = (
    PURCHASES,
    REFUNDS,
    NET,
    GAPS,
    USAGE,
    BY_FEATURE,
    INTERACTIONS,
    BY_CHANNEL,
    BY_KIND,
)
