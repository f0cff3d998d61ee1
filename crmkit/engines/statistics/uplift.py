"""What a treatment added, and to whom: variance reduction by what was known before, and the Qini curve of a score.

Must not know what the treatment is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from attrs import field, frozen

from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


def adjusted_by(values: Sequence[float], before: Sequence[float]) -> list[float]:
    """Return outcomes less what a covariate from before the treatment explains (CUPED); their mean stays.

    Deng, Xu, Kohavi & Walker (2013), WSDM '13, 123-132. Give all groups together, so that one slope serves all.
    """
    n = len(values)
    if not n:
        return []
    middle, mean = math.fsum(before) / n, math.fsum(values) / n
    spread = math.fsum((x - middle) ** 2 for x in before)
    joint = math.fsum((x - middle) * (y - mean) for x, y in zip(before, values, strict=True))
    slope = joint / spread if spread else 0.0
    return [y - slope * (x - middle) for x, y in zip(before, values, strict=True)]


@frozen(kw_only=True)
class Qini:
    """How many outcomes treating by a score adds: points (share treated, outcomes added), and the area between them
    and treating at random, per person."""

    points: tuple[tuple[float, float], ...] = field(converter=tuple)
    coefficient: float


def qini(scores: Sequence[float], treated: Sequence[bool], outcomes: Sequence[float]) -> Qini:
    """Return the Qini curve of a score, the highest first; equal scores count together.

    Radcliffe (2007), Using Control Groups to Target on Predicted Lift, Direct Marketing Analytics Journal, 14-21:
    outcomes of the treated, less those of the untreated scaled to as many. Raises InvalidInput unless there are both.
    """
    rows = sorted(zip(scores, treated, outcomes, strict=True), key=lambda row: -row[0])
    if not any(treated) or all(treated):
        raise InvalidInput([Problem("CK500", _("Both treated and untreated customers are needed."))])
    points, numbers, sums = [(0.0, 0.0)], [0, 0], [0.0, 0.0]
    for index, (score, got, outcome) in enumerate(rows):
        numbers[got] += 1
        sums[got] += outcome
        if index + 1 == len(rows) or rows[index + 1][0] != score:
            scaled = sums[0] * numbers[1] / numbers[0] if numbers[0] else 0.0
            points.append(((index + 1) / len(rows), sums[1] - scaled))
    area = math.fsum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(points))
    return Qini(points=points, coefficient=(area - points[-1][1] / 2) / len(rows))
