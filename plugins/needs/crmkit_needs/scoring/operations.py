"""Giving the numbers that scores are made of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_needs.catalogue.history import note, require_here
from crmkit_needs.catalogue.models import Need
from crmkit_needs.scoring.known import factors_of

_ = texts("crmkit_needs")


@operation("needs.score.set", title=_("Give the numbers"), permission="needs.need.update", effect="update")
def set_inputs(
    session: CrmSession,
    need: Need,
    *,
    inputs: Annotated[
        Mapping[str, Any],
        Input(title=_("Numbers"), help=_("By the names of factors; empty to take one back."), classified="internal"),
    ],
) -> Need:
    """Give the numbers of which scores of a need are made; those that are not named stay, and one that is empty is
    taken back. Raises InvalidInput for a name that no formula has and a number out of its bounds, with every one."""
    require_here(session, need)
    factors, known = factors_of(session), dict(need.inputs or {})
    problems: list[Problem] = []
    for name, said in inputs.items():
        factor = factors.get(name)
        if factor is None:
            text = _("No formula has this. There are: {known}.")
            problems.append(Problem(InvalidInput.code, text, field=f"inputs.{name}", known=", ".join(factors)))
        elif said in (None, ""):
            known.pop(name, None)
        else:
            try:
                number = Decimal(str(said))
            except ArithmeticError:
                number = Decimal("NaN")
            if not number.is_finite() or not factor.minimum <= number <= factor.maximum:
                text = _("Please give a number from {low} to {high}.")
                values = {"low": str(factor.minimum), "high": str(factor.maximum)}
                problems.append(Problem(InvalidInput.code, text, field=f"inputs.{name}", **values))
            else:
                known[name] = str(number)
    if problems:
        raise InvalidInput(problems)
    need.inputs = known
    note(session, need, "scored", after=", ".join(f"{name} {value}" for name, value in sorted(known.items())))
    return need


OPERATIONS = [set_inputs]
