"""Attribution by any of the models, reconciled: whole units whose sum is the total. Must not know databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from crmkit_journey.attribution.markov import markov_credit
from crmkit_journey.attribution.shapley import shapley_credit
from crmkit_journey.attribution.sharing import (
    HALF_LIFE,
    Credit,
    Path,
    channels_of,
    credit,
    first,
    last,
    linear,
    position,
    time_decay,
    totals,
    whole_units,
)
from crmkit_journey.attribution.words import ModelName


@frozen(kw_only=True)
class Attributed:
    """What one model gives each channel: conversions (with fractions) and value in whole units; the values add up to
    ``total``."""

    model: ModelName
    conversions: Mapping[str, Fraction]
    value: Mapping[str, int]
    exact: Mapping[str, Fraction]
    """The values before they were made whole."""
    total: int


def credit_by(model: ModelName, paths: Sequence[Path], *, half_life: float = HALF_LIFE, order: int = 1) -> Credit:
    """Return what each channel gets by a model. Raises InvalidInput and MissingExtra as `markov_credit` does."""
    if model == "markov":
        return markov_credit(paths, order)
    if model == "shapley":
        return shapley_credit(paths)
    rules = {
        "first": first, "last": last, "linear": linear, "position": position, "decay": time_decay(half_life),
    }  # fmt: skip
    return credit(paths, rules[model])


def attribute(
    model: ModelName, paths: Sequence[Path], *, half_life: float = HALF_LIFE, order: int = 1, scale: int = 1
) -> Attributed:
    """Return what each channel gets, its value in whole units: ``scale`` of them are one of the paths' values. Paths
    without touches give nothing to anybody. Raises as `credit_by` does."""
    found = credit_by(model, paths, half_life=half_life, order=order)
    names = channels_of(paths)
    exact = {name: found.value.get(name, Fraction(0)) * scale for name in names}
    total = round(totals(paths)[1] * scale) if names else 0
    return Attributed(
        model=model,
        conversions={name: found.conversions.get(name, Fraction(0)) for name in names},
        value=whole_units(exact, total),
        exact=exact,
        total=total,
    )
