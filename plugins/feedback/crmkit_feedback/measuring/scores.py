"""What a measure of satisfaction is, from how many gave which score: NPS, CSAT and CES with their intervals.

Counts may be weighted. Must not know the database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from crmkit.engines.statistics.distributions import Estimate, quantile
from crmkit.engines.statistics.intervals import net_share, wilson

CONFIDENCE = 0.95
DIGITS = 6


@frozen(kw_only=True)
class Scale:
    """The lowest and the highest score of a measure; ``reversed`` says that the lowest one is the best."""

    metric: str
    low: int
    high: int
    reversed: bool = False

    def turned(self, score: int) -> int:
        """Return a score as if the highest one were the best."""
        return self.low + self.high - score if self.reversed else score

    def holds(self, score: int) -> bool:
        """Say whether a score lies on the scale."""
        return self.low <= score <= self.high

    def band(self, score: int) -> str:
        """Return "good", "middling" or "bad" for a score of the scale.

        NPS: 9 to 10, 7 to 8, 0 to 6. CSAT: the two best of the scale, the one below them, the rest. CES: five sevenths
        of the scale and more, the one below them, the rest (of 1 to 7: 5 to 7, 4, 1 to 3).
        """
        turned = self.turned(score)
        good = good_from(self)
        middling = 7 if self.metric == "nps" else good - 1
        return "good" if turned >= good else "middling" if turned >= middling else "bad"

    def percent(self, score: float) -> float:
        """Return a score from 0 (worst) to 100 (best)."""
        place = (self.high - score if self.reversed else score - self.low) / (self.high - self.low)
        return 100 * place


SCALES: Mapping[str, Scale] = {
    "nps": Scale(metric="nps", low=0, high=10),
    "csat": Scale(metric="csat", low=1, high=5),
    "ces": Scale(metric="ces", low=1, high=7),
}
"""The usual scale of each measure."""


def good_from(scale: Scale) -> int:
    """Return from which score on (the highest one being the best) somebody is a promoter, satisfied, or had it easy."""
    if scale.metric == "nps":
        return 9
    if scale.metric == "csat":
        return scale.high - 1
    return scale.low + math.ceil(4 * (scale.high - scale.low) / 6)


@frozen(kw_only=True)
class Figure:
    """A measure of a group, with the interval of its value.

    ``n`` counts answers, ``size`` is the effective number, (Σw)²/Σw² of the weights and ``n`` without any.
    ``promoters``, ``passives`` and ``detractors`` are those of the three bands (for CSAT and CES: good, middling, bad),
    as numbers, or as sums of weights. ``value`` is -1 to 1 for NPS and 0 to 1 for CSAT and CES; ``mean`` is that of the
    scores. ``variance`` is that of one answer, ``error`` the standard error of the value. ``low`` and ``high`` are the
    adjusted Wald interval of NPS (Rocks 2016), and that of Wilson else; ``wald`` is the plain one. ``outside`` counts
    scores that are not on the scale and are left out. With ``hidden`` there were too few answers to show the rest.
    """

    metric: str
    key: str
    title: str
    n: int
    size: float
    promoters: float = 0
    passives: float = 0
    detractors: float = 0
    value: float | None = None
    variance: float | None = None
    error: float | None = None
    wald: tuple[float, float] | None = None
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    mean_low: float | None = None
    mean_high: float | None = None
    outside: int = 0
    confidence: float = CONFIDENCE
    hidden: bool = False

    @property
    def percent(self) -> float | None:
        """Return the value times a hundred: the score as people name it."""
        return None if self.value is None else 100 * self.value

    def document(self) -> Mapping[str, Any]:
        """Return the figure by the names that scripts read, to six digits."""
        base: dict[str, Any] = {"group": self.key, "title": self.title, "metric": self.metric, "n": self.n}
        if self.hidden:
            return {**base, "hidden": True}
        bands = {name: _number(getattr(self, name)) for name in ("promoters", "passives", "detractors")}
        wald = None if self.wald is None else [_rounded(each) for each in self.wald]
        interval = None if self.low is None else [_rounded(self.low), _rounded(self.high)]
        common = {"variance": _rounded(self.variance), "standard_error": _rounded(self.error), "wald": wald}
        rest = {"effective_n": _rounded(self.size), "outside": self.outside, "confidence": self.confidence}
        if self.metric == "nps":
            own = {"nps": _rounded(self.value), "nps_100": _rounded(self.percent, 4)}
            adjusted = {"adjusted_wald_centre": _rounded(self.centre), "adjusted_wald": interval}
            return {**base, **bands, **own, **common, **adjusted, **rest}
        named = dict(zip(("satisfied", "neutral", "dissatisfied"), bands.values(), strict=True))
        if self.metric == "ces":
            named = dict(zip(("easy", "middling", "hard"), bands.values(), strict=True))
        own = {self.metric: _rounded(self.value), f"{self.metric}_100": _rounded(self.percent, 4)}
        mean = [_rounded(self.mean_low), _rounded(self.mean_high)]
        return {
            **base,
            **named,
            **own,
            **common,
            "wilson": interval,
            "mean": _rounded(self.mean),
            "mean_interval": mean,
            **rest,
        }


def _rounded(value: float | None, digits: int = DIGITS) -> float | None:
    # Adding nought makes the nought of a negative sign a plain one.
    return None if value is None else round(value, digits) + 0.0


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, DIGITS)


def figure_of(
    counts: Mapping[int, float],
    scale: Scale,
    *,
    key: str = "",
    title: str = "",
    answers: int | None = None,
    squares: float | None = None,
    confidence: float = CONFIDENCE,
) -> Figure:
    """Return a measure from how many gave which score.

    With weights ``counts`` are their sums, ``squares`` is the sum of their squares and ``answers`` how many there were:
    intervals are then those of the effective number (Kish 1965, Survey Sampling, section 11.7). NPS and its variance
    p + d - (p - d)²: Rocks (2016), The American Statistician 70, 365-372. Scores off the scale are left out.
    """
    known = {score: each for score, each in counts.items() if scale.holds(score) and each > 0}
    outside = sum(int(each) for score, each in counts.items() if not scale.holds(score))
    total = math.fsum(known.values())
    n = int(total) if answers is None else answers
    bands = {"good": 0.0, "middling": 0.0, "bad": 0.0}
    for score, each in known.items():
        bands[scale.band(score)] += each
    base = Figure(
        metric=scale.metric,
        key=key,
        title=title,
        n=n,
        size=float(n),
        promoters=bands["good"],
        passives=bands["middling"],
        detractors=bands["bad"],
        outside=outside,
        confidence=confidence,
    )
    if not total:
        return base
    size = total if squares is None else total * total / squares
    # With weights the shares are those of the weights, and the number is the effective one.
    good, bad = bands["good"] / total, bands["bad"] / total
    if scale.metric == "nps":
        value, variance = good - bad, good + bad - (good - bad) ** 2
        interval = _net(bands, size, total, confidence)
        centre = ((good - bad) * size) / (size + 3)
    else:
        value, variance = good, good * (1 - good)
        interval, centre = _share(good, size, confidence), None
    variance = max(0.0, variance)
    error = math.sqrt(variance / size)
    reach = quantile(confidence) * error
    mean = math.fsum(score * each for score, each in known.items()) / total
    spread = math.fsum(each * (score - mean) ** 2 for score, each in known.items()) / total
    # The normal interval of the mean: that of Student differs by less than a hundredth from some 60 answers on.
    around = quantile(confidence) * math.sqrt(spread / max(size - 1, 1.0)) if size > 1 else None
    return evolve(
        base,
        size=size,
        value=value,
        variance=variance,
        error=error,
        wald=(value - reach, value + reach),
        centre=centre,
        low=interval.low,
        high=interval.high,
        mean=mean,
        mean_low=None if around is None else mean - around,
        mean_high=None if around is None else mean + around,
    )


def _net(bands: Mapping[str, float], size: float, total: float, confidence: float) -> Estimate:
    # With weights rounding must not make the parts more than the whole.
    scaled = 1.0 if size == total else size / total * (1 - 1e-12)
    return net_share(bands["good"] * scaled, bands["bad"] * scaled, size, confidence)  # type: ignore[arg-type]


def _share(part: float, size: float, confidence: float) -> Estimate:
    return wilson(min(part * size, size), size, confidence)  # type: ignore[arg-type]


def hidden(figure: Figure) -> Figure:
    """Return a figure without anything but how many answers there are."""
    return Figure(
        metric=figure.metric, key=figure.key, title=figure.title, n=figure.n, size=float(figure.n), hidden=True
    )
