"""The report on purchases that crmkit ships: over time, by category and by kind of product, beside an earlier period.

What counts is what facts about purchases count: neither reversed nor a reversal, gross, in the base currency at the
rate of the day; of the customers that the reader may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from attrs import evolve, frozen
from sqlalchemy import ColumnElement, String, case, func, literal, select

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction, Product, ProductCategory, PurchaseLine
from crmkit.core.operations.inputs import Input
from crmkit.core.store.guard.computed import computed
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.querying import query_of
from crmkit.engines.facts.stream import counted, stream
from crmkit.engines.reports.customers import MOST, NONE, cut_off
from crmkit.engines.reports.periods import before, bounds, name_of, parts
from crmkit.errors import InvalidInput, Problem
from crmkit.hooks.contributions import TOTAL, Chart, Column, Figure, Note, Period, Report, Table
from crmkit.hooks.facts import FactQuery
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

Unit = Literal["day", "week", "month", "quarter", "year"]
By = Literal["day", "week", "month", "quarter", "year", "category", "kind"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
MOST_PARTS = 400
KINDS = {"main": _("Main products"), "addon": _("Add-ons"), "new": _("New products")}


@frozen(kw_only=True)
class Purchases:
    """Parameters of the report on purchases: the period, by what it is divided, and what it is compared with."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[By, Input(title=_("Divided by"), classified="internal")] = "month"
    compare: Annotated[Literal["none", "period", "year"], Input(title=_("Compared with"), classified="internal")] = (
        "none"
    )


@frozen(kw_only=True)
class _Sum:
    """What was bought in one group: purchases, customers, gross amount, refunds, and how many had no rate."""

    purchases: int = 0
    customers: int = 0
    amount: int = 0
    refunds: int = 0
    unconverted: int = 0


def rows(session: CrmSession, parameters: Purchases, moment: Moment) -> Table:
    """Return what was bought in each group of a period."""
    sums = _sums(session, parameters.period, parameters.by, moment)
    whole = _sums(session, parameters.period, None, moment).get(TOTAL, _Sum())
    earlier: dict[str, _Sum] | None = None
    told: list[Note] = []
    if parameters.compare != "none":
        period = before(parameters.period, parameters.compare)
        earlier = _aligned(_sums(session, period, parameters.by, moment), parameters, period)
        told.append(
            Note(text=_("Compared with {first} to {last}."), values={"first": period.first, "last": period.last})
        )
    if moment.base_currency is None:
        told.append(Note(text=_("No base currency is set, so there are no amounts.")))
    if whole.unconverted:
        text = _("{number} purchases could not be converted and are in no amount.")
        told.append(Note(text=text, values={"number": whole.unconverted}))
    titles = _titles(session, parameters, moment, [*sums, *(earlier or {})])
    found = [
        _row(key, titles[key], sums.get(key, _Sum()), None if earlier is None else earlier.get(key, _Sum()), whole)
        for key in titles
    ]
    compared = None if earlier is None else _plus(earlier.values())
    return Table(
        rows=found,
        columns=_columns(parameters),
        charts=_charts(parameters),
        totals=_row(TOTAL, "", whole, compared, whole),
        notes=told,
    )


def _row(key: str, title: str, one: _Sum, earlier: _Sum | None, whole: _Sum) -> dict[str, Any]:
    row: dict[str, Any] = {
        "group": key,
        "title": title,
        "purchases": one.purchases,
        "customers": one.customers,
        "amount": one.amount,
        "refunds": one.refunds,
        "net": one.amount - one.refunds,
        "share": one.amount / whole.amount if whole.amount else None,
    }
    if earlier is not None:
        row["before"] = earlier.amount
        row["change"] = (one.amount - earlier.amount) / earlier.amount if earlier.amount else None
    return row


def _plus(sums: Any) -> _Sum:
    found = list(sums)
    return _Sum(purchases=sum(each.purchases for each in found), amount=sum(each.amount for each in found))


def _aligned(sums: dict[str, _Sum], parameters: Purchases, earlier: Period) -> dict[str, _Sum]:
    """Return the sums of an earlier period under the keys of the units that they are compared with."""
    if parameters.by not in UNITS:
        return sums
    here = [name_of(part, parameters.by) for part in parts(parameters.period, parameters.by)]
    there = [name_of(part, parameters.by) for part in parts(earlier, parameters.by)]
    return {key: sums.get(other, _Sum()) for key, other in zip(here, there, strict=False)}


def _titles(session: CrmSession, parameters: Purchases, moment: Moment, found: Sequence[str]) -> dict[str, str]:
    if parameters.by in UNITS:
        begun = (part for part in parts(parameters.period, parameters.by) if part.first <= moment.today)
        names = [name_of(part, parameters.by) for part in begun]
        return dict(zip(names, names, strict=True))
    if parameters.by == "kind":
        known: dict[str, str] = dict(KINDS)
    else:
        known = dict(map(tuple, session.execute(select(ProductCategory.name, ProductCategory.title))))
    return {key: known.get(key, _("no product") if key == NONE else key) for key in sorted(dict.fromkeys(found))}


# --- in the database -------------------------------------------------------------------------------------------------


def _within(period: Period, query: FactQuery) -> list[ColumnElement[bool]]:
    begin, end = bounds(period, query.zone)
    table = stream()
    return [table.c.occurred_at >= begin, table.c.occurred_at < end, *counted(table, query)]


def _group(session: CrmSession, period: Period, by: By | None, query: FactQuery) -> tuple[Any, Any, Any]:
    """Return from where, by what, and which amount is added up."""
    table = stream()
    if by not in UNITS and by is not None:
        line, product, category = (cast(Any, each).__table__ for each in (PurchaseLine, Product, ProductCategory))
        source = table.outerjoin(line, line.c.interaction_id == table.c.id)
        source = source.outerjoin(product, product.c.id == line.c.product_id)
        source = source.outerjoin(category, category.c.id == product.c.category_id)
        key = category.c.name if by == "category" else product.c.kind
        amount = case((line.c.interaction_id.is_(None), table.c.amount_minor), else_=line.c.amount_minor)
        return source, func.coalesce(key, NONE), amount
    found = [period] if by is None else list(parts(period, by))
    if len(found) > MOST_PARTS:
        text = _("These are {number} units; at most {limit} can be shown.")
        raise InvalidInput([Problem("CK500", text, field="by", number=len(found), limit=MOST_PARTS)])
    names = [TOTAL] if by is None else [name_of(part, by) for part in found]
    ends = [
        (table.c.occurred_at < bounds(part, query.zone)[1], literal(name, String))
        for part, name in zip(found, names, strict=True)
    ]
    return table, case(*ends), table.c.amount_minor


def _sums(session: CrmSession, period: Period, by: By | None, moment: Moment) -> dict[str, _Sum]:
    query = query_of(moment, session.get_bind().dialect.name)
    table = stream()
    source, key, minor = _group(session, period, by, query)
    amount = query.in_base(minor, table.c.currency, table.c.occurred_at)
    bought, refunded = table.c.kind == "purchase", table.c.kind == "refund"
    lines = (
        select(
            table.c.customer_id,
            key.label("key"),
            func.count(case((bought, table.c.id)).distinct()).label("purchases"),
            func.coalesce(func.sum(case((bought, amount))), 0).label("amount"),
            func.coalesce(func.sum(case((refunded, amount))), 0).label("refunds"),
            func.count(case((bought & minor.is_not(None) & amount.is_(None), table.c.id)).distinct()).label("missing"),
        )
        .select_from(source)
        .where(*_within(period, query), table.c.kind.in_(("purchase", "refund")))
        .group_by(table.c.customer_id, key)
    )
    sub = computed(lines, "purchases")
    statement = (
        select(
            sub.c.key,
            func.sum(sub.c.purchases),
            func.count(case((sub.c.purchases > 0, sub.c.customer_id)).distinct()),
            func.sum(sub.c.amount),
            func.sum(sub.c.refunds),
            func.sum(sub.c.missing),
        )
        .select_from(Customer)
        .join(sub, sub.c.customer_id == Customer.id)
        .group_by(sub.c.key)
    )
    return {
        name: _Sum(**{field: int(value) for field, value in zip(_FIELDS, values, strict=True)})
        for name, *values in session.execute(statement)
    }


_FIELDS = ("purchases", "customers", "amount", "refunds", "unconverted")


def behind(session: CrmSession, parameters: Purchases, moment: Moment, figure: Figure) -> Table:
    """Return the purchases of a group, or its refunds, that the reader may see."""
    query = query_of(moment, session.get_bind().dialect.name)
    table = stream()
    source, key, _minor = _group(session, parameters.period, parameters.by, query)
    kinds = {"refunds": ("refund",), "net": ("purchase", "refund")}.get(figure.column, ("purchase",))
    chosen = select(table.c.id).select_from(source).where(*_within(parameters.period, query), table.c.kind.in_(kinds))
    if figure.row != TOTAL:
        chosen = chosen.where(key == figure.row)
    ids = computed(chosen.distinct(), "chosen")
    statement = (
        select(Interaction)
        .join(ids, ids.c.id == Interaction.id)
        .order_by(Interaction.occurred_at, Interaction.id)
        .limit(MOST + 1)
    )
    found = list(session.scalars(statement))
    listed = [
        {
            "id": str(each.id),
            "occurred_at": each.occurred_at,
            "kind": each.kind,
            "customer": str(each.customer_id),
            "amount": None if each.amount is None else str(each.amount),
            "external": each.external_id,
        }
        for each in found[:MOST]
    ]
    columns = [
        Column(name="id", title=_("Id")),
        Column(name="occurred_at", title=_("When"), kind="instant"),
        Column(name="kind", title=_("Kind")),
        Column(name="customer", title=_("Customer")),
        Column(name="amount", title=_("Amount")),
        Column(name="external", title=_("External id")),
    ]
    return Table(rows=listed, columns=columns, notes=cut_off(len(found)))


# --- what it looks like ----------------------------------------------------------------------------------------------

_GROUP = Column(name="title", title=_("Time"), doc=_("The time in which it was bought, by the company's days."))
_PURCHASES = Column(
    name="purchases",
    title=_("Purchases"),
    kind="integer",
    drills=True,
    doc=_("Purchases that were not reversed, one for each invoice."),
)
_CUSTOMERS = Column(
    name="customers", title=_("Customers"), kind="integer", doc=_("Different customers who bought something.")
)
_AMOUNT = Column(
    name="amount",
    title=_("Amount"),
    kind="money",
    drills=True,
    doc=_("What was bought, gross, in the base currency at the rate of its day."),
)
_REFUNDS = Column(
    name="refunds", title=_("Refunds"), kind="money", drills=True, doc=_("What was refunded in this time.")
)
_NET = Column(name="net", title=_("Net"), kind="money", drills=True, doc=_("The amount less the refunds of this time."))
_SHARE = Column(name="share", title=_("Share"), kind="share", doc=_("Its part of the amount of the whole period."))
_BEFORE = Column(
    name="before", title=_("Amount before"), kind="money", doc=_("The amount of the time it is compared with.")
)
_CHANGE = Column(
    name="change", title=_("Change"), kind="share", doc=_("By how much more was bought than before, as a part of that.")
)


def _columns(parameters: Purchases) -> tuple[Column, ...]:
    compared = () if parameters.compare == "none" else (_BEFORE, _CHANGE)
    if parameters.by in UNITS:
        return (_GROUP, _PURCHASES, _CUSTOMERS, _AMOUNT, _REFUNDS, _NET, *compared)
    title = _("Category") if parameters.by == "category" else _("Kind of product")
    doc = _("A purchase counts in each group of which it has a line; the amount is that of its lines.")
    return (evolve(_GROUP, title=title, doc=doc), _PURCHASES, _CUSTOMERS, _AMOUNT, _SHARE, *compared)


def _charts(parameters: Purchases) -> list[Chart]:
    shown = ("amount",) if parameters.compare == "none" else ("amount", "before")
    kind = Chart.lines if parameters.by in ("day", "week") else Chart.bars
    return [kind("title", *shown, title=_("Amount"))]


REPORTS = (
    Report(
        name="purchase.summary",
        title=_("Purchases"),
        doc=_("What customers bought in a period: over time, by category or by kind of product."),
        rows=rows,
        parameters=Purchases,
        defaults={"period": "last 12 months"},
        columns=(_GROUP, _PURCHASES, _CUSTOMERS, _AMOUNT, _REFUNDS, _NET),
        key="group",
        aggregates=True,
        counts="customers",
        behind=behind,
    ),
)
