"""Hostile texts: nothing is reached, nothing takes long, and only an ExpressionError comes back."""

from __future__ import annotations

import json
import resource
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from crmkit.engines.expressions.compiling import compile_expression, compile_tree
from crmkit.engines.expressions.documents import tree_from_json
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.errors import ExpressionError, RateMissing
from tests.engines.expressions.generating import VOCABULARY, table

AT = Surroundings(as_of=datetime(2026, 3, 1, tzinfo=UTC), zone="Asia/Shanghai", base_currency="CNY")
SECONDS = 2.0
GROWTH = 64 * 1024
"""Kilobytes that all of them together may add."""

_DUNDERS = (
    "__class__",
    "__globals__",
    "__builtins__",
    "__import__",
    "__dict__",
    "__subclasses__",
    "__init__",
    "gi_frame",
    "f_back",
    "func_globals",
    "mro",
    "_sa_instance_state",
    "format_map",
    "__reduce__",
    "__getattribute__",
)
_CODE = (
    "import os",
    "exec('1')",
    "eval('1')",
    "open('/etc/passwd')",
    "os.system('id')",
    "lambda: 1",
    "[x for x in y]",
    "{1: 2}",
    "x := 1",
    "print(1)",
    "getattr(text.a, '__class__')",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "compile('1', '', 'eval')",
    "__import__('os').system('id')",
    "type(text.a)",
    "().__class__.__bases__[0]",
    "text.a.__class__.__mro__",
    "''.__class__",
    '"".join(text.a)',
    "text.a.format(integer.a)",
    "f'{text.a}'",
    "text.a[0]",
    "text.a[integer.a]",
    "integer.a ** 99999",
    "1 << 99999",
    "yield 1",
    "await x",
    "text.a; text.b",
    "integer.a = 3",
    "integer.a += 1",
    "del text.a",
    "assert true",
    "{{ text.a }}",
    "{% for x in y %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "`id`",
    "$(id)",
    "%s%s%s%n",
    "text.a.matches('(a+)+$')",
    "list.a.map(x, x)",
    "list.a.all(x, true)",
    "list.a.exists(x, x == 1)",
    "list.a.filter(x, true)",
    "dyn(1)",
    "type(1) == int",
)
_SQL = (
    "' OR 1=1 --",
    '" OR ""="',
    "'; DROP TABLE rows; --",
    "') UNION SELECT * FROM crm_user --",
    "\\'; --",
    "%",
    "_",
    "%%",
    "%s",
    "%(x)s",
    ":x",
    "?",
    "$1",
    "{0}",
    "{}",
    "\\",
    "\\\\",
    "*/ /*",
    "--",
    "a'b\"c",
    "\u2028",
    "\x1a",
    "\x7f",
    "\u202etxet",
    "\ufeff",
    "a\u0301",
    "[POSTCOMPILE_x]",
    "__[POSTCOMPILE_x]",
    "NULL",
    "x'00'",
    "E'\\x'",
)


def _corpus() -> list[str]:
    found = [f"text.a.{name}" for name in _DUNDERS] + [f"{name}.{name}" for name in _DUNDERS]
    found += [f"{name}(text.a)" for name in _DUNDERS] + [f"text.a.{name}()" for name in _DUNDERS] + [*_CODE]
    # Nesting and length.
    for opening, inner, closing in (
        ("(", "boolean.a", ")"),
        ("not ", "boolean.a", ""),
        ("!", "boolean.a", ""),
        ("-", "integer.a", ""),
        ("[", "1", "]"),
        ("abs(", "integer.a", ")"),
        ("boolean.a ? (", "true", ") : false"),
        ("(1 + ", "1", ")"),
        ("boolean.a and (boolean.b or (", "true", "))"),
        ("min(1, ", "integer.a", ")"),
        ("has(", "text.a", ")"),
        ("lower(", "text.a", ")"),
        ("date.a - (", "date.a", ")"),
        ("coalesce(null, ", "1", ")"),
        ("integer.a / (", "1", ")"),
        ("boolean.a ? false : ", "true", ""),
        ("boolean.a == (", "true", ")"),
        ("decimal.a * (", "decimal.b", ")"),
        ("days_since(date.a + duration('1d') * ", "integer.a", ")"),
    ):
        for depth in (20, 60, 400, 1900):
            found.append(opening * depth + inner + closing * depth)
    for joint in (
        " and ",
        " or ",
        " + ",
        " - ",
        " * ",
        " / ",
        " % ",
        " == ",
        " < ",
        ", ",
        " ",
        ".",
        " in ",
        " ? ",
        " : ",
    ):
        found += [joint.join(["integer.a"] * count) for count in (40, 300)]
    found += [
        "a" * 5000,
        "a." * 2100 + "a",
        "\u4e00" * 4001,
        "(" * 4000,
        "[" * 4000,
        '"' * 3999,
        "'" * 4001,
        "\\" * 300,
    ]
    # Literals.
    found += [
        "9" * 20,
        "9" * 4000,
        "-" + "9" * 30,
        "0." + "0" * 200 + "1",
        "9" * 30 + ".0",
        "1e999",
        "0x10",
        "1_000",
        "1.",
        ".5",
        "9223372036854775808",
        "-9223372036854775809",
        "1.0000001",
        "0b1",
        "1l",
        "NaN",
        "inf",
        "Infinity > 1",
        "١٢٣ > 1",
        "１２３ > 1",
        "money(9223372036854775807, 'CNY') > 1",
        "money(1, 'XYZ') > 1",
        "money(1, 'usd') > 1",
        "money(integer.a, 'CNY') > 1",
        "duration('99999999999d')",
        "duration('')",
        "duration('-')",
        "duration('1y')",
        "date('2026-02-30')",
        "date('0000-01-01')",
        "date('10000-01-01')",
        "date('2026-1-1')",
        "date('２０２６-01-01')",
        "instant('2026-01-01')",
        "instant('x')",
        "round(1.5, 99999999999)",
        "round(1.5, -5)",
        "date(text.a)",
    ]
    # Texts, by themselves and where something looks into them.
    for payload in _SQL:
        literal = json.dumps(payload, ensure_ascii=False)
        found += [f"text.a == {literal}", f"text.a.contains({literal})", f"keyed.text[{literal}] == {literal}"]
    found += [
        '"\\ud800" == text.a',
        '"\\u0000" == text.a',
        '"\\U00110000" == text.a',
        '"\\x41" == text.a',
        '"\x00"',
        "\x00",
        'text.a == "\ud800"',
        "\ud800",
        "text\u200d.a",
        "te\u200bxt.a",
        "ｔext.a > 1",
        "text．a",
        "text.a ＝＝ 1",
        "\ufeff1 == 1",
        "text.a\u00a0== 1",
        "𝐭ext.a",
        "текст.a",
        "text.а",
        "🙂",
        "text.a == '\n'",
        '"a\nb"',
        "// comment",
        "/* */ true",
        "# x",
        "-- x\ntrue",
        "true\x00",
        "\u202etrue",
        "",
        " ",
        "\n\n",
        "\u3000",
    ]
    return found


CORPUS = _corpus()


def test_the_corpus_is_large() -> None:
    assert len(set(CORPUS)) >= 300


def test_hostile_texts_end_in_a_value_or_an_expression_error_soon() -> None:
    """Each of them compiles and runs on SQLite, or is refused with a place, within bounded time and memory."""
    metadata = sa.MetaData()
    rows, columns = table(metadata)
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    compile_expression("true", VOCABULARY)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = 0
    with engine.connect() as connection:
        for text in CORPUS:
            started = time.process_time()
            try:
                expression = compile_expression(text, VOCABULARY, expect=None)
                expression.evaluate({}, AT)
                known = {ref: columns.get(ref, sa.null()) for ref in expression.uses}
                connection.execute(sa.select(expression.sql(known, AT)).select_from(rows)).all()
            except ExpressionError as error:
                refused += len(error.problems[0].render("zh_Hans")) > 0
            except RateMissing:
                pass
            assert time.process_time() - started < SECONDS, text[:200]
    assert refused > 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


@pytest.mark.parametrize("name", _DUNDERS)
def test_no_attribute_of_a_value_is_reached(name: str) -> None:
    """A dotted name is looked up whole: an attribute of a value is nothing that can be said."""
    for text in (f"text.a.{name} == 1", f"{name} == 1", f"text.a.{name}() == 1", f"lower(text.a).{name}() == 1"):
        with pytest.raises(ExpressionError):
            compile_expression(text, VOCABULARY)


@pytest.mark.parametrize(
    "document",
    [
        None,
        1,
        "x",
        [],
        {},
        {"node": "x"},
        {"node": "literal", "value": 1.5},
        {"node": "literal", "value": 2**70},
        {"node": "literal", "value": {"a": 1}},
        {"node": "name", "name": "a b"},
        {"node": "name", "name": "and"},
        {"node": "name", "name": "text.a", "x": 1},
        {"node": "name"},
        {"node": "name", "name": "text.a", "key": 3},
        {"node": "literal", "value": "\ud800"},
        {"node": "literal", "value": "\0"},
        {"node": "decimal", "value": "NaN"},
        {"node": "decimal", "value": "1e400"},
        {"node": "decimal", "value": "x"},
        {"node": "operator", "operator": "**", "of": []},
        {"node": "operator", "operator": "and", "of": [{"node": "literal", "value": True}]},
        {"node": "if", "of": []},
        {"node": "operator", "operator": ["and"], "of": []},
        {"node": ["if"]},
        {"node": "call", "function": "eval", "of": [{"node": "literal", "value": "1"}]},
        {"node": "call", "function": "a(", "of": []},
        {"node": "list", "of": "abc"},
        {"node": "list", "of": [[]]},
        {"node": "operator", "operator": "==", "of": [{"node": "literal", "value": 1}] * 3},
    ],
)
def test_documents_that_are_no_tree_are_refused(document: object) -> None:
    """What a page sends is checked as strictly as a text."""
    with pytest.raises(ExpressionError):
        compile_tree(tree_from_json(document), VOCABULARY, expect=None)


def test_a_document_of_any_depth_is_refused_and_not_recursed_into() -> None:
    """A document that is nested a thousand times ends in an error."""
    document: dict[str, object] = {"node": "literal", "value": True}
    for _ in range(1000):
        document = {"node": "operator", "operator": "not", "of": [document]}
    with pytest.raises(ExpressionError, match="deeply"):
        tree_from_json(document)
