"""Trees: printed and parsed again, as JSON, in words, traced, and followed where facts are absent."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings, strategies as st

from crmkit.engines.expressions import moments, operators
from crmkit.engines.expressions.compiling import Expression, compile_expression, compile_tree
from crmkit.engines.expressions.documents import tree_from_json, tree_to_json
from crmkit.engines.expressions.functions import FUNCTIONS
from crmkit.engines.expressions.parsing import parse
from crmkit.engines.expressions.plans import Operator
from crmkit.engines.expressions.printing import printed
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef, Symbol, Words
from crmkit.engines.expressions.templates import MAX_STACK, stack_needed
from crmkit.engines.expressions.tracing import trace
from crmkit.engines.expressions.types import BOOLEAN, INSTANT, INTEGER, MONEY, TEXT, TEXTS
from crmkit.errors import ExpressionError
from tests.engines.expressions.generating import VOCABULARY, Generator, table

NOW = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
AT = Surroundings(as_of=NOW, zone="America/New_York", base_currency="CNY")
FACTS = Words.of(
    Symbol(name="purchase.count", type=INTEGER, title="Purchases"),
    Symbol(name="purchase.last_at", type=INSTANT, nullable=True, title="Last purchase"),
    Symbol(name="purchase.category_amount", type=MONEY, nullable=True, keyed=True, title="Spent on"),
    Symbol(name="customer.city", type=TEXT, nullable=True),
    Symbol(name="customer.tags", type=TEXTS, title="Tags"),
    Symbol(name="label.vip", type=BOOLEAN, nullable=True),
    Symbol(name="event.kind", type=TEXT, source="event"),
)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_print_and_parse_are_inverse(seed: int) -> None:
    """What is printed is parsed to the same tree, and JSON keeps it."""
    made = Generator(seed, "UTC", NOW)
    for kind in ("boolean", "integer", "text", "money", "instant"):
        tree = parse(made.expression(kind, 3))
        assert tree == parse(printed(tree))
        assert tree == tree_from_json(json.loads(json.dumps(tree_to_json(tree))))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a&&!b||c", "a and not b or c"),
        ("a and (b or c)", "a and (b or c)"),
        ("a or (b or c)", "a or (b or c)"),
        ("not (a in ['x'])", 'a not in ["x"]'),
        ("(1+2)*3-(4-5)", "(1 + 2) * 3 - (4 - 5)"),
        ("--1", "--1"),
        ("- 1", "-1"),
        ("1.50 > -0.0", "1.5 > -0.0"),
        ("(a?b:c)?d:e?f:g", "(a ? b : c) ? d : e ? f : g"),
        ("(-1).abs()", "(-1).abs()"),
        ("x.y.contains('%')", 'x.y.contains("%")'),
        ('x["k\\"1"].size()', 'x["k\\"1"].size()'),
        ("'a\u202eb\u0007\\u0041é'", '"a\\u202eb\\u0007Aé"'),
        ("\u3000a\n==\n1", "a == 1"),
    ],
)
def test_the_canonical_text(text: str, canonical: str) -> None:
    """There is one way in which a tree is written."""
    assert canonical == printed(parse(text))
    assert parse(canonical) == parse(text)


def test_a_tree_of_a_page_is_compiled() -> None:
    """The condition builder's JSON becomes an expression with the canonical text."""
    document = tree_to_json(parse('purchase.count >= 3 and purchase.category_amount["茶"] > 10.5'))
    expression = compile_tree(tree_from_json(document), FACTS)
    assert 'purchase.count >= 3 and purchase.category_amount["茶"] > 10.5' == expression.text
    assert {"purchase.count", 'purchase.category_amount["茶"]'} == expression.facts


def test_references() -> None:
    """A reference is its text, knows name and key, and can be pickled."""
    expression = compile_expression('event.kind == "purchase" and purchase.category_amount["a\\"b"] > 1', FACTS)
    (ref,) = expression.facts
    assert ("purchase.category_amount", 'a"b', 'purchase.category_amount["a\\"b"]') == (ref.name, ref.key, ref)
    assert (ref, ref.key) == (pickle.loads(pickle.dumps(ref)), pickle.loads(pickle.dumps(ref)).key)
    assert expression.uses == {ref, FactRef("event.kind")}
    assert expression.evaluate({"event.kind": "purchase", ref: 200}, AT)


def test_a_field_of_an_event_is_a_literal_in_sql() -> None:
    """What is not a column is given as a value, and brought into the computed form."""
    words = Words.of(Symbol(name="event.rate", type=VOCABULARY.symbols["decimal.a"].type, source="event"))
    expression = compile_expression("event.rate * 2 == 3", words)
    columns: Any = {FactRef("event.rate"): sa.literal(1.5, sa.Numeric())}
    with sa.create_engine("sqlite://").connect() as connection:
        assert connection.scalar(sa.select(expression.sql(columns, AT)))


def test_a_trace_names_what_decided() -> None:
    """Each condition within is given with its answer, the last ones with the values that they read."""
    text = 'purchase.count >= 3 and (label.vip or not ("vip" in customer.tags))'
    expression = compile_expression(text, FACTS)
    found = trace(expression, {"purchase.count": 2, "label.vip": None, "customer.tags": ["vip"]}, AT)
    assert (False, text) == (
        found.holds,
        found.text.replace('"vip" not in customer.tags', 'not ("vip" in customer.tags)'),
    )
    first, second = found.parts
    assert ("purchase.count >= 3", False, {"purchase.count": 2}) == (first.text, first.holds, first.values)
    assert [("label.vip", False), ('"vip" not in customer.tags', False)] == [
        (part.text, part.holds) for part in second.parts
    ]


def test_a_trace_of_what_is_always_so() -> None:
    """Literals and choices are conditions like others."""
    expression = compile_expression("null or not (label.vip ? true : purchase.count > 1)", FACTS)
    first, second = trace(expression, {"purchase.count": 1}, AT).parts
    assert [("null", False, ()), (False, True)] == [
        (first.text, first.holds, first.parts),
        (second.parts[0].holds, second.holds),
    ]


@pytest.mark.parametrize(
    ("text", "absent", "false"),
    [
        ("purchase.count >= 3", {"purchase.count": 0}, True),
        ("purchase.count >= 0", {"purchase.count": 0}, False),
        ("purchase.count >= 3 or customer.city == null", {"purchase.count": 0}, False),
        ("customer.city == null and purchase.count >= 3", {"purchase.count": 0}, True),
        ("days_since(purchase.last_at) > 60", ["purchase.last_at"], True),
        ("not (days_since(purchase.last_at) > 60)", ["purchase.last_at"], False),
        ("purchase.last_at == null", ["purchase.last_at"], False),
        ("has(purchase.last_at) and label.vip", ["purchase.last_at"], True),
        ("purchase.last_at != null", ["purchase.last_at"], True),
        ("coalesce(purchase.last_at, now()) > now()", ["purchase.last_at"], False),
        ("(label.vip ? purchase.count : 0) > 3", {"purchase.count": 0, "label.vip": None}, True),
        ('customer.city in ["a", "b"]', ["customer.city"], True),
        ('customer.city != "a"', ["customer.city"], False),
        ('purchase.category_amount["a"] + 5 > 3', ['purchase.category_amount["a"]'], True),
    ],
)
def test_what_absent_facts_decide(text: str, absent: Any, false: bool) -> None:
    """A condition is followed through where facts have their defaults and the others may be anything."""
    assert false == compile_expression(text, FACTS).absent_is_false(absent)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**40))
def test_absent_facts_never_hide_a_customer(seed: int) -> None:
    """Where a condition is said to be false without some facts, it is false whatever the others are."""
    made = Generator(seed, "UTC", NOW)
    expression = compile_expression(made.condition(3), VOCABULARY)
    absent = [ref for ref in expression.facts if made.random.random() < 0.5]
    at = Surroundings(as_of=NOW, zone="UTC", base_currency="CNY", rate=lambda *_: 7)  # type: ignore[arg-type,return-value]
    if expression.absent_is_false(absent):
        rows = [made.row() | dict.fromkeys(absent) for _ in range(20)]
        assert not any(expression.evaluate(row, at) for row in rows), expression.text


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        (
            'purchase.count >= 3 and days_since(purchase.last_at) > 60 and customer.city in ["上海", "杭州"]',
            "Purchases is at least 3 and days since Last purchase is more than 60"
            " and customer.city is one of 上海, 杭州",
            "Purchases不少于3，并且距Last purchase的天数大于60，并且customer.city是上海、杭州之一",
        ),
        (
            'purchase.category_amount["{0}"] == null or not ("{1}" in customer.tags)',
            "Spent on ({0}) is not known or {1} is not among Tags",
            "Spent on ({0})未知，或者{1}不在Tags之中",
        ),
        (
            "label.vip ? true : purchase.count * 2.50 < -1",
            "yes if label.vip, otherwise (Purchases * 2.5) is less than -1",
            "如果label.vip，则是，否则(Purchases * 2.5)小于-1",
        ),
    ],
)
def test_in_words(text: str, english: str, chinese: str) -> None:
    """An expression reads in both languages, whatever its texts hold."""
    expression = compile_expression(text, FACTS)
    assert (english, chinese) == (expression.words("en"), expression.words("zh_Hans"))


def test_the_function_list_of_the_documentation_is_that_of_the_code() -> None:
    """Each function is documented with its signature and its description, in the order of the code."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "expressions.md").read_text("utf-8")
    rows = [f"| `{function.signature.replace('|', '∣')}` | {function.doc} |" for function in FUNCTIONS.values()]
    assert "\n".join(rows) in page, "\n" + "\n".join(rows)


# --- how deep ---------------------------------------------------------------------------------------------------------

_NESTS = {
    "boolean.a": [
        "not ({})",
        "(boolean.a and (boolean.b or {}))",
        "(({}) == boolean.a)",
        "(boolean.a ? {} : boolean.b)",
        "({} ? boolean.a : boolean.b)",
    ],
    "integer.a": [
        "(1 + {})",
        "{} + 1",
        "(integer.a * {})",
        "({} % integer.a)",
        "-({})",
        "abs({})",
        "round({} / integer.a)",
        "round(integer.a / ({} + 1))",
        "min({}, integer.b)",
        "coalesce(integer.a, {})",
        "floor({} * 1.5)",
        "round(number.a * {})",
        "days_since(date.a + duration('1d') * ({}))",
        "hour(instant.a + duration('1d') * {})",
    ],
}


@pytest.mark.parametrize(("leaf", "form"), [(leaf, form) for leaf, forms in _NESTS.items() for form in forms])
def test_what_is_accepted_is_not_too_deep_for_a_database(database_url: str, leaf: str, form: str) -> None:
    """The deepest nesting that is accepted runs, within a statement that nests it further, and is not endless."""
    text, deepest = leaf, None
    while True:
        text = form.format(text)
        try:
            deepest = compile_expression(text + (" > 3" if leaf == "integer.a" else ""), VOCABULARY)
        except ExpressionError:
            break
    assert isinstance(deepest, Expression)
    assert stack_needed(deepest.plan, AT) <= MAX_STACK
    metadata = sa.MetaData()
    rows, columns = table(metadata)
    engine = sa.create_engine(database_url)
    metadata.create_all(engine)
    at = Surroundings(as_of=NOW, zone=AT.zone, base_currency="CNY", dialect=engine.dialect.name)
    inner = sa.select(rows.c.id).where(sa.exists(sa.select(1).where(deepest.where(columns, at)))).subquery()
    with engine.connect() as connection:
        assert 0 == connection.scalar(sa.select(sa.func.count()).select_from(inner))
        assert [] == connection.execute(sa.select(deepest.sql(columns, at)).select_from(rows)).all()
    engine.dispose()


def test_every_operator_has_a_template_for_both_databases() -> None:
    """Templates name each of their arguments, and stand for themselves in a larger one."""
    every = [one for module in (operators, moments) for one in vars(module).values() if isinstance(one, Operator)]
    assert len(every) > 30
    for operator in every:
        for dialect in ("sqlite", "postgresql"):
            template = operator.template(AT, dialect)
            assert "{0}" in template
            assert template[0] in "({C" or template.split("(")[0].isidentifier() or template.startswith("EXISTS")
            assert template.count("(") == template.count(")")
