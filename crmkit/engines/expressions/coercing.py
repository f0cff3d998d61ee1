"""Which type can be taken for which, and what a plan becomes then. Must not know trees."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit.engines.expressions import moments, operators as ops
from crmkit.engines.expressions.calls import EXACT, apply
from crmkit.engines.expressions.plans import Constant, Given, Plan
from crmkit.engines.expressions.types import DATE, DECIMAL, INTEGER, MONEY, NULL, NUMBER, UNIT, Type

RANK = {"integer": 0, "decimal": 1, "number": 2}
_MINOR = Given(lambda at: at.minor_units, INTEGER, nullable=True)


def coerced(plan: Plan, to: Type) -> Plan | None:
    """Return a plan as another type that it can be taken for without loss of meaning, or None."""
    kind = plan.type.kind
    if plan.type == to:
        return plan
    if kind == "null":
        return Constant(None, to)
    if to == DECIMAL and kind == "integer":
        return apply(ops.scale, plan, type=DECIMAL)
    if to == NUMBER and kind in EXACT:
        operator = ops.float_of_integer if kind == "integer" else ops.float_of_decimal
        return apply(operator, plan, type=NUMBER)
    if to == MONEY and kind in EXACT:
        if isinstance(plan, Constant):
            amount = plan.value * (UNIT if kind == "integer" else 1)
            return Given(lambda at: at.minor(amount), MONEY, nullable=True)
        if kind == "integer":
            return apply(ops.multiply, plan, _MINOR, type=MONEY)
        return apply(ops.product, _MINOR, plan, type=MONEY)
    if to == DATE and kind == "instant":
        return apply(moments.day, plan, type=DATE)
    return None


def common_type(types: Sequence[Type]) -> Type | None:
    """Return the type that values of some types can be brought to, or None."""
    kinds = {one.kind for one in types if one != NULL}
    known = [one for one in types if one != NULL]
    if len({str(one) for one in known}) == 1:
        return known[0]
    if kinds <= RANK.keys():
        return max(known, key=lambda one: RANK[one.kind], default=None)
    if kinds <= {"money", *EXACT}:
        return MONEY
    return DATE if kinds == {"date", "instant"} else None


def certainly(plan: Plan, to: Type) -> Plan:
    """Return a plan as a type of which it is known that it can be taken for it."""
    found = coerced(plan, to)
    assert found is not None
    return found
