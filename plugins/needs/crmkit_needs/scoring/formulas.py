"""The ways to score a need: each a formula that is shown as it is computed, over numbers that people give.

Pure; must not know the database. RICE: McBride 2016 (Intercom). WSJF: Reinertsen 2009, as in SAFe. Opportunity:
Ulwick 2002, Harvard Business Review 80(1). MoSCoW: Clegg & Barker 1994.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_needs")

Inputs = Mapping[str, Decimal]


@frozen(kw_only=True)
class Factor:
    """A number that a formula needs: its bounds, and whether more of it is better. ``measured`` says that it
    can be taken from what is known where nobody has given it; ``usual`` is what counts otherwise, None for that it is
    needed."""

    name: str
    title: str
    minimum: Decimal
    maximum: Decimal
    more_is_better: bool = True
    measured: bool = False
    usual: Decimal | None = None


@frozen(kw_only=True)
class Formula:
    """A way to score a need. It goes up with each factor of which more is better, and down with each other one."""

    name: str
    title: str
    text: str
    factors: tuple[Factor, ...]
    compute: Callable[[Inputs], Decimal]


@frozen(kw_only=True)
class Score:
    """The score of a need with the ends between which it is when every factor moves by some percent, and the factors
    that went in. ``value`` is None where a factor is missing."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    inputs: Inputs
    missing: tuple[str, ...] = ()


def _factor(name: str, title: str, low: str, high: str, **more: object) -> Factor:
    return Factor(name=name, title=title, minimum=Decimal(low), maximum=Decimal(high), **more)  # type: ignore[arg-type]


RICE = Formula(
    name="rice",
    title=_("RICE"),
    text=_("reach × impact × confidence ÷ effort"),
    factors=(
        _factor(
            "reach", _("Reach (customers; without a number, companies that ask)"), "0", "1000000000", measured=True
        ),
        _factor("impact", _("Impact (0.25 to 3)"), "0.25", "3"),
        _factor("confidence", _("Confidence (0 to 1)"), "0", "1"),
        _factor("effort", _("Effort (person months)"), "0.01", "100000", more_is_better=False),
    ),
    compute=lambda said: said["reach"] * said["impact"] * said["confidence"] / said["effort"],
)
WSJF = Formula(
    name="wsjf",
    title=_("WSJF"),
    text=_("(value + time criticality + risk reduction) ÷ job size"),
    factors=(
        _factor("value", _("Value (1 to 20)"), "1", "20"),
        _factor("time_criticality", _("Time criticality (1 to 20)"), "1", "20"),
        _factor("risk_reduction", _("Risk reduction (1 to 20)"), "1", "20"),
        _factor("job_size", _("Job size (1 to 20)"), "1", "20", more_is_better=False),
    ),
    compute=lambda said: (said["value"] + said["time_criticality"] + said["risk_reduction"]) / said["job_size"],
)
OPPORTUNITY = Formula(
    name="opportunity",
    title=_("Opportunity"),
    text=_("importance + (importance − satisfaction, at least 0), both from 0 to 10"),
    factors=(
        _factor("importance", _("Importance (0 to 10)"), "0", "10", measured=True),
        _factor("satisfaction", _("Satisfaction today (0 to 10)"), "0", "10", more_is_better=False, measured=True),
    ),
    compute=lambda said: said["importance"] + max(said["importance"] - said["satisfaction"], Decimal(0)),
)
MOSCOW = Formula(
    name="moscow",
    title=_("MoSCoW"),
    text=_("4 must, 3 should, 2 could, 1 won't this time"),
    factors=(_factor("moscow", _("MoSCoW (1 to 4)"), "1", "4"),),
    compute=lambda said: said["moscow"],
)
FORMULAS = (RICE, WSJF, OPPORTUNITY, MOSCOW)


def score_of(formula: Formula, inputs: Inputs, move: Decimal = Decimal(0)) -> Score:
    """Return the score that inputs give, and its ends when each of them moves by up to ``move`` percent within its
    bounds, all against the need or all for it: as each formula goes one way with each factor, these are exact."""
    known: dict[str, Decimal] = {}
    missing: list[str] = []
    for factor in formula.factors:
        value = inputs.get(factor.name, factor.usual)
        if value is None:
            missing.append(factor.name)
        else:
            known[factor.name] = min(max(value, factor.minimum), factor.maximum)
    if missing:
        return Score(value=None, low=None, high=None, inputs=known, missing=tuple(missing))
    return Score(
        value=formula.compute(known),
        low=formula.compute(_moved(formula, known, -move)),
        high=formula.compute(_moved(formula, known, move)),
        inputs=known,
    )


def _moved(formula: Formula, inputs: Inputs, percent: Decimal) -> Inputs:
    found = {}
    for factor in formula.factors:
        way = percent if factor.more_is_better else -percent
        moved = inputs[factor.name] * (1 + way / 100)
        found[factor.name] = min(max(moved, factor.minimum), factor.maximum)
    return found
