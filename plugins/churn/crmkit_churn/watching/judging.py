"""How right warnings were: precision, recall, lead time, and what false alarms cost, by month and by cause.

Judged are warnings whose days are over; those that were acted on are told apart, as acting changes what is judged. Must
not know the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import median

from attrs import field, frozen

from crmkit.engines.statistics.intervals import Estimate, wilson


@frozen(kw_only=True)
class Warned:
    """A warning whose days are over: the day, what it was about, whether it was acted on, when the customer left within
    its days, and what the contact cost (minor units of the base currency)."""

    day: date
    cause: str
    acted: bool
    left_on: date | None
    cost_minor: int


@frozen(kw_only=True)
class WarningQuality:
    """How right some warnings were. ``precision`` is the share that came true, ``precision_alone`` of those that nobody
    acted on, ``recall`` the share of departures of which was warned before; ``lead_days`` the median from warning to
    leaving; ``false_cost_minor`` what contacts cost whose customers stayed though nobody acted."""

    key: str
    warnings: int
    precision: Estimate
    precision_alone: Estimate
    recall: Estimate
    lead_days: float | None
    false_alarms: int
    false_cost_minor: int
    days: tuple[int, ...] = field(default=(), converter=tuple, repr=False)


def judge(key: str, warned: Sequence[Warned], departures: int, foreseen: int) -> WarningQuality:
    """Return how right warnings were; ``foreseen`` of ``departures`` had a warning before."""
    true = [each for each in warned if each.left_on is not None]
    alone = [each for each in warned if not each.acted]
    false = [each for each in warned if each.left_on is None and not each.acted]
    leads = sorted((each.left_on - each.day).days for each in true if each.left_on is not None)
    return WarningQuality(
        key=key,
        warnings=len(warned),
        precision=wilson(len(true), len(warned)),
        precision_alone=wilson(sum(1 for each in alone if each.left_on is not None), len(alone)),
        recall=wilson(min(foreseen, departures), departures),
        lead_days=float(median(leads)) if leads else None,
        false_alarms=len(false),
        false_cost_minor=sum(each.cost_minor for each in false),
        days=leads,
    )


def by_cause(warned: Sequence[Warned]) -> dict[str, list[Warned]]:
    """Return warnings by what they were about."""
    found: dict[str, list[Warned]] = defaultdict(list)
    for each in warned:
        found[each.cause].append(each)
    return dict(sorted(found.items()))


def by_month(warned: Sequence[Warned]) -> dict[str, list[Warned]]:
    """Return warnings by the month of their day, such as 2026-03."""
    found: dict[str, list[Warned]] = defaultdict(list)
    for each in warned:
        found[f"{each.day:%Y-%m}"].append(each)
    return dict(sorted(found.items()))
