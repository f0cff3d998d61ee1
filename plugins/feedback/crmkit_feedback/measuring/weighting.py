"""Weights for those who did not answer, and how many of those asked answered. Must not know the database."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import wilson


@frozen(kw_only=True)
class Stratum:
    """A part of those who were asked: how many were asked, began, and answered."""

    key: str
    asked: int
    begun: int
    answered: int

    @property
    def rate(self) -> Estimate:
        """Return what part of those asked answered, with Wilson's interval."""
        return wilson(min(self.answered, self.asked), self.asked)

    @property
    def completion(self) -> Estimate:
        """Return what part of those who began answered to the end, with Wilson's interval."""
        return wilson(min(self.answered, self.begun), self.begun)


@frozen(kw_only=True)
class Weights:
    """A weight for the answers of each part, so that the parts count as they do among all who were asked.

    ``dimension`` says what the parts are; ``missing`` are those of whom nobody answered: nothing stands for them.
    """

    dimension: str
    of: Mapping[str, float] = field(converter=dict)
    missing: tuple[str, ...] = field(default=(), converter=tuple)


def post_stratified(dimension: str, asked: Mapping[str, int], answered: Mapping[str, int]) -> Weights:
    """Return the weights (N_h / N) / (n_h / n) of parts: their mean over all answers is 1.

    Holt & Smith (1979), Journal of the Royal Statistical Society A 142, 33-46. Parts with answers that nobody was asked
    in keep the weight 1 before scaling; parts without answers are left out and named.
    """
    known = {key: number for key, number in answered.items() if number}
    base = {key: asked.get(key, 0) or known[key] for key in known}
    whole, n = sum(base.values()), sum(known.values())
    of = {key: (base[key] / whole) / (known[key] / n) for key in known} if n else {}
    missing = tuple(sorted(key for key, number in asked.items() if number and key not in known))
    return Weights(dimension=dimension, of=of, missing=missing)


def effective(weights: Iterable[tuple[float, float]]) -> float:
    """Return the effective number (Σw)²/Σw² of pairs of a weight and how many have it (Kish 1965, section 11.7)."""
    pairs = list(weights)
    squares = math.fsum(number * weight**2 for weight, number in pairs)
    return math.fsum(number * weight for weight, number in pairs) ** 2 / squares if squares else 0.0
