"""Which formulas there are: those of needs, those that plugins bring, and those that a company has made itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_needs.scoring.formulas import FORMULAS, Factor, Formula, Inputs
from crmkit_needs.scoring.models import ScoreModel

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LOWEST, HIGHEST = Decimal(0), Decimal(10)
"""The bounds of a number that no formula but a company's own has."""
LEAST = Decimal("0.01")
"""What is divided by is at least this."""


def formulas_of(session: CrmSession) -> tuple[Formula, ...]:
    """Return every formula by which needs are scored; of those of the same name the first."""
    found = {each.name: each for each in built_in(session)}
    factors = _factors(found.values())
    for model in session.scalars(select(ScoreModel).where(ScoreModel.active).order_by(ScoreModel.name)):
        found.setdefault(model.name, formula_of(model, factors))
    return tuple(found.values())


def built_in(session: CrmSession) -> tuple[Formula, ...]:
    """Return the formulas of needs and those that plugins bring; a plugin that fails to say so is left out."""
    brought = session.crm.gate.dispatcher.collect("needs_scores")
    found = {each.name: each for each in FORMULAS}
    for answer in brought:
        for each in (answer.value or ()) if answer.error is None else ():
            found.setdefault(each.name, each)
    return tuple(found.values())


def factors_of(session: CrmSession) -> dict[str, Factor]:
    """Return every number that can be given of a need, by its name."""
    return _factors(formulas_of(session))


def formula_of(model: ScoreModel, factors: Mapping[str, Factor]) -> Formula:
    """Return a company's own formula: weighted numbers added up, divided by those of what it costs."""
    gains, costs = _weights(model.gains), _weights(model.costs)

    def compute(said: Inputs) -> Decimal:
        gained = sum((weight * said[name] for name, weight in gains.items()), Decimal(0))
        spent = sum((weight * said[name] for name, weight in costs.items()), Decimal(0))
        return gained / spent if costs else gained

    return Formula(
        name=model.name,
        title=model.title,
        text=text_of(gains, costs),
        factors=(
            *(_factor(name, factors, more_is_better=True) for name in gains),
            *(_factor(name, factors, more_is_better=False) for name in costs),
        ),
        compute=compute,
    )


def text_of(gains: Mapping[str, Decimal], costs: Mapping[str, Decimal]) -> str:
    """Return a company's own formula as it is shown."""
    above, below = _sum(gains), _sum(costs)
    if not costs:
        return above
    return f"({above}) ÷ ({below})" if len(costs) > 1 else f"({above}) ÷ {below}"


def _sum(weights: Mapping[str, Decimal]) -> str:
    return " + ".join(name if weight == 1 else f"{weight.normalize():f} × {name}" for name, weight in weights.items())


def _weights(said: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return weights, the largest first: databases keep the order in which they were given differently."""
    found = {name: Decimal(str(weight)) for name, weight in said.items()}
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _factors(formulas: Any) -> dict[str, Factor]:
    found: dict[str, Factor] = {}
    for formula in formulas:
        for each in formula.factors:
            found.setdefault(each.name, each)
    return found


def _factor(name: str, factors: Mapping[str, Factor], *, more_is_better: bool) -> Factor:
    usual = Factor(name=name, title=name, minimum=LOWEST, maximum=HIGHEST)
    found = evolve(factors.get(name, usual), more_is_better=more_is_better)
    return found if more_is_better else evolve(found, minimum=max(found.minimum, LEAST))
