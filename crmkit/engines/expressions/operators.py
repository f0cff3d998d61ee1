"""The operators on numbers, texts and lists in both executions: as a Python function and as SQL for SQLite and for
PostgreSQL.

Decimals, money and durations are 64-bit integers here (millionths, minor units, microseconds), so that both executions
compute the same digits; what leaves 64 bits is null. A function is given no null: the frame around it answers null (a
comparison: false). In a template ``{0}`` is an argument; each template stands for itself, in brackets, a call or a
CASE. Must not know texts or trees.
"""

from __future__ import annotations

import operator as std
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from crmkit.engines.expressions.plans import Operator
from crmkit.engines.expressions.types import MAX_INTEGER, MIN_INTEGER, UNIT

# --- 64-bit integers -------------------------------------------------------------------------------------------------


def bounded(value: int) -> int | None:
    """Return an integer, or None if it is beyond 64 bits."""
    return value if MIN_INTEGER <= value <= MAX_INTEGER else None


def _sqlite_bounded(form: str) -> str:
    # An integer that overflows becomes a REAL, and what is computed from it stays one.
    return f"CASE typeof({form}) WHEN 'integer' THEN {form} END"


def _postgres_bounded(form: str) -> str:
    return f"CAST(CASE WHEN {form} BETWEEN {MIN_INTEGER} AND {MAX_INTEGER} THEN {form} END AS BIGINT)"


def _wide(number: int) -> str:
    return f"CAST({{{number}}} AS NUMERIC)"


def _integers(name: str, compute: Callable[..., int], sqlite: str, postgresql: str) -> Operator:
    return Operator(
        name=name,
        compute=lambda *values: bounded(compute(*values)),
        sqlite=_sqlite_bounded(sqlite),
        postgresql=_postgres_bounded(postgresql),
        empties=True,
    )


@lru_cache(maxsize=256)
def addition(signs: str) -> Operator:
    """Return the operator that adds and subtracts in a row: ``+-+`` is a - b + c. Each step stays within 64 bits."""

    def compute(first: int, *others: int) -> int | None:
        for sign, other in zip(signs[1:], others, strict=True):
            first = first + other if sign == "+" else first - other
            if not MIN_INTEGER <= first <= MAX_INTEGER:
                return None
        return first

    steps = [_wide(0)]
    for number, sign in enumerate(signs[1:], 1):
        steps.append(f"{steps[-1]} {sign} {{{number}}}")
    within = " AND ".join(f"{step} BETWEEN {MIN_INTEGER} AND {MAX_INTEGER}" for step in steps[1:])
    plain = " ".join(f"{sign} {{{number}}}" for number, sign in enumerate(signs))[2:]
    return Operator(
        name=signs,
        compute=compute,
        sqlite=_sqlite_bounded(plain),
        postgresql=f"CAST(CASE WHEN {within} THEN {steps[-1]} END AS BIGINT)",
        empties=True,
    )


def rounded_quotient(a: int, b: int) -> int:
    """Return a / b rounded half away from zero."""
    whole, rest = divmod(abs(a), abs(b))
    whole += 2 * rest >= abs(b)
    return -whole if (a < 0) != (b < 0) else whole


def _quotient(a: int, b: int) -> int | None:
    return bounded(rounded_quotient(a, b)) if b else None


_WIDEST_DIVISOR = MAX_INTEGER // 1000


def _ratio(a: int, b: int) -> int | None:
    return bounded(rounded_quotient(a * UNIT, b)) if b and abs(b) <= _WIDEST_DIVISOR else None


def _sqlite_rounding(rest: str, divisor: str, sign: str) -> str:
    # min(x, -x) is minus the magnitude, also of the smallest integer; where |2 r| >= |b|, one more away from zero.
    low = f"min({rest}, -({rest}))"
    return f"CASE WHEN {low} <= min({divisor}, -({divisor})) - {low} THEN {sign} ELSE 0 END"


def _postgres_quotient(a: str, b: str) -> str:
    rounding = f"CASE WHEN 2 * abs(mod({a}, {b})) >= abs({b}) THEN sign({a}) * sign({b}) ELSE 0 END"
    return f"(div({a}, {b}) + {rounding})"


_SIGN = "CASE WHEN ({0} < 0) = ({1} < 0) THEN 1 ELSE -1 END"
_DIVISOR = "NULLIF(CAST({1} AS NUMERIC), 0)"

multiply = _integers("*", std.mul, "{0} * {1}", f"{_wide(0)} * {{1}}")
negate = _integers("-", lambda a: -a, "-({0})", f"-{_wide(0)}")
absolute = _integers("abs", lambda a: abs(a), "CASE WHEN {0} < 0 THEN -({0}) ELSE {0} END", f"abs({_wide(0)})")
remainder = Operator(
    name="%",
    # The sign is that of the dividend, as in SQL.
    compute=lambda a, b: (abs(a) % abs(b)) * (-1 if a < 0 else 1) if b else None,
    sqlite="({0} % {1})",
    postgresql="CAST(mod(CAST({0} AS NUMERIC), " + _DIVISOR + ") AS BIGINT)",
    empties=True,
)
quotient = Operator(
    name="quotient",
    compute=_quotient,
    sqlite=_sqlite_bounded("{0} / {1} + " + _sqlite_rounding("{0} % {1}", "{1}", _SIGN)),
    postgresql=_postgres_bounded(_postgres_quotient(_wide(0), _DIVISOR)),
    empties=True,
)
"""a / b, rounded to an integer."""
_REST = "{0} % {1} * 1000 % {1} * 1000 % {1}"
# Long division, three digits at a time: the product with a million would leave 64 bits.
_LONG_DIVISION = (
    "{0} / {1} * 1000000 + {0} % {1} * 1000 / {1} * 1000 + {0} % {1} * 1000 % {1} * 1000 / {1}"
    f" + CASE WHEN 2 * min({_REST}, -({_REST})) <= min({{1}}, -({{1}})) THEN {_SIGN} ELSE 0 END"
)
ratio = Operator(
    name="ratio",
    compute=_ratio,
    sqlite=(
        f"CASE WHEN {{1}} BETWEEN -{_WIDEST_DIVISOR} AND {_WIDEST_DIVISOR}"
        f" AND typeof({_LONG_DIVISION}) = 'integer' THEN {_LONG_DIVISION} END"
    ),
    postgresql=_postgres_bounded(
        _postgres_quotient(
            f"({_wide(0)} * {UNIT})",
            f"CASE WHEN {{1}} <> 0 AND {{1}} BETWEEN -{_WIDEST_DIVISOR} AND {_WIDEST_DIVISOR}"
            " THEN CAST({1} AS NUMERIC) END",
        )
    ),
    empties=True,
)
"""a / b as millionths."""
product = Operator(
    name="product",
    compute=lambda a, b: bounded(rounded_quotient(a * b, UNIT)),
    # Each part has the sign of the whole, so that none leaves 64 bits unless the whole does.
    sqlite=_sqlite_bounded(
        f"{{0}} * ({{1}} / {UNIT}) + ({{0}} / {UNIT}) * ({{1}} % {UNIT})"
        f" + ({{0}} % {UNIT}) * ({{1}} % {UNIT}) / {UNIT}"
        f" + (({{0}} % {UNIT}) * ({{1}} % {UNIT}) % {UNIT} >= {UNIT // 2})"
        f" - (({{0}} % {UNIT}) * ({{1}} % {UNIT}) % {UNIT} <= -{UNIT // 2})"
    ),
    postgresql=_postgres_bounded(_postgres_quotient(f"({_wide(0)} * {{1}})", f"CAST({UNIT} AS NUMERIC)")),
    empties=True,
)
"""a * b of which b is in millionths."""
scale = _integers("decimal", lambda a: a * UNIT, f"{{0}} * {UNIT}", f"{_wide(0)} * {UNIT}")
"""An integer as millionths."""
enlarge = Operator(
    name="enlarge",
    compute=lambda a: a * UNIT,
    # To compare, the overflow does no harm: a REAL beyond 64 bits is on the right side of every integer.
    sqlite=f"({{0}} * {UNIT})",
    postgresql=f"({_wide(0)} * {UNIT})",
)
"""An integer as millionths, only to be compared."""


@lru_cache(maxsize=8)
def rounding(unit: int, mode: str) -> Operator:
    """Return the operator that makes millionths whole multiples of ``unit`` millionths ("round", "floor", "ceil"): as
    an integer if that is one, in millionths otherwise."""
    low, high = f"({{0}} % {unit} < 0)", f"({{0}} % {unit} > 0)"
    if mode == "round":
        low, high = f"({{0}} % {unit} <= -{unit // 2})", f"({{0}} % {unit} >= {unit // 2})"
    back = 1 if unit == UNIT else unit

    def compute(a: int) -> int | None:
        whole = {"floor": a // unit, "ceil": -(-a // unit), "round": rounded_quotient(a, unit)}[mode]
        return bounded(whole * back)

    down, up = ("0" if mode == "ceil" else low), ("0" if mode == "floor" else high)
    steps = [f"CASE WHEN {step} THEN 1 ELSE 0 END" if step != "0" else step for step in (up, down)]
    whole = f"({{0}} / {unit} + {steps[0]} - {steps[1]})"
    return Operator(
        name=mode,
        compute=compute,
        sqlite=whole if back == 1 else _sqlite_bounded(f"{whole} * {back}"),
        postgresql=f"CAST({whole} AS BIGINT)" if back == 1 else _postgres_bounded(f"CAST({whole} AS NUMERIC) * {back}"),
        empties=back != 1,
    )


# --- floating-point numbers ------------------------------------------------------------------------------------------

_HUGE, _TINY = "1e100", "1e-100"


def _tame(value: float) -> float | None:
    if abs(value) < 1e-100:
        return 0.0
    return value if abs(value) <= 1e100 else None


def _tamed(form: str) -> str:
    return f"CASE WHEN abs({form}) < {_TINY} THEN 0.0 WHEN abs({form}) <= {_HUGE} THEN {form} END"


def _floats(name: str, compute: Callable[..., float | None], form: str) -> Operator:
    def run(*values: float) -> float | None:
        answer = compute(*values)
        return None if answer is None else _tame(answer)

    postgresql = f"CAST({_tamed(form)} AS DOUBLE PRECISION)"
    return Operator(name=name, compute=run, sqlite=_tamed(form), postgresql=postgresql, empties=True)


float_add = _floats("+.", std.add, "({0} + {1})")
float_subtract = _floats("-.", std.sub, "({0} - {1})")
float_multiply = _floats("*.", std.mul, "({0} * {1})")
float_divide = _floats("/.", lambda a, b: a / b if b else None, "({0} / NULLIF({1}, 0.0))")
float_negate = _floats("neg.", lambda a: -a, "(-({0}))")
float_absolute = _floats("abs.", lambda a: abs(a), "abs({0})")
tame = Operator(
    name="tame",
    # PostgreSQL refuses what leaves the range of a double: magnitudes are kept where no single step can.
    compute=lambda a: _tame(float(a)),
    sqlite=_tamed("CAST({0} AS REAL)"),
    postgresql=_tamed("CAST({0} AS DOUBLE PRECISION)"),
    empties=True,
)
float_of_integer = Operator(
    name="number", compute=float, sqlite="CAST({0} AS REAL)", postgresql="CAST({0} AS DOUBLE PRECISION)"
)
float_of_decimal = Operator(
    name="number",
    compute=lambda a: float(a) / 1e6,
    sqlite="(CAST({0} AS REAL) / 1000000.0)",
    postgresql="(CAST({0} AS DOUBLE PRECISION) / CAST(1000000 AS DOUBLE PRECISION))",
)


def _whole(name: str, compute: Callable[[float], int], sqlite: str, postgresql: str) -> Operator:
    within = "CASE WHEN {0} > -9e18 AND {0} < 9e18 THEN "
    return Operator(
        name=name,
        compute=lambda a: compute(a) if -9e18 < a < 9e18 else None,
        sqlite=within + sqlite + " END",
        postgresql=within + f"CAST({postgresql} AS BIGINT) END",
        empties=True,
    )


_HALF = "{0} + CASE WHEN {0} < 0 THEN -0.5 ELSE 0.5 END"
float_round = _whole(
    "round", lambda a: int(a + (-0.5 if a < 0 else 0.5)), f"CAST({_HALF} AS INTEGER)", f"trunc({_HALF})"
)
float_floor = _whole(
    "floor", lambda a: int(a) - (int(a) > a), "CAST({0} AS INTEGER) - (CAST({0} AS INTEGER) > {0})", "floor({0})"
)
float_ceil = _whole(
    "ceil", lambda a: int(a) + (int(a) < a), "CAST({0} AS INTEGER) + (CAST({0} AS INTEGER) < {0})", "ceil({0})"
)

# --- comparisons -----------------------------------------------------------------------------------------------------


def _comparison(name: str, compute: Callable[[Any, Any], bool], sign: str) -> tuple[Operator, Operator]:
    plain = f"({{0}} {sign} {{1}})"
    # Texts compare by their code points on both, whatever the database's own order.
    ordered = plain if sign == "=" else f'({{0}} {sign} {{1}} COLLATE "C")'
    return (
        Operator(name=name, compute=compute, sqlite=plain, postgresql=plain, total=True),
        Operator(name=name, compute=compute, sqlite=plain, postgresql=ordered, total=True),
    )


COMPARISONS = {
    sign: _comparison(sign, compute, "=" if sign == "==" else sign)
    for sign, compute in {"==": std.eq, "<": std.lt, "<=": std.le, ">": std.gt, ">=": std.ge}.items()
}
"""For each sign the operator, and the one for texts. ``!=`` is special: it answers where something is null."""


def _least(name: str, compute: Callable[[Any, Any], Any], sign: str) -> tuple[Operator, Operator]:
    form = f"CASE WHEN {{0}} {sign}= {{1}} THEN {{0}} WHEN {{1}} {sign} {{0}} THEN {{1}} END"
    texts = f'CASE WHEN {{0}} {sign}= {{1}} COLLATE "C" THEN {{0}} WHEN {{1}} {sign} {{0}} COLLATE "C" THEN {{1}} END'
    return (
        Operator(name=name, compute=compute, sqlite=form, postgresql=form),
        Operator(name=name, compute=compute, sqlite=form, postgresql=texts),
    )


LEAST = _least("min", min, "<")
GREATEST = _least("max", max, ">")

# --- texts and lists -------------------------------------------------------------------------------------------------

_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_TO_LOWER, _TO_UPPER = str.maketrans(_UPPER, _LOWER), str.maketrans(_LOWER, _UPPER)

lower = Operator(
    name="lower",
    compute=lambda a: a.translate(_TO_LOWER),
    sqlite="lower({0})",
    postgresql=f"translate({{0}}, '{_UPPER}', '{_LOWER}')",
)
upper = Operator(
    name="upper",
    compute=lambda a: a.translate(_TO_UPPER),
    sqlite="upper({0})",
    postgresql=f"translate({{0}}, '{_LOWER}', '{_UPPER}')",
)
trim = Operator(name="trim", compute=lambda a: a.strip(" "), sqlite="trim({0}, ' ')", postgresql="btrim({0}, ' ')")
text_size = Operator(name="size", compute=len, sqlite="length({0})", postgresql="CAST(char_length({0}) AS BIGINT)")
contains = Operator(
    name="contains",
    compute=lambda a, b: b in a,
    sqlite="(instr({0}, {1}) > 0)",
    postgresql="(strpos({0}, {1}) > 0)",
    total=True,
)
starts_with = Operator(
    name="startsWith",
    compute=lambda a, b: a.startswith(b),
    sqlite="(substr({0}, 1, length({1})) = {1})",
    postgresql="starts_with({0}, {1})",
    total=True,
)
ends_with = Operator(
    name="endsWith",
    compute=lambda a, b: a.endswith(b),
    sqlite="(length({0}) >= length({1}) AND substr({0}, length({0}) - length({1}) + 1) = {1})",
    postgresql="(right({0}, char_length({1})) = {1})",
    total=True,
)
concatenate = Operator(name="concat", compute=std.add, sqlite="({0} || {1})", postgresql="({0} || {1})")
list_size = Operator(
    name="size",
    compute=len,
    sqlite="json_array_length({0})",
    postgresql="CAST(jsonb_array_length({0}) AS BIGINT)",
)
among = Operator(
    name="in",
    compute=lambda a, b: a in b,
    sqlite="EXISTS (SELECT 1 FROM json_each({1}) WHERE value = {0})",
    postgresql="jsonb_exists({1}, {0})",
    total=True,
)
"""A text among those of a list."""
