"""The report on baskets: pairs that are bought together, with support, confidence and lift, each with its interval.

Computed over the purchases of the customers whom the reader may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import and_, select

from crmkit import (
    Column,
    CrmSession,
    Figure,
    Input,
    Interaction,
    Moment,
    Note,
    Product,
    ProductCategory,
    PurchaseLine,
    Report,
    Table,
    query_of,
    texts,
)
from crmkit_analytics.extras import library
from crmkit_analytics.stream.purchases import counted, dialect_of
from crmkit_analytics.stream.words import KEY, PeriodField, bounds

_ = texts("crmkit_analytics")

MOST = 500
Z = 1.959964


@frozen(kw_only=True)
class BasketParameters:
    """When, of what, what counts as together, and from how many on a pair is shown."""

    period: PeriodField
    of: Annotated[
        Literal["product", "category"],
        Input(title=_("Of"), choices={"product": _("Products"), "category": _("Categories")}, classified="internal"),
    ] = "product"
    together: Annotated[
        Literal["basket", "customer"],
        Input(
            title=_("Together"),
            choices={"basket": _("In one purchase"), "customer": _("By one customer")},
            classified="internal",
        ),
    ] = "basket"
    least: Annotated[int, Input(title=_("Least number together"), minimum=2, classified="internal")] = 5


@frozen(kw_only=True)
class Pair:
    """Of ``whole`` baskets ``first`` had the one, ``second`` the other and ``both`` had both: counts, or arrays
    of such, of many pairs at once."""

    both: Any
    first: Any
    second: Any
    whole: int

    @property
    def support(self) -> float:
        """Return the part of all baskets with both."""
        return self.both / self.whole

    @property
    def confidence(self) -> float:
        """Return the part of the baskets with the first that have the second."""
        return self.both / self.first

    @property
    def lift(self) -> Any:
        """Return how many times as often both are together as by chance."""
        return self.both / self.first * (self.whole / self.second)

    @property
    def low(self) -> Any:
        """Return the lower end of the 95% interval of the lift."""
        return self.lift / self._reach

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the ends of the 95% interval of the lift, on the scale of logarithms (delta method for a ratio of
        multinomial counts); a lift whose lower end is above 1 is more than chance."""
        return self.lift / self._reach, self.lift * self._reach

    @property
    def _reach(self) -> Any:
        np = library("numpy")
        variance = 1 / self.both - 1 / self.first - 1 / self.second + (2 * self.lift - 1) / self.whole
        return np.exp(Z * np.sqrt(np.maximum(variance, 0.0)))


def basket_rows(session: CrmSession, parameters: BasketParameters, moment: Moment) -> Table:
    """Return the pairs that are together often enough, the one with the highest sure lift first, both ways round."""
    whole, found = _pairs(session.execute(_held(session, parameters, moment)), parameters.least)
    found.sort(key=lambda each: (-each[2].bounds[0], -each[2].both, str(each[0]), str(each[1])))
    titles = _titles(session, parameters, {each for pair in found[:MOST] for each in pair[:2]})
    rows: list[dict[str, Any]] = [
        {
            "key": f"{first}:{second}",
            "first": titles.get(first, str(first)),
            "second": titles.get(second, str(second)),
            "both": pair.both,
            "base": pair.first,
            "all": whole,
            "support": pair.support,
            "confidence": None,
            "lift": round(pair.lift, 3),
            "low": round(float(pair.bounds[0]), 3),
            "high": round(float(pair.bounds[1]), 3),
        }
        for first, second, pair in found[:MOST]
    ]
    text = _("{number} baskets; pairs of fewer than {least} are left out.")
    return Table(rows=rows, notes=[Note(text=text, values={"number": whole, "least": parameters.least})])


def _pairs(held: Iterable[Any], least: int) -> tuple[int, list[tuple[UUID, UUID, Pair]]]:
    """Return how many have something, and the surest pairs of items that at least so many have, both ways round, from
    who has what: by the product of a sparse matrix with itself, since a join of the table with itself takes a minute
    where this takes seconds."""
    np, sparse = library("numpy"), library("scipy.sparse")
    who: dict[UUID, int] = {}
    items: dict[UUID, int] = {}
    places = [(who.setdefault(one, len(who)), items.setdefault(item, len(items))) for one, item in held]
    if not places:
        return 0, []
    rows, columns = np.array(places, dtype=np.int64).T
    has = sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(who), len(items)))
    counts = np.asarray(has.sum(axis=0)).ravel()
    # What fewer have is in no pair that counts.
    often = np.flatnonzero(counts >= least)
    together = (has[:, often].T @ has[:, often]).tocoo()
    wanted = (together.row != together.col) & (together.data >= least)
    first, second, both = often[together.row[wanted]], often[together.col[wanted]], together.data[wanted]
    low = Pair(both=both, first=counts[first], second=counts[second], whole=len(who)).low
    names = list(items)
    surest = np.lexsort((second, first, -both, -low))[: 2 * MOST]
    return len(who), [
        (
            names[first[each]],
            names[second[each]],
            Pair(
                both=int(both[each]), first=int(counts[first[each]]), second=int(counts[second[each]]), whole=len(who)
            ),
        )
        for each in surest
    ]


def behind(session: CrmSession, parameters: BasketParameters, moment: Moment, figure: Figure) -> Table:
    """Return the purchases, or customers, that have both of a pair."""
    held = _held(session, parameters, moment).cte("held")
    other = held.alias("other")
    first, _colon, second = figure.row.partition(":")
    same = and_(other.c.who == held.c.who, held.c.item == UUID(first), other.c.item == UUID(second))
    found = session.execute(select(held.c.who).select_from(held.join(other, same)).order_by(held.c.who).limit(MOST))
    title = _("Purchase") if parameters.together == "basket" else _("Customer")
    return Table(rows=[{"id": str(row[0])} for row in found], columns=[Column(name="id", title=title)])


def _held(session: CrmSession, parameters: BasketParameters, moment: Moment) -> Any:
    """Return who, or which purchase, has what: each once."""
    query = query_of(moment, dialect_of(session))
    begin, end = bounds(session, parameters.period)
    who = PurchaseLine.interaction_id if parameters.together == "basket" else Interaction.customer_id
    item = PurchaseLine.product_id if parameters.of == "product" else Product.category_id
    return (
        select(who.label("who"), item.label("item"))
        .select_from(PurchaseLine)
        .join(Interaction, Interaction.id == PurchaseLine.interaction_id)
        .join(Product, Product.id == PurchaseLine.product_id)
        .where(
            *counted(query),
            Interaction.kind == "purchase",
            Interaction.occurred_at >= begin,
            Interaction.occurred_at < end,
            item.is_not(None),
        )
        .distinct()
    )


def _titles(session: CrmSession, parameters: BasketParameters, ids: Collection[UUID]) -> dict[UUID, str]:
    of: Any = Product if parameters.of == "product" else ProductCategory
    return dict(map(tuple, session.execute(select(of.id, of.title).where(of.id.in_(ids)))))


REPORTS = [
    Report(
        name="analytics.baskets",
        title=_("Bought together"),
        doc=_("Which products or categories are bought together, and how much more often than by chance."),
        rows=basket_rows,
        behind=behind,
        parameters=BasketParameters,
        defaults={"period": "last 12 months"},
        columns=[
            KEY,
            Column(name="first", title=_("Who buys")),
            Column(name="second", title=_("Buys as well")),
            Column(name="both", title=_("Both"), kind="integer", drills=True),
            Column(name="base", title=_("The first"), kind="integer"),
            Column(name="all", title=_("All"), kind="integer", hidden=True),
            Column(name="support", title=_("Support"), kind="share", doc=_("Part of all that have both.")),
            Column(
                name="confidence",
                title=_("Confidence"),
                kind="rate",
                successes="both",
                trials="base",
                doc=_("Part of those with the first that have the second, too."),
            ),
            Column(
                name="lift",
                title=_("Lift"),
                kind="number",
                doc=_("How many times as often both are together as by chance."),
            ),
            Column(name="low", title=_("Lift from"), kind="number", doc=_("Above 1 it is more than chance, at 95%.")),
            Column(name="high", title=_("Lift to"), kind="number", doc=_("Upper end of its 95% interval.")),
        ],
        permission="analytics.report.read",
        aggregates=True,
        counts="both",
    )
]
