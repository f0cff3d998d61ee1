"""Whether one way of treating customers brings more of them to the goal than another, and whether chance dealt fairly.

Must not know databases.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from crmkit.engines.statistics.comparing import goodness_of_fit
from crmkit.engines.statistics.intervals import newcombe

Verdict = Literal["better", "worse", "unclear", "not believed"]
SUSPICIOUS = 0.001
"""Shares of customers that chance would deal so rarely or more rarely are not believed (sample ratio mismatch)."""


@frozen(kw_only=True)
class Compared:
    """Two groups by how many reached the goal. ``difference`` (with ``low`` and ``high``) is of the shares, at 95 %;
    ``rate`` and ``base_rate`` are the shares; ``dealt_p`` how likely chance deals so unevenly, None where no shares
    were meant."""

    customers: int
    goal: int
    base_customers: int
    base_goal: int
    rate: float
    base_rate: float
    difference: float
    low: float
    high: float
    dealt_p: float | None
    verdict: Verdict


def compare(
    goal: int, customers: int, base_goal: int, base_customers: int, *, shares: tuple[float, float] | None = None
) -> Compared:
    """Compare a group with a base: the difference of the shares that reached the goal, with Newcombe's interval (method
    10; Newcombe 1998, Statistics in Medicine 17, 873-890). ``shares`` are those by which chance was to deal them out;
    that it did is tested by Pearson's chi-square. Raises InvalidInput for an empty group."""
    found = newcombe(goal, customers, base_goal, base_customers)
    dealt = None
    if shares is not None and all(share > 0 for share in shares):
        dealt = goodness_of_fit((customers, base_customers), shares).p_value
    verdict: Verdict = "unclear"
    if dealt is not None and dealt < SUSPICIOUS:
        verdict = "not believed"
    elif (found.low or 0) > 0:
        verdict = "better"
    elif (found.high or 0) < 0:
        verdict = "worse"
    return Compared(
        customers=customers,
        goal=goal,
        base_customers=base_customers,
        base_goal=base_goal,
        rate=goal / customers,
        base_rate=base_goal / base_customers,
        difference=found.value or 0.0,
        low=found.low or 0.0,
        high=found.high or 0.0,
        dealt_p=dealt,
        verdict=verdict,
    )
