"""Whether those who were satisfied stayed and spent more, beside customers who were alike before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from attrs import field, frozen

from crmkit import CrmSession, Moment, catalogue_of, frame, moment_of, texts
from crmkit.engines.statistics.distributions import Estimate, quantile, two_sided
from crmkit.engines.statistics.intervals import Sample, wilson

_ = texts("crmkit_feedback")

BANDS = ("bad", "middling", "good")
CONFOUNDERS = {
    "value": _("Value label"),
    "before": _("Spend before (thirds)"),
}
"""What is held equal by comparing within strata."""
NOT_HELD = (_("who answers at all"), _("length of the relation"), _("price, region and anything not recorded"))
"""What may still stand behind a difference."""


@frozen(kw_only=True)
class Person:
    """A customer at the earlier moment, and what came of it: whether he bought again, what was spent (minor units)."""

    band: str
    stratum: str
    stayed: bool
    spent: int


@frozen(kw_only=True)
class BandMoney:
    """What came of a band: how many, how many bought again with the interval, and the mean spend with its interval."""

    band: str
    n: int
    stayed: int
    kept: Estimate
    mean: float | None
    low: float | None
    high: float | None


@frozen(kw_only=True)
class Adjusted:
    """How much more of the satisfied than of the dissatisfied stayed, and spent, within strata that are alike.

    ``plain`` is the difference without strata. ``spent`` is in minor units for each customer.
    """

    plain: float
    stayed: float
    low: float
    high: float
    p_value: float
    spent: float
    spent_low: float
    spent_high: float
    strata: int
    n: int


@frozen(kw_only=True)
class Money:
    """The bands, the comparison that holds the confounders equal (None without a stratum with both), and which."""

    bands: tuple[BandMoney, ...] = field(converter=tuple)
    adjusted: Adjusted | None
    held: tuple[str, ...]
    days: int


def money(session: CrmSession, days: int = 180, *, moment: Moment | None = None) -> Money:
    """Return what came within so many days of how satisfied customers were before them.

    Bands are those of the last score then, spend is what ``purchase.amount`` has grown by. Customers without a score
    then do not count.
    """
    now = moment or moment_of(session)
    before = moment_of(session, now.as_of - timedelta(days=days), now.known_at)
    label = "label.value" if "label.value" in set(catalogue_of(session).names()) else ""
    names = ["feedback.band", "purchase.count", "purchase.amount", *([label] if label else [])]
    earlier = {row[0]: row[1:] for row in list(frame(session, names, moment=before).rows()) if row[1] is not None}
    later = list(frame(session, ["purchase.count", "purchase.amount"], moment=now).rows())
    cuts = _thirds([_minor(row[2], now.base_currency) for row in earlier.values()])
    people = []
    for customer, count, amount in later:
        if customer in earlier:
            band, had, spent, *rest = earlier[customer]
            before_spent = _minor(spent, now.base_currency)
            third = sum(before_spent > cut for cut in cuts)
            stratum = f"{rest[0] if rest else ''}/{third}"
            gained = _minor(amount, now.base_currency) - before_spent
            people.append(Person(band=band, stratum=stratum, stayed=(count or 0) > (had or 0), spent=gained))
    held = (*(("value",) if label else ()), "before")
    return Money(bands=[_band(band, people) for band in BANDS], adjusted=adjusted(people), held=held, days=days)


def _minor(value: Any, currency: str | None) -> int:
    from babel.numbers import get_currency_precision

    # A frame has money as a decimal of the base currency.
    return 0 if value is None or currency is None else int(value.scaleb(get_currency_precision(currency)))


def _thirds(values: Sequence[int]) -> tuple[int, int]:
    ordered = sorted(values)
    if not ordered:
        return 0, 0
    return ordered[(len(ordered) - 1) // 3], ordered[2 * (len(ordered) - 1) // 3]


def _band(band: str, people: Sequence[Person]) -> BandMoney:
    own = [each for each in people if each.band == band]
    stayed = sum(each.stayed for each in own)
    sample = Sample.of([each.spent for each in own])
    reach = quantile(0.95) * math.sqrt(sample.error) if sample.n > 1 else None
    return BandMoney(
        band=band,
        n=len(own),
        stayed=stayed,
        kept=wilson(stayed, len(own)),
        mean=sample.mean if own else None,
        low=None if reach is None else sample.mean - reach,
        high=None if reach is None else sample.mean + reach,
    )


def adjusted(people: Sequence[Person]) -> Adjusted | None:
    """Return the differences of satisfied and dissatisfied within strata, weighted by n1·n0 / (n1 + n0).

    Of those who stayed: the Mantel-Haenszel difference of risks with the variance of Greenland & Robins (1985),
    Biometrics 41, 55-68. Of spend: the same weights, variances by stratum. None where no stratum has both.
    """
    strata: dict[str, tuple[list[Person], list[Person]]] = defaultdict(lambda: ([], []))
    for each in people:
        if each.band != "middling":
            strata[each.stratum][0 if each.band == "good" else 1].append(each)
    both = [(good, bad) for good, bad in strata.values() if good and bad]
    if not both:
        return None
    weight = share = variance = amount = spread = 0.0
    for good, bad in both:
        n1, n0 = len(good), len(bad)
        a, c = sum(each.stayed for each in good), sum(each.stayed for each in bad)
        total = n1 + n0
        weight += n1 * n0 / total
        share += (a * n0 - c * n1) / total
        variance += (a * (n1 - a) * n0**3 + c * (n0 - c) * n1**3) / (n1 * n0 * total**2)
        one, other = Sample.of([each.spent for each in good]), Sample.of([each.spent for each in bad])
        amount += n1 * n0 / total * (one.mean - other.mean)
        spread += (n1 * n0 / total) ** 2 * (one.error + other.error)
    difference, error = share / weight, math.sqrt(variance) / weight
    spent, around = amount / weight, math.sqrt(spread) / weight
    z = quantile(0.95)
    all_good = [each for each in people if each.band == "good"]
    all_bad = [each for each in people if each.band == "bad"]
    plain = sum(p.stayed for p in all_good) / len(all_good) - sum(p.stayed for p in all_bad) / len(all_bad)
    return Adjusted(
        plain=plain,
        stayed=difference,
        low=difference - z * error,
        high=difference + z * error,
        p_value=two_sided(difference / error) if error else float(not difference),
        spent=spent,
        spent_low=spent - z * around,
        spent_high=spent + z * around,
        strata=len(both),
        n=sum(len(good) + len(bad) for good, bad in both),
    )
