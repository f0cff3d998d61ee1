"""Sharing out what came of paths among their touches, by rules: first, last, linear, by position, by time decay.

Shares are exact fractions; money is given out in whole minor units whose sum is the total. Must not know databases or
pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor

from attrs import field, frozen

HALF_LIFE = 7.0
"""Days after which a touch counts half, by time decay."""


@frozen(kw_only=True)
class Path:
    """Touches in their order and what came after them.

    ``conversions`` is how many conversions came of such paths, ``value`` what they were worth together (minor units, or
    any other unit), ``nulls`` how many such paths led to nothing. ``ages`` are the days from each touch to the
    conversion; where they are not known, a step of the path is a day and the last touch is of the day itself.
    """

    touches: tuple[str, ...] = field(converter=tuple)
    conversions: int = 1
    value: Fraction = field(default=Fraction(0), converter=Fraction)
    nulls: int = 0
    ages: tuple[float, ...] = field(default=(), converter=tuple)


Weights = Callable[[Path], Sequence[Fraction]]
"""Gives the touches of a path their weights, in their order."""


@frozen(kw_only=True)
class Credit:
    """What each channel gets of the conversions and of the value: exact fractions, whose sums are the totals."""

    conversions: Mapping[str, Fraction]
    value: Mapping[str, Fraction]


def first(path: Path) -> Sequence[Fraction]:
    """Give everything to the first touch."""
    return [Fraction(place == 0) for place in range(len(path.touches))]


def last(path: Path) -> Sequence[Fraction]:
    """Give everything to the last touch."""
    return [Fraction(place == len(path.touches) - 1) for place in range(len(path.touches))]


def linear(path: Path) -> Sequence[Fraction]:
    """Give each touch the same; a channel that is touched twice gets two parts."""
    return [Fraction(1)] * len(path.touches)


def position(path: Path) -> Sequence[Fraction]:
    """Give 40 % to the first touch, 40 % to the last, and 20 % to those between, in equal parts; where there are two
    touches, each gets half."""
    between = len(path.touches) - 2
    if between <= 0:
        return linear(path)
    return [Fraction(2, 5), *[Fraction(1, 5) / between] * between, Fraction(2, 5)]


def time_decay(half_life: float = HALF_LIFE) -> Weights:
    """Return the rule by which a touch weighs ``2 ** (-age / half_life)``, its age in days before the conversion."""

    def weigh(path: Path) -> Sequence[Fraction]:
        ages = path.ages or tuple(float(each) for each in range(len(path.touches) - 1, -1, -1))
        # Held against the youngest, so that of old touches not all weights are nothing.
        youngest = min(ages, default=0.0)
        return [Fraction(2.0 ** (-(age - youngest) / half_life)) for age in ages]

    return weigh


def credit(paths: Iterable[Path], weights: Weights) -> Credit:
    """Return what each channel gets by a rule. Paths without touches give nothing to anybody."""
    conversions: dict[str, Fraction] = defaultdict(Fraction)
    value: dict[str, Fraction] = defaultdict(Fraction)
    for path in paths:
        found = weights(path)
        total = sum(found, Fraction(0))
        for channel, weight in zip(path.touches, found, strict=True):
            conversions[channel] += path.conversions * weight / total
            value[channel] += path.value * weight / total
    return Credit(conversions=dict(conversions), value=dict(value))


def in_parts(paths: Iterable[Path], parts: Mapping[str, Fraction]) -> Credit:
    """Return what each channel gets where it is known what part of all it has: parts need not add up to one. Where all
    are 0, each gets the same."""
    conversions, value = totals(paths)
    whole = sum(parts.values(), Fraction(0))
    shares = {
        name: (part / whole if whole else Fraction(1, len(parts))) for name, part in parts.items()
    }  # fmt: skip
    return Credit(
        conversions={name: conversions * share for name, share in shares.items()},
        value={name: value * share for name, share in shares.items()},
    )


def totals(paths: Iterable[Path]) -> tuple[int, Fraction]:
    """Return the conversions and the value of the paths that have touches."""
    conversions, value = 0, Fraction(0)
    for path in paths:
        if path.touches:
            conversions, value = conversions + path.conversions, value + path.value
    return conversions, value


def channels_of(paths: Iterable[Path]) -> tuple[str, ...]:
    """Return the channels that are touched, by the alphabet."""
    return tuple(sorted({name for path in paths for name in path.touches}))


def whole_units(shares: Mapping[str, Fraction], total: int) -> dict[str, int]:
    """Return shares as whole units that add up to a total, by the largest remainder (Hamilton's method); of equal
    remainders the first by the alphabet comes first. ``shares`` add up to about the total."""
    floors = {name: floor(share) for name, share in shares.items()}
    missing = total - sum(floors.values())
    order = sorted(shares, key=lambda name: (floors[name] - shares[name], name))
    while order and missing:
        # Fractions that come of floating-point numbers may miss the total by more than one unit in each.
        step = 1 if missing > 0 else -1
        for name in (order if step > 0 else order[::-1])[: abs(missing)]:
            floors[name] += step
            missing -= step
    return floors
