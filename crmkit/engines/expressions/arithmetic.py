"""What ``+ - * / %`` do with values of which types. Must not know trees."""

from __future__ import annotations

from crmkit.engines.expressions import moments, operators as ops
from crmkit.engines.expressions.calendars import DAY_MICROSECONDS
from crmkit.engines.expressions.calls import EXACT, apply
from crmkit.engines.expressions.coercing import RANK, certainly, common_type
from crmkit.engines.expressions.plans import Apply, Constant, Operator, Plan, Read, Special
from crmkit.engines.expressions.types import DATE, DECIMAL, DURATION, INSTANT, INTEGER, NUMBER, TEXT


def arithmetic(sign: str, left: Plan, right: Plan) -> Plan | None:
    """Return the plan of two values joined by a sign, or None where the types do not allow it."""
    return _SIGNS[sign](sign, left, right)


def _sum(sign: str, left: Plan, right: Plan) -> Plan | None:
    kinds = (left.type.kind, right.type.kind)
    if sign == "+" and kinds == ("text", "text"):
        return apply(ops.concatenate, left, right, type=TEXT)
    if kinds[0] in ("instant", "date") or kinds[1] in ("instant", "date"):
        return _moments(sign, left, right)
    to = common_type([left.type, right.type])
    if to is None or to.kind not in (*RANK, "money", "duration"):
        return None
    left, right = certainly(left, to), certainly(right, to)
    if to == NUMBER:
        return _floats(ops.float_add if sign == "+" else ops.float_subtract, left, right)
    # A row of additions is one operator, so that it does not nest.
    signs, terms = "+", (left,)
    if isinstance(left, Apply) and left.operator.name.startswith("+") and left.operator.name.strip("+-") == "":
        signs, terms = left.operator.name, left.arguments
    return apply(ops.addition(signs + sign), *terms, right, type=to)


def _moments(sign: str, left: Plan, right: Plan) -> Plan | None:
    kinds = (left.type.kind, right.type.kind)
    if sign == "-" and kinds == ("instant", "instant"):
        apart = (apply(moments.epoch, left, type=INTEGER), apply(moments.epoch, right, type=INTEGER))
        return apply(ops.addition("+-"), *apart, type=DURATION)
    if sign == "-" and set(kinds) <= {"date", "instant"}:
        days = apply(moments.days_between, certainly(right, DATE), certainly(left, DATE), type=INTEGER)
        return apply(ops.multiply, days, Constant(DAY_MICROSECONDS, INTEGER), type=DURATION)
    if kinds[0] == "duration" and sign == "+":
        left, right = right, left
    if right.type != DURATION:
        return None
    if sign == "-":
        right = apply(ops.negate, right, type=DURATION)
    if left.type == DATE:
        return apply(moments.move_day, left, apply(moments.whole_days, right, type=INTEGER), type=DATE)
    moved = apply(ops.addition("++"), apply(moments.epoch, left, type=INTEGER), right, type=INTEGER)
    return apply(moments.instant_of_epoch, moved, type=INSTANT)


def _product(sign: str, left: Plan, right: Plan) -> Plan | None:
    if right.type.kind in ("money", "duration") or (left.type == INTEGER and right.type == DECIMAL):
        left, right = right, left
    kinds = (left.type.kind, right.type.kind)
    if kinds[0] in ("money", "duration"):
        if kinds[1] not in EXACT:
            return None
        return apply(ops.multiply if kinds[1] == "integer" else ops.product, left, right, type=left.type)
    if not set(kinds) <= RANK.keys():
        return None
    if "number" in kinds:
        return _floats(ops.float_multiply, certainly(left, NUMBER), certainly(right, NUMBER))
    return apply(ops.product if right.type == DECIMAL else ops.multiply, left, right, type=left.type)


def _division(sign: str, left: Plan, right: Plan) -> Plan | None:
    kinds = (left.type.kind, right.type.kind)
    if kinds[0] == kinds[1] and kinds[0] in ("money", "duration"):
        return apply(ops.ratio, left, right, type=DECIMAL)
    if kinds[0] in ("money", "duration"):
        if kinds[1] not in EXACT:
            return None
        return apply(ops.quotient if kinds[1] == "integer" else ops.ratio, left, right, type=left.type)
    if not set(kinds) <= RANK.keys():
        return None
    if "number" in kinds:
        return _floats(ops.float_divide, certainly(left, NUMBER), certainly(right, NUMBER))
    if kinds == ("decimal", "integer"):
        return apply(ops.quotient, left, right, type=DECIMAL)
    if kinds == ("integer", "decimal"):
        left = apply(ops.scale, left, type=DECIMAL)
    return apply(ops.ratio, left, right, type=DECIMAL)


def _modulo(sign: str, left: Plan, right: Plan) -> Plan | None:
    return apply(ops.remainder, left, right, type=INTEGER) if left.type == right.type == INTEGER else None


def _floats(operator: Operator, left: Plan, right: Plan) -> Plan:
    tamed = (
        apply(ops.tame, side, type=NUMBER) if isinstance(side, (Read, Special)) else side for side in (left, right)
    )
    return apply(operator, *tamed, type=NUMBER)


_SIGNS = {"+": _sum, "-": _sum, "*": _product, "/": _division, "%": _modulo}
