"""What customers' purchases come to for the models: days of buying and amounts, cut off at any day.

Purchases of one calendar day count as one; what was refunded is subtracted. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen

from crmkit_value.extras import library
from crmkit_value.probability.histories import Histories, histories

if TYPE_CHECKING:
    from crmkit_analytics.api import PurchaseDay

WEEK = 7.0
"""Days of the unit of time that parameters are told in."""


@frozen(kw_only=True, eq=False)
class Pasts:
    """Days of buying of many customers, as arrays with one place a day, ordered by customer and day.

    ``who`` numbers the customers, ``day`` is the ordinal of the day, ``bought`` whether something was bought on it
    (else there was a refund alone), ``net`` minor units.
    """

    ids: list[UUID]
    who: Any
    day: Any
    bought: Any
    net: Any
    unconverted: int

    def at(self, until: date) -> Summary:
        """Return what is known of each customer at the end of a day; who had bought nothing by then is left out."""
        np = library("numpy")
        size, end = len(self.ids), until.toordinal()
        seen = self.day <= end
        days = self.bought & seen
        count = np.bincount(self.who[days], minlength=size)
        first, last = np.full(size, np.iinfo(np.int64).max), np.zeros(size, dtype=np.int64)
        np.minimum.at(first, self.who[days], self.day[days])
        np.maximum.at(last, self.who[days], self.day[days])
        net = np.bincount(self.who[seen], weights=self.net[seen], minlength=size)
        later = seen & (self.day > first[self.who])
        again = np.bincount(self.who[later], weights=self.net[later], minlength=size)
        kept = np.flatnonzero(count > 0)
        x = count[kept] - 1
        mean = np.divide(again[kept], x, out=np.zeros(len(kept)), where=x > 0)
        return Summary(
            places=kept,
            x=x.astype(float),
            first=first[kept],
            last=last[kept],
            until=end,
            net=net[kept],
            mean=mean,
        )


@frozen(kw_only=True, eq=False)
class Summary:
    """What is known of customers at the end of a day: ``x`` further days of buying, the ordinals of the ``first`` and
    ``last`` one, ``net`` and the ``mean`` of a further day, in minor units. ``places`` numbers the customers."""

    places: Any
    x: Any
    first: Any
    last: Any
    until: int
    net: Any
    mean: Any

    @property
    def t_x(self) -> Any:
        """Return the weeks from the first day of buying to the last one."""
        return (self.last - self.first) / WEEK

    @property
    def T(self) -> Any:
        """Return the weeks from the first day of buying to the end."""
        return (self.until - self.first) / WEEK

    def histories(self) -> Histories:
        """Return what the models of buying are fitted to."""
        return histories(self.x, self.t_x, self.T)


def pasts_of(days: Iterable[PurchaseDay], since: date | None = None) -> Pasts:
    """Return days of buying, ordered by customer, as arrays; with ``since`` those of the customers alone who bought
    first on that day or later."""
    np = library("numpy")
    ids: list[UUID] = []
    who: list[int] = []
    day: list[int] = []
    bought: list[bool] = []
    net: list[int] = []
    unconverted = 0
    for customer_id, own in by_customer(days):
        first = min((each.day for each in own if each.purchases), default=None)
        if first is None or (since is not None and first < since):
            continue
        for each in own:
            who.append(len(ids))
            day.append(each.day.toordinal())
            bought.append(each.purchases > 0)
            net.append(each.net)
            unconverted += each.unconverted
        ids.append(customer_id)
    return Pasts(
        ids=ids,
        who=np.asarray(who, dtype=np.int64),
        day=np.asarray(day, dtype=np.int64),
        bought=np.asarray(bought, dtype=bool),
        net=np.asarray(net, dtype=float),
        unconverted=unconverted,
    )


def by_customer(days: Iterable[PurchaseDay]) -> Iterator[tuple[UUID, list[PurchaseDay]]]:
    """Return the days of one customer after the other, of days that are ordered by customer."""
    own: list[PurchaseDay] = []
    for each in days:
        if own and own[0].customer_id != each.customer_id:
            yield own[0].customer_id, own
            own = []
        own.append(each)
    if own:
        yield own[0].customer_id, own
