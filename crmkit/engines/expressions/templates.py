"""The SQL templates of a plan's nodes, and how much of SQLite's parser they take.

SQLite's parser has a stack of 100 entries (it grows by itself from version 3.46 on only), and a template that names an
argument several times would let a nested expression grow without measure. So what is long is written once, in a
subquery, and what is nested too deeply is refused before any database sees it. Must not know SQLAlchemy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from crmkit.engines.expressions.plans import Apply, Plan, Special
from crmkit.engines.expressions.surroundings import Surroundings

MAX_STACK = 72
"""Entries of the parser's stack that a plan may take; the statement around it needs some, too."""

CONDITIONS = {"and": 10**6, "or": 10**6, "not": 1, "truth": 1, "if": 1}
"""How many of the arguments stand where null counts as false."""
_SPECIAL = {
    "not": "({0} IS NOT TRUE)",
    "truth": "({0} IS TRUE)",
    "if": "CASE WHEN {0} THEN {1} ELSE {2} END",
    "has": "({0} IS NOT NULL)",
}


def templates(plan: Apply | Special, at: Surroundings) -> tuple[str, str]:
    """Return a node's templates for SQLite and for PostgreSQL."""
    if isinstance(plan, Apply):
        own = plan.operator.template(at, "sqlite"), plan.operator.template(at, "postgresql")
        count = len(plan.arguments)
        # Without the fence PostgreSQL would put the arguments back wherever they are used.
        return (named_once(own[0], count), named_once(own[1], count, " OFFSET 0")) if plan.repeats else own
    slots = [f"{{{number}}}" for number in range(len(plan.arguments))]
    if plan.name in ("and", "or"):
        form = f"({f' {plan.name.upper()} '.join(slots)})"
    elif plan.name == "coalesce":
        form = f"coalesce({', '.join(slots)})"
    elif plan.name == "one_of":
        form = f"({slots[0]} IN ({', '.join(slots[1:])}))"
    elif plan.name == "differs":
        return "({0} IS NOT {1})", "({0} IS DISTINCT FROM {1})"
    else:
        form = _SPECIAL[plan.name]
    return form, form


def named_once(template: str, count: int, fence: str = "") -> str:
    """Return a template that writes each of its arguments once, in a subquery."""
    columns = ", ".join(f"{{{number}}} AS a{number}" for number in range(count))
    inner = template.format(*(f"e.a{number}" for number in range(count)))
    return f"(SELECT {inner} FROM (SELECT {columns}{fence}) AS e)"  # noqa: S608 (all of it is of operators)


# --- the parser's stack ----------------------------------------------------------------------------------------------

_TOKENS = re.compile(r"'[^']*'|\{\d+\}|[\w.]+|\|\||[<>!=]=|<>|[-+*/%<>=(),]")
_PRECEDENCE = {"OR": 1, "AND": 2, "NOT": 3, "IS": 4, "IN": 4, "BETWEEN": 4, "=": 4, "<": 5, "<=": 5, ">": 5, ">=": 5,
               "+": 7, "-": 7, "*": 8, "/": 8, "%": 8, "||": 9}  # fmt: skip


class _Frame:
    """What a bracket, a CASE or a SELECT that is open keeps on the stack, and the operators that wait within it."""

    def __init__(self, base: int, then: int) -> None:
        self.base, self.then, self.waiting = base, then, list[int]()

    @property
    def entries(self) -> int:
        return self.base + 2 * len(self.waiting)

    def operator(self, precedence: int) -> None:
        while self.waiting and self.waiting[-1] >= precedence:
            self.waiting.pop()
        self.waiting.append(precedence)


@lru_cache(maxsize=2048)
def stack_costs(template: str) -> Mapping[int, int]:
    """Return how many entries of the stack are taken where each argument of a template stands."""
    frames, costs, before = [_Frame(0, 0)], dict[int, int](), ""
    for part in _TOKENS.findall(template):
        top, word = frames[-1], part.upper()
        if part.startswith("{"):
            number = int(part[1:-1])
            costs[number] = max(costs.get(number, 0), sum(frame.entries for frame in frames))
        elif part == "(":
            function = re.fullmatch(r"[A-Za-z_]\w*", before) and before.upper() not in _WORDS
            frames.append(_Frame(3, 5) if function else _Frame(1, 3))
        elif word == "CASE":
            frames.append(_Frame(1, 0))
        elif word in (")", "END"):
            frames.pop()
        elif word in ("WHEN", "THEN", "ELSE", ",", "SELECT", "FROM", "WHERE"):
            top.waiting.clear()
            if word == ",":
                top.base = max(top.base, top.then)
            elif word in ("WHEN", "THEN"):
                # What came before is one entry more, once there is something.
                top.base = (3 if word == "WHEN" else 5) + top.then
                top.then = max(top.then, int(word == "THEN"))
            else:
                top.base = {"ELSE": 4, "SELECT": 5, "FROM": 7, "WHERE": 8}[word]
        elif word in _PRECEDENCE and not (word == "NOT" and before.upper() == "IS"):
            top.operator(_PRECEDENCE[word])
        before = part
    return costs


_WORDS = {"AND", "OR", "NOT", "IN", "WHEN", "THEN", "ELSE", "FROM", "SELECT", "WHERE", "BETWEEN", "IS", "CASE", "AS"}


def stack_needed(plan: Plan, at: Surroundings) -> int:
    """Return how many entries of the parser's stack a plan takes at most."""
    if not isinstance(plan, (Apply, Special)):
        return 1
    costs = stack_costs(templates(plan, at)[0])
    conditions = CONDITIONS.get(plan.name, 0) if isinstance(plan, Special) else 0
    needed = 1
    for number, argument in enumerate(plan.arguments):
        # A condition as a value is written as (… IS TRUE).
        wrapped = argument.type.kind == "boolean" and number >= conditions
        needed = max(needed, costs[number] + stack_needed(argument, at) + 2 * wrapped)
    return needed
