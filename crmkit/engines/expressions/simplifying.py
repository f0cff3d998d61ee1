"""What of a plan is known before any customer is: literals are computed, and what is absent is followed through.

Must not know SQL or texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crmkit.engines.expressions.closures import closure, computed_form
from crmkit.engines.expressions.plans import Apply, Constant, Given, Plan, Read, Special
from crmkit.engines.expressions.types import BOOLEAN, Type

_NOTHING: Mapping[str, Any] = {}


def simplified(plan: Plan, known: Mapping[str, Any] = _NOTHING) -> Plan:
    """Return a plan with everything computed that does not depend on a customer or on the surroundings.

    ``known`` are values of names that are to be taken as constant.
    """
    if isinstance(plan, Read) and plan.ref in known:
        return Constant(computed_form(known[plan.ref], plan.type.kind), plan.type)
    if isinstance(plan, (Constant, Given, Read)):
        return plan
    arguments = tuple(simplified(argument, known) for argument in plan.arguments)
    if isinstance(plan, Special):
        return _SPECIAL[plan.name](arguments, plan.type) or Special(plan.name, arguments, plan.type, plan.nullable)
    if any(isinstance(argument, Constant) and argument.value is None for argument in arguments):
        return Constant(False if plan.operator.total else None, plan.type)
    applied = Apply(plan.operator, arguments, plan.type, plan.nullable)
    return applied if plan.operator.placed else _computed(applied) or applied


def _computed(plan: Apply | Special) -> Plan | None:
    if not all(isinstance(argument, Constant) for argument in plan.arguments):
        return None
    none: Any = None
    return Constant(closure(plan)(_NOTHING.get, none), plan.type)


def _junction(decides: bool) -> Callable[[tuple[Plan, ...], Type], Plan | None]:
    def run(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
        if any(isinstance(one, Constant) and bool(one.value) is decides for one in arguments):
            return Constant(decides, BOOLEAN)
        open_ones = tuple(one for one in arguments if not isinstance(one, Constant))
        if len(open_ones) < 2:
            return open_ones[0] if open_ones else Constant(not decides, BOOLEAN)
        return Special("or" if decides else "and", open_ones, BOOLEAN)

    return run


def _not(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    return Constant(not arguments[0].value, BOOLEAN) if isinstance(arguments[0], Constant) else None


def _truth(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    return Constant(bool(arguments[0].value), BOOLEAN) if isinstance(arguments[0], Constant) else None


def _if(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    test, then, otherwise = arguments
    return (then if test.value else otherwise) if isinstance(test, Constant) else None


def _coalesce(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    left: list[Plan] = []
    for one in arguments:
        if isinstance(one, Constant) and one.value is None:
            continue
        left.append(one)
        if isinstance(one, Constant):
            break
    if len(left) < 2:
        return left[0] if left else Constant(None, type)
    return Special("coalesce", tuple(left), type, all(one.nullable for one in left))


def _has(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    return Constant(arguments[0].value is not None, BOOLEAN) if isinstance(arguments[0], Constant) else None


def _differs(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    return _computed(Special("differs", arguments, BOOLEAN))


def _one_of(arguments: tuple[Plan, ...], type: Type) -> Plan | None:
    if isinstance(arguments[0], Constant) and arguments[0].value is None:
        return Constant(False, BOOLEAN)
    return _computed(Special("one_of", arguments, BOOLEAN))


_SPECIAL: dict[str, Callable[[tuple[Plan, ...], Type], Plan | None]] = {
    "and": _junction(False),
    "or": _junction(True),
    "not": _not,
    "truth": _truth,
    "if": _if,
    "coalesce": _coalesce,
    "has": _has,
    "differs": _differs,
    "one_of": _one_of,
}
