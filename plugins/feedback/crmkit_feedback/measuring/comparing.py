"""Whether figures differ: of two groups, of each group and the rest, and of answers by the same people.

Must not know the database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from attrs import evolve, frozen

from crmkit.engines.statistics.comparing import holm, two_proportions
from crmkit.engines.statistics.distributions import Significance, chi_square_tail, quantile, two_sided
from crmkit_feedback.measuring.scores import DIGITS, Figure

PAIRS_UP_TO = 8
"""With more groups than this each is compared with the whole of the others, and not with each other one."""


@frozen(kw_only=True)
class Gap:
    """How much higher the value of one group is than that of another, with interval and test; ``adjusted`` is the
    p-value by Holm over all comparisons made at once."""

    one: str
    other: str
    delta: float
    error: float
    low: float
    high: float
    p_value: float
    adjusted: float | None = None

    def document(self) -> Mapping[str, Any]:
        """Return the comparison by the names that scripts read, to six digits."""
        return {
            "groups": [self.one, self.other],
            "delta": round(self.delta, DIGITS),
            "standard_error": round(self.error, DIGITS),
            "interval": [round(self.low, DIGITS), round(self.high, DIGITS)],
            "p_value": round(self.p_value, DIGITS),
            "p_holm": None if self.adjusted is None else round(self.adjusted, DIGITS),
        }


def gap(one: Figure, other: Figure) -> Gap | None:
    """Compare two independent groups; None where one of them has no answers or is not shown.

    NPS: the difference over the root of the sum of the squared standard errors (Rocks 2016, section 4). CSAT and CES:
    the test of two shares with pooled variance, the interval with unpooled (Fleiss, Levin & Paik 2003, 3.2 and 3.3).
    """
    if one.value is None or other.value is None or one.error is None or other.error is None:
        return None
    delta, error = one.value - other.value, math.hypot(one.error, other.error)
    reach = quantile(one.confidence) * error
    if one.metric == "nps":
        p_value = two_sided(delta / error) if error else float(not delta)
    else:
        found = two_proportions(one.value * one.size, one.size, other.value * other.size, other.size)  # type: ignore[arg-type]
        p_value = found.test.p_value
    return Gap(
        one=one.key, other=other.key, delta=delta, error=error, low=delta - reach, high=delta + reach, p_value=p_value
    )


def gaps(figures: Sequence[Figure]) -> tuple[Gap, ...]:
    """Compare each group with each other one, with p-values adjusted by Holm; nothing for more than eight groups."""
    shown = [each for each in figures if not each.hidden and each.value is not None]
    if len(shown) > PAIRS_UP_TO:
        return ()
    return corrected([gap(one, other) for one, other in combinations(shown, 2)])


def corrected(found: Sequence[Gap | None]) -> tuple[Gap, ...]:
    """Return those comparisons that could be made, with their p-values adjusted by Holm (1979)."""
    made = [each for each in found if each is not None]
    adjusted = holm([each.p_value for each in made]) if made else []
    return tuple(evolve(each, adjusted=p) for each, p in zip(made, adjusted, strict=True))


def mcnemar(gained: int, lost: int) -> Significance:
    """Test whether as many became good as ceased to be: exact binomial below 25 changes, else chi-square.

    McNemar (1947), Psychometrika 12, 153-157; the exact test by Agresti (2007), section 8.1. The statistic is the
    chi-square without correction in both cases.
    """
    n = gained + lost
    if not n:
        return Significance(statistic=0.0, p_value=1.0, degrees=1)
    statistic = (gained - lost) ** 2 / n
    if n >= 25:
        return Significance(statistic=statistic, p_value=chi_square_tail(statistic, 1), degrees=1)
    tail = sum(math.comb(n, each) for each in range(min(gained, lost) + 1)) / 2**n
    return Significance(statistic=statistic, p_value=min(1.0, 2 * tail), degrees=1)


def bowker(table: Sequence[Sequence[int]]) -> Significance:
    """Test whether changes between any two bands go both ways alike.

    Bowker (1948), JASA 43, 572-574: sum of (n_ij - n_ji)² / (n_ij + n_ji); pairs without changes do not count.
    """
    statistic, degrees = 0.0, 0
    for i, j in combinations(range(len(table)), 2):
        both = table[i][j] + table[j][i]
        if both:
            statistic += (table[i][j] - table[j][i]) ** 2 / both
            degrees += 1
    return Significance(statistic=statistic, p_value=chi_square_tail(statistic, degrees), degrees=degrees)
