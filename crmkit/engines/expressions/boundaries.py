"""Comparisons of an instant's day with a day that is known, as comparisons of the instant with the day's first instant.

No day has to be computed for any customer then: in SQL an index serves, in Python no zone is asked. Must not know SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crmkit.engines.expressions import moments
from crmkit.engines.expressions.calendars import start_of
from crmkit.engines.expressions.operators import COMPARISONS
from crmkit.engines.expressions.plans import Apply, Constant, Given, Plan, Special
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.types import BOOLEAN, INSTANT

_TURNED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def by_boundaries(plan: Plan) -> Plan:
    """Return a plan in which days are not computed where the first instant of a known day can be compared."""
    if isinstance(plan, Special):
        arguments = tuple(by_boundaries(argument) for argument in plan.arguments)
        return Special(plan.name, arguments, plan.type, plan.nullable)
    if not isinstance(plan, Apply):
        return plan
    applied = Apply(plan.operator, tuple(map(by_boundaries, plan.arguments)), plan.type, plan.nullable)
    return (_compared(applied) if plan.operator.name in _TURNED else None) or applied


def _compared(plan: Apply) -> Plan | None:
    left, right = plan.arguments
    for one, other, sign in ((left, right, plan.operator.name), (right, left, _TURNED[plan.operator.name])):
        if not isinstance(one, Apply) or not isinstance(other, (Constant, Given)):
            continue
        if one.operator is moments.day:
            return _bounded(one.arguments[0], sign, _known(other))
        if one.operator is moments.days_between:
            first, second = one.arguments
            # Days since x are today less the day of x: the more of them, the earlier the day.
            for end, base, way in ((first, second, -1), (second, first, 1)):
                if isinstance(end, Apply) and end.operator is moments.day and isinstance(base, (Constant, Given)):
                    turned = sign if way == 1 else _TURNED[sign]
                    return _bounded(end.arguments[0], turned, _moved(_known(base), _known(other), way))
    return None


def _known(plan: Constant | Given) -> Callable[[Surroundings], Any]:
    return plan.get if isinstance(plan, Given) else lambda at: plan.value


def _moved(
    base: Callable[[Surroundings], date], days: Callable[[Surroundings], int], way: int
) -> Callable[[Surroundings], date]:
    def day(at: Surroundings) -> date:
        try:
            return base(at) + timedelta(days=way * days(at))
        except OverflowError:
            return date.max if way * days(at) > 0 else date.min

    return day


def _bounded(instant: Plan, sign: str, day: Callable[[Surroundings], date]) -> Plan:
    def first_of(later: int) -> Given:
        key = object()

        def start(at: Surroundings) -> datetime:
            return at.once(key, lambda: _start(day(at), later, at.zone))

        return Given(start, INSTANT)

    if sign == "==":
        parts = (_side(">=", instant, first_of(0)), _side("<", instant, first_of(1)))
        return Special("and", parts, BOOLEAN)
    return _side(">=" if sign in (">", ">=") else "<", instant, first_of(int(sign in (">", "<="))))


def _side(sign: str, instant: Plan, boundary: Given) -> Apply:
    return Apply(COMPARISONS[sign][0], (instant, boundary), BOOLEAN, False)


def _start(day: date, later: int, zone: str) -> datetime:
    try:
        return start_of(day + timedelta(days=later), zone)
    except OverflowError:
        return _LATEST if day.year > 5000 else _EARLIEST
