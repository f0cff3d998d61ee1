"""What retention changed: the difference to a held-out group with its interval, for whom it was worth it, savings.

Held out are customers by a stable hash, so that the two groups differ by what was done alone. Must not know the
database.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import field, frozen

from crmkit.engines.statistics.intervals import Estimate, newcombe, wilson
from crmkit.engines.statistics.uplift import Qini, qini

FEWEST = 10
"""With fewer customers of a band in either group nothing is said of the band."""


@frozen(kw_only=True)
class Tried:
    """A customer to whom something was done, or would have been: the probability of leaving when that was, what the
    customer was worth and what it cost (minor units of the base currency), and whether the customer left in time."""

    treated: bool
    left: bool
    probability: float = 0.5
    worth_minor: int = 0
    cost_minor: int = 0


@frozen(kw_only=True)
class Savings:
    """Uplift × treated × worth − cost, in minor units of the base currency, between those of the uplift's interval."""

    value: float
    low: float
    high: float
    worth_minor: float
    cost_minor: int


@frozen(kw_only=True)
class At:
    """How much more often customers stayed among the share with the highest scores."""

    share: float
    uplift: Estimate


@frozen(kw_only=True)
class Effect:
    """What retention changed. ``uplift`` is how much more often the treated stayed (Newcombe 1998, 95 %)."""

    treated: int
    control: int
    stayed_treated: Estimate
    stayed_control: Estimate
    uplift: Estimate
    savings: Savings | None
    qini: Qini | None
    at: tuple[At, ...] = field(converter=tuple)

    @property
    def certain(self) -> bool:
        """Say whether there is an effect beyond what chance explains."""
        return self.uplift.value is not None and self.uplift.excludes(0)


def effect(tried: Sequence[Tried], scores: Sequence[float] | None = None) -> Effect:
    """Return what was changed; ``scores`` are by what customers were chosen (else the probability of leaving)."""
    done = [each for each in tried if each.treated]
    held = [each for each in tried if not each.treated]
    stayed, stayed_held = _stayed(done), _stayed(held)
    uplift = newcombe(stayed, len(done), stayed_held, len(held))
    by = list(scores) if scores is not None else [each.probability for each in tried]
    both = bool(done) and bool(held)
    return Effect(
        treated=len(done),
        control=len(held),
        stayed_treated=wilson(stayed, len(done)),
        stayed_control=wilson(stayed_held, len(held)),
        uplift=uplift,
        savings=savings(uplift, done) if both else None,
        qini=qini(by, [each.treated for each in tried], [float(not each.left) for each in tried]) if both else None,
        at=[At(share=share, uplift=uplift_at(tried, by, share)) for share in (0.1, 0.2, 0.3, 0.5)] if both else [],
    )


def savings(uplift: Estimate, treated: Sequence[Tried]) -> Savings:
    """Return what was saved: uplift × treated × mean worth − cost, and the same at both ends of the interval."""
    worth = math.fsum(each.worth_minor for each in treated) / len(treated) if treated else 0.0
    cost = sum(each.cost_minor for each in treated)

    def at(share: float | None) -> float:
        return (share or 0.0) * len(treated) * worth - cost

    return Savings(value=at(uplift.value), low=at(uplift.low), high=at(uplift.high), worth_minor=worth, cost_minor=cost)


def uplift_at(tried: Sequence[Tried], scores: Sequence[float], share: float) -> Estimate:
    """Return how much more often the treated stayed among the share (0 to 1) with the highest scores (uplift@k)."""
    most = max(1, round(len(tried) * share))
    order = sorted(range(len(tried)), key=lambda place: -scores[place])[:most]
    among = [tried[place] for place in order]
    done, held = [e for e in among if e.treated], [e for e in among if not e.treated]
    return newcombe(_stayed(done), len(done), _stayed(held), len(held))


@frozen(kw_only=True)
class Persuadable:
    """How much treating changes at each band of risk, learnt from what was tried; a band's ``low`` and ``high`` are
    probabilities. Where too little was tried it is taken that the undecided can be persuaded, p·(1 − p)."""

    bands: tuple[tuple[float, float, float | None], ...] = field(converter=tuple)

    def score(self, probability: float) -> float:
        """Return how much more probably a customer stays if something is done."""
        for low, high, uplift in self.bands:
            if low <= probability < high and uplift is not None:
                return uplift
        usual = [uplift for _low, _high, uplift in self.bands if uplift is not None]
        return probability * (1 - probability) * (0.4 if not usual else 0.0)


def learn_persuadable(tried: Sequence[Tried], bands: int = 5) -> Persuadable:
    """Return how much treating changed at each band of risk: the difference, drawn towards that of all by how few it is
    from (as if ``FEWEST`` more had shown the common one)."""
    whole = newcombe(*_counts(tried)).value or 0.0
    found: list[tuple[float, float, float | None]] = []
    for place in range(bands):
        low, high = place / bands, (place + 1) / bands if place < bands - 1 else 1.000001
        among = [each for each in tried if low <= each.probability < high]
        stayed, n, stayed_held, m = _counts(among)
        if min(n, m) < FEWEST:
            found.append((low, high, None))
            continue
        weight = min(n, m)
        own = stayed / n - stayed_held / m
        found.append((low, high, (own * weight + whole * FEWEST) / (weight + FEWEST)))
    return Persuadable(bands=found)


def _counts(tried: Sequence[Tried]) -> tuple[int, int, int, int]:
    done, held = [e for e in tried if e.treated], [e for e in tried if not e.treated]
    return _stayed(done), len(done), _stayed(held), len(held)


def _stayed(tried: Sequence[Tried]) -> int:
    return sum(1 for each in tried if not each.left)
