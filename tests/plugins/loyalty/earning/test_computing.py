"""What rules give: caps, stacks, order, multiplication; pure computation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from crmkit_loyalty.earning.computing import Happening, Rule, Used, compute, totals
from crmkit_loyalty.earning.refunding import Bought, Returned, fallen
from hypothesis import given, strategies as st

POINTS = UUID(int=1)
OTHER = UUID(int=2)
TEA, POT = UUID(int=11), UUID(int=12)


def rule(name: str, points: Callable[[Any], Any] | int, **values: Any) -> Rule:
    """Return a rule that gives points, a number or a function."""
    give = points if callable(points) else (lambda _values, points=points: points)
    made = {"title": name, "type_id": POINTS, "event": "purchase", "scope": "order", "mode": "add", "condition": None}
    return Rule(name=name, points=give, **{**made, **values})


def bought(*amounts: int) -> Happening:
    """Return a purchase with lines."""
    lines = {number: {"amount": Decimal(amount)} for number, amount in enumerate(amounts, 1)}
    return Happening(event="purchase", day=date(2027, 3, 1), whole={"amount": Decimal(sum(amounts))}, lines=lines)


def points_of(*rules: Rule, happened: Happening | None = None, **used: Used) -> dict[str, int]:
    """Return what rules give, by name."""
    found: dict[str, int] = {}
    for part in compute(rules, happened or bought(100), used):
        found[part.rule.name] = found.get(part.rule.name, 0) + part.points
    return found


def outcomes(*rules: Rule, happened: Happening | None = None, **used: Used) -> dict[str, str]:
    """Return what became of rules, by name."""
    return {part.rule.name: part.outcome for part in compute(rules, happened or bought(100), used)}


def by_amount(values: Any) -> Any:
    """Return ten points for each unit of money."""
    return values["amount"] * 10


@pytest.mark.parametrize(
    ("tier", "usd", "points"),
    [
        ("0", 100, 1000),
        ("0.1", 100, 1100),
        ("0.25", 100, 1250),
        ("0.5", 250, 3750),
        ("0.75", 80, 1400),
        ("0.75", 1000, 17500),
    ],
)
def test_a_hotel_gives_a_bonus_on_base_points(tier: str, usd: int, points: int) -> None:
    """Ten points a dollar, and a part more by tier: the published rules of a hotel programme."""
    base, bonus = rule("base", by_amount), rule("bonus", lambda _values: Decimal(tier), mode="multiply")
    assert sum(points_of(base, bonus, happened=bought(usd)).values()) == points


def test_every_rule_says_what_it_did() -> None:
    """One that gives nothing says why."""
    assert outcomes(
        rule("base", 100, last=True),
        rule("never", 5, condition=lambda values: False),
        rule("after", 5),
    ) == {"base": "given", "never": "stopped", "after": "stopped"}
    assert outcomes(
        rule("never", 5, condition=lambda values: False),
        rule("call", 5, event="call"),
        rule("old", 5, until=date(2027, 2, 28)),
        rule("zero", lambda values: values["amount"] / 1000),
        rule("full", 10, cap_day=10),
        full=Used(day=10),
    ) == {"never": "condition", "call": "kind", "old": "period", "zero": "nothing", "full": "cap"}


def test_of_a_stack_the_best_counts() -> None:
    """And what comes after builds on it alone."""
    assert points_of(
        rule("small", 10, stack="tea"),
        rule("large", 30, stack="tea"),
        rule("double", 1, mode="multiply"),
    ) == {"small": 0, "large": 30, "double": 30}


def test_limits_leave_what_there_is_room_for() -> None:
    """At once, a day and a period: the narrowest counts, the first lines first."""
    capped = rule("lines", by_amount, scope="line", cap_once=250, cap_period=1000)
    parts = compute([capped], bought(10, 10, 10), {"lines": Used(period=800)})
    assert [(part.line_no, part.points) for part in parts] == [(1, 100), (2, 100)]
    parts = compute([capped], bought(10, 10, 10), {})
    assert [(part.line_no, part.points) for part in parts] == [(1, 100), (2, 100), (3, 50)]


def test_a_line_is_multiplied_by_what_it_got() -> None:
    """Of each line its own points, of the whole all of them; other kinds of points are left alone."""
    found = compute(
        [
            rule("base", by_amount, scope="line"),
            rule("other", 7, type_id=OTHER),
            rule("tea", 2, scope="line", mode="multiply", condition=lambda values: values["amount"] == 20),
            rule("all", Decimal("0.5"), mode="multiply"),
        ],
        bought(10, 20),
        {},
    )
    assert totals(found) == {
        (POINTS, 1, None): 100,
        (POINTS, 2, None): 600,
        (OTHER, 0, None): 7,
        (POINTS, 0, None): 350,
    }


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20_000)), max_size=5),
)
def test_refunds_never_take_more_than_was_bought(amounts: list[int], backs: list[tuple[int, int]]) -> None:
    """However often something is returned, no line gives back more than it cost, and nothing is lost on the way."""
    before = dict.fromkeys(range(1, len(amounts) + 1), 0)
    for product, amount in backs:
        lines = [
            Bought(line_no=number, product_id=UUID(int=number % 3), amount=cost, before=before[number])
            for number, cost in enumerate(amounts, 1)
        ]
        left = sum(line.left for line in lines)
        found = fallen(lines, amount, [Returned(product_id=UUID(int=product), amount=amount)])
        assert sum(found.values()) == min(amount, left)
        for line_no, part in found.items():
            before[line_no] += part
            assert part > 0
            assert before[line_no] <= amounts[line_no - 1]


def test_a_refund_falls_on_the_product_it_names() -> None:
    """What goes beyond it falls on all lines, by what is left of each."""
    lines = [
        Bought(line_no=1, product_id=TEA, amount=300),
        Bought(line_no=2, product_id=POT, amount=100),
        Bought(line_no=3, product_id=TEA, amount=50),
    ]
    assert fallen(lines, 320, [Returned(product_id=TEA, amount=320)]) == {1: 300, 3: 20}
    assert fallen(lines, 180, [Returned(product_id=POT, amount=180)]) == {2: 100, 1: 68, 3: 12}
    assert fallen(lines, 90, []) == {1: 60, 2: 20, 3: 10}
