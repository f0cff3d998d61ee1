"""What is said about a wrong expression: which column, what is wrong, what was probably meant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crmkit.engines.expressions.compiling import compile_expression
from crmkit.engines.expressions.mistakes import Mistake
from crmkit.engines.expressions.symbols import Symbol, Words
from crmkit.engines.expressions.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INSTANT,
    INTEGER,
    MONEY,
    NUMBER,
    TEXT,
    TEXTS,
    Type,
)
from crmkit.errors import ExpressionError

VOCABULARY = Words.of(
    Symbol(name="purchase.count", type=INTEGER),
    Symbol(name="purchase.amount", type=MONEY, nullable=True),
    Symbol(name="purchase.last_at", type=INSTANT, nullable=True),
    Symbol(name="purchase.category_amount", type=MONEY, nullable=True, keyed=True),
    Symbol(name="customer.kind", type=TEXT, options=("person", "organization")),
    Symbol(name="customer.city", type=TEXT, nullable=True),
    Symbol(name="customer.tags", type=TEXTS),
    Symbol(name="churn.probability", type=NUMBER, nullable=True),
    Symbol(name="custom.鞋码", type=INTEGER, nullable=True),
)
MISTAKES = [
    ("purchas.count > 3", 1, "There is no fact purchas.count. Did you mean purchase.count?"),
    ("true and purchase.cuont > 3", 10, "Did you mean purchase.count?"),
    ("custom.鞋号 > 3", 1, "Did you mean custom.鞋码?"),
    ("days_sinse(purchase.last_at) > 3", 1, "There is no function days_sinse. Did you mean days_since?"),
    ('customer.city.startswith("上")', 15, "Did you mean startsWith?"),
    ("days_since() > 3", 1, "It is days_since(when: date | instant) -> integer."),
    ("days_since(purchase.count) > 3", 12, "days_since takes something else here, and this is a whole number."),
    (
        'customer.kind == "persn"',
        18,
        'customer.kind is never "persn"; it is one of person, organization. Did you mean "person"?',
    ),
    ('customer.kind in ["person", "x"]', 29, 'customer.kind is never "x"'),
    ('purchase.count == "3"', 16, "a whole number cannot be compared with a text."),
    ('purchase.last_at > "2026-01-31"', 18, 'Write date("2026-01-31").'),
    ('customer.tags == "vip"', 15, 'Write "…" in customer.tags.'),
    ('"a" in customer.city', 8, "Write contains(text, part)."),
    ("purchase.category_amount > 3", 1, 'Write purchase.category_amount["…"].'),
    ('purchase.count["tea"] > 3', 1, "purchase.count has no keys."),
    ("purchase.count", 1, "A condition is wanted here, and this is a whole number."),
    ("purchase.count and true", 1, "A condition is wanted here"),
    ("purchase.amount * purchase.amount > 3", 17, "cannot be joined by *"),
    ("churn.probability % 2 > 1", 19, "cannot be joined by %"),
    ("purchase.count + null > 1", 16, "Nothing can be computed with null."),
    ("purchase.count < null", 16, "Nothing is smaller or greater than null."),
    ("purchase.count in [1, null]", 23, "null is in no list."),
    ("[1, 2] == 3", 2, "A list can stand after in"),
    ("round(churn.probability, 2) > 1", 26, "whole numbers only"),
    ("round(1.5, purchase.count) > 1", 12, "is written out"),
    ('date("2026-02-30") == today()', 6, "This is no day."),
    ('duration("3 days") == duration("3d")', 10, "This is no duration."),
    ('instant("2026-01-31T00:00:00") == now()', 9, "Write it with its offset"),
    ('money(5, "CNZ") > 3', 10, "There is no currency CNZ."),
    ("purchase.count = 3", 16, "Write == to compare."),
    ("purchase.count > 3 AND true", 20, "Write it in small letters: and."),
    ("purchase.count > 3 & true", 20, "Write and."),
    ("purchase.count > 3 days", 20, 'Write a length of time so: duration("3d").'),
    ("1 < purchase.count < 5", 20, "Compare two things at a time"),
    ("（purchase.count > 3", 1, "Did you mean (?"),
    ("purchase.count > 3 and", 23, "The expression ends too early."),
    ('customer.city == "上海', 18, "This text does not end."),
    (r'customer.city == "\d"', 19, r"\d means nothing in a text."),
    ("purchase.count > 9223372036854775808", 18, "This number is too large."),
    ("0.0000001 > 0", 1, "A decimal number has at most 6 places."),
    ("", 1, "The expression is empty."),
    ("not " * 60 + "true", 201, "This is nested too deeply"),
    (" or ".join(["a"] * 501), 1, "more than 500 parts"),
]


@pytest.mark.parametrize(("text", "column", "said"), MISTAKES)
def test_a_mistake_is_pointed_at(text: str, column: int, said: str) -> None:
    """The error names the column and says what would be right."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, VOCABULARY)
    (problem,) = caught.value.problems
    assert isinstance(problem, Mistake)
    assert said in problem.render()
    if column > 1:
        assert column == problem.column
    assert problem.render("zh_Hans") != problem.render()


def test_a_mistake_on_a_later_line_names_the_line() -> None:
    """Lines and columns count from one."""
    with pytest.raises(ExpressionError, match="Line 2, column 5: There is no fact nothing"):
        compile_expression("true and\n    nothing.at_all > 1", VOCABULARY)


@pytest.mark.parametrize(
    ("text", "expect", "kind"),
    [
        ("purchase.count", DECIMAL, "decimal"),
        ("purchase.count", NUMBER, "number"),
        ("5", MONEY, "money"),
        ("purchase.last_at", DATE, "date"),
        ("null", TEXT, "text"),
        ("null", BOOLEAN, "boolean"),
    ],
)
def test_a_value_becomes_the_type_that_is_wanted(text: str, expect: Type, kind: str) -> None:
    """What can be taken for the wanted type without loss is."""
    assert kind == compile_expression(text, VOCABULARY, expect=expect).type.kind


def test_another_type_than_the_wanted_is_refused() -> None:
    """A text is no number."""
    with pytest.raises(ExpressionError, match="a whole number is wanted, and this is a text"):
        compile_expression("customer.city", VOCABULARY, expect=INTEGER)


def test_what_is_written_out_is_computed_once() -> None:
    """Literals are folded: what no customer changes is a constant."""
    expression = compile_expression('1.5 * 2 > 2.5 and size("上海") == 2', VOCABULARY)
    assert (True, frozenset()) == (getattr(expression.plan, "value", None), expression.uses)
    assert Decimal("0.333333") == compile_expression("1 / 3", VOCABULARY, expect=DECIMAL).plan.value / Decimal(10**6)
