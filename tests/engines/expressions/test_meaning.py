"""What expressions mean: each row of the documented semantics, in Python and in both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa

from crmkit.core.business.money import Money
from crmkit.core.store.types import Instant, ScaledDecimal, json_type
from crmkit.engines.expressions.compiling import compile_expression
from crmkit.engines.expressions.functions import FUNCTIONS
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import Symbol, Words
from crmkit.engines.expressions.types import TEXTS, Type, type_of
from crmkit.errors import InvalidInput, RateMissing

NOW = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
"""The 2nd of March, one in the night, in Shanghai."""
KINDS: dict[str, Any] = {
    "flag": (bool, sa.Boolean),
    "count": (int, sa.BigInteger),
    "rate": (Decimal, ScaledDecimal(6)),
    "score": (float, sa.Double),
    "city": (str, sa.String),
    "born": (date, sa.Date),
    "last": (datetime, Instant()),
    "gap": (timedelta, sa.BigInteger),
    "paid": (Money, sa.BigInteger),
    "tags": (list[str], json_type()),
}
VALUES: dict[str, Any] = {
    "flag": True,
    "count": 7,
    "rate": Decimal("2.5"),
    "score": 0.5,
    "city": "上海 Pudong",
    "born": date(1996, 2, 29),
    "last": datetime(2026, 2, 27, 15, 59, 59, 999999, tzinfo=UTC),
    "gap": timedelta(days=2, hours=12),
    "paid": 123_456,
    "tags": ["vip", "媒体"],
}
VOCABULARY = Words.of(
    *(Symbol(name=f"x.{name}", type=type_of(kind)[0], nullable=True) for name, (kind, _) in KINDS.items()),
    *(Symbol(name=f"none.{name}", type=type_of(kind)[0], nullable=True) for name, (kind, _) in KINDS.items()),
)
MEANINGS: list[tuple[str, Any]] = [
    # Null: a comparison is false, != says whether they differ, not is total.
    ("none.count > 3", False),
    ("not (none.count > 3)", True),
    ("none.count == none.count", False),
    ("none.count != none.count", False),
    ("none.count != 3", True),
    ("none.count == null", True),
    ("x.count != null", True),
    ("has(none.city) or has(x.city)", True),
    ("none.flag", False),
    ("not none.flag", True),
    ("(none.count > 3) == (x.count > 100)", True),
    ("none.count + 1 == null", True),
    ("coalesce(none.count, 0) + 1", 1),
    ("none.flag ? 1 : 2", 2),
    ("min(none.count, 1) == null", True),
    ('none.city in ["a"]', False),
    ('none.city not in ["a"]', True),
    ('"vip" in none.tags', False),
    ("days_since(none.last) > 3", False),
    # Numbers: exact, 64 bits, six places; the half is rounded away from zero.
    ("7 / 2", Decimal("3.5")),
    ("1 / 3", Decimal("0.333333")),
    ("-2 / 3", Decimal("-0.666667")),
    ("x.count / 0 == null", True),
    ("x.count % 0 == null", True),
    ("-7 % 3", -1),
    ("0.1 + 0.2 == 0.3", True),
    ("x.rate * x.rate", Decimal("6.25")),
    ("0.000001 * 0.5", Decimal("0.000001")),
    ("x.rate * 0.000001", Decimal("0.000003")),
    ("-x.rate * 0.000001", Decimal("-0.000003")),
    ("x.count / 2000000", Decimal("0.000004")),
    ("-x.count / 2000000", Decimal("-0.000004")),
    ("x.rate / -2000000", Decimal("-0.000001")),
    ("floor(x.score * 2) * 100 + ceil(x.score * 2) * 10 + round(x.score * -3)", 108),
    ("floor(-x.score) * 10 + ceil(-x.score)", -10),
    ("x.count > 6.999999", True),
    ("9223372036854775807 + x.count == null", True),
    ("9223372036854775807 + x.count > 0", False),
    ("9223372036854775807 > 9223372036854.5", True),
    ("abs(-9223372036854775808) == null", True),
    ("round(x.rate) + round(-x.rate)", 0),
    ("round(2.675, 2)", Decimal("2.68")),
    ("floor(-x.rate)", -3),
    ("ceil(-x.rate)", -2),
    ("x.score * 2 == 1", True),
    ("round(x.score)", 1),
    ("x.score / 0 == null", True),
    ("between(x.count, 7, 9)", True),
    ("max(x.count, 7.5)", Decimal("7.5")),
    # Money: a plain number is in major units.
    ("x.paid >= 1234.56", True),
    ("x.paid > 1235", False),
    ("x.paid + 0.44 == 1235", True),
    ("x.paid * 1.5", 185_184),
    ("x.paid / 1000", 123),
    ("x.paid / x.paid", Decimal(1)),
    ("x.paid / x.count > 176.36", True),
    ('money(100, "USD")', 71_700),
    ('x.paid >= money(172.18, "USD")', True),
    # Texts: letter for letter, ordered by code points.
    ('x.city == "上海 pudong"', False),
    ('lower(x.city) == "上海 pudong"', True),
    ('lower("ÄB")', "Äb"),
    ('x.city.startsWith("上海") and x.city.endsWith("dong")', True),
    ('x.city.contains("%") or x.city.contains("_")', False),
    ("size(x.city)", 9),
    ('size("😀a")', 2),
    ('"Z" < "a" and "z" < "ä" and "ä" < "上"', True),
    ('x.city + "!" == "上海 Pudong!"', True),
    ('trim(" a ")', "a"),
    ('upper("äb")', "äB"),
    ('"é" == "e\\u0301"', True),
    # Lists.
    ('"vip" in x.tags', True),
    ('"VIP" in x.tags', False),
    ('any_of(x.tags, ["a", "媒体"]) and not all_of(x.tags, ["a", "媒体"])', True),
    ("size(x.tags)", 2),
    # Days are those of the zone; 2026-02-27 15:59:59.999999 UTC is still the 27th in Shanghai.
    ("today()", date(2026, 3, 2)),
    ("days_since(x.last)", 3),
    ("date(x.last)", date(2026, 2, 27)),
    ("hour(x.last)", 23),
    ('x.last == date("2026-02-27")', True),
    ('x.last < date("2026-02-28")', True),
    ('x.last >= date("2026-02-28")', False),
    ("days_since(x.last) >= 3 and days_since(x.last) <= 3 and days_since(x.last) == 3", True),
    ("days_since(x.last) > 3 or days_since(x.last) < 3 or days_since(x.last) != 3", False),
    ("days_until(x.last)", -3),
    ('days_until(date("2026-12-25"))', 298),
    ("years_since(x.born)", 30),
    ('months_since(date("2026-01-03"))', 1),
    ('months_since(date("2026-01-02"))', 2),
    ('months_until(date("2026-04-01"))', 0),
    ("days_between(x.born, x.last)", 10_956),
    ("year(x.born) * 10000 + month(x.born) * 100 + day(x.born)", 19_960_229),
    ("weekday(x.born)", 4),
    ('x.born + duration("1d")', date(1996, 3, 1)),
    ('x.last + duration("1s")', datetime(2026, 2, 27, 16, 0, 0, 999999, tzinfo=UTC)),
    ("now() - x.last", timedelta(days=2, hours=1, microseconds=1)),
    ('x.gap > duration("2d") and x.gap < duration("60h1s")', True),
    ("days(x.gap)", Decimal("2.5")),
    ("x.gap * 2", timedelta(days=5)),
    ('today() - x.born > duration("10000d")', True),
    ('instant("2026-03-02T01:00:00+08:00") == now()', True),
    # Logic.
    ("true or none.flag && false", True),
    ("!x.flag || !none.flag", True),
    ("x.flag == true ? x.count : 0", 7),
    ("x.count in [1, 7.0, 9]", True),
]


def rate(currency: str, into: str, day: date) -> Fraction:
    """Return the one rate that there is."""
    if (currency, into, day) == ("USD", "CNY", date(2026, 3, 2)):
        return Fraction(717, 100)
    raise RateMissing


def surroundings(dialect: str = "sqlite") -> Surroundings:
    return Surroundings(as_of=NOW, zone="Asia/Shanghai", base_currency="CNY", rate=rate, dialect=dialect)


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_a_closure_means(text: str, meaning: Any) -> None:
    """A row of the semantics holds in Python."""
    expression = compile_expression(text, VOCABULARY, expect=None)
    if expression.type.kind == "boolean":
        expression = compile_expression(text, VOCABULARY)
    found = expression.evaluate({f"x.{name}": value for name, value in VALUES.items()}, surroundings())
    assert (meaning, type(meaning)) == (found, type(found))


def test_sql_means_the_same(database_url: str) -> None:
    """Every row of the semantics holds in the database, in one query."""
    metadata = sa.MetaData()
    columns = {name: sa.Column(name.replace(".", "_"), KINDS[name.split(".")[1]][1]) for name in VOCABULARY.names()}
    table = sa.Table("facts", metadata, *columns.values())
    engine = sa.create_engine(database_url)
    metadata.create_all(engine)
    found: dict[str, Any] = {}
    with engine.begin() as connection:
        stored = VALUES | {"gap": VALUES["gap"] // timedelta(microseconds=1)}
        connection.execute(table.insert(), {f"x_{name}": value for name, value in stored.items()})
        expressions = {}
        for text, _meaning in MEANINGS:
            expression = compile_expression(text, VOCABULARY, expect=None)
            boolean = expression.type.kind == "boolean"
            expressions[text] = compile_expression(text, VOCABULARY) if boolean else expression
        at = surroundings(engine.dialect.name)
        row = connection.execute(sa.select(*(one.sql(columns, at) for one in expressions.values()))).one()
        for (text, expression), value in zip(expressions.items(), row, strict=True):
            duration = expression.type.kind == "duration" and value is not None
            found[text] = timedelta(microseconds=value) if duration else value
    engine.dispose()
    assert dict(MEANINGS) == found


def test_every_function_has_a_row() -> None:
    """The table above leaves no function out."""
    written = " ".join(text for text, _meaning in MEANINGS)
    assert [] == [name for name in FUNCTIONS if f"{name}(" not in written]


def test_money_without_a_rate_or_a_base_currency() -> None:
    """A rate that is missing is an error that names it; without a base currency money is null."""
    expression = compile_expression('x.paid > money(1, "EUR")', VOCABULARY)
    with pytest.raises(RateMissing):
        expression.evaluate({"x.paid": 5}, surroundings())
    with pytest.raises(RateMissing, match="EUR"):
        expression.evaluate({"x.paid": 5}, Surroundings(as_of=NOW, zone="UTC", base_currency="CNY"))
    bare = Surroundings(as_of=NOW, zone="UTC")
    assert not compile_expression("x.paid > 1", VOCABULARY).evaluate({"x.paid": 500}, bare)


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("America/New_York", datetime(2026, 3, 8, 4, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 7)),
        ("America/New_York", datetime(2026, 3, 9, 3, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 8)),
        ("America/New_York", datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
        ("Asia/Kathmandu", datetime(2026, 1, 1, 18, 15, tzinfo=UTC), date(2026, 1, 2)),
        ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC), date(2011, 12, 31)),
    ],
)
def test_days_where_clocks_change(database_url: str, zone: str, instant: datetime, day: date) -> None:
    """The day of an instant is right at midnight, where summer time begins and ends, and where a day was left out."""
    at = Surroundings(as_of=NOW, zone=zone)
    texts = (
        f'date(x.last) == date("{day}")',
        f'x.last >= date("{day}") and not (x.last > date("{day}"))',
        f'days_between(x.last, date("{day}")) == 0',
        f"year(x.last) * 10000 + month(x.last) * 100 + day(x.last) == {day:%Y%m%d}",
    )
    engine = sa.create_engine(database_url)
    placed = Surroundings(as_of=NOW, zone=zone, dialect=engine.dialect.name)
    for text in texts:
        expression = compile_expression(text, VOCABULARY)
        assert expression.evaluate({"x.last": instant}, at), text
        with engine.connect() as connection:
            rows = sa.select(sa.literal(instant, Instant()).label("last")).subquery()
            columns: Any = {"x.last": rows.c.last}
            assert 1 == connection.scalar(
                sa.select(sa.func.count()).select_from(rows).where(expression.where(columns, placed))
            ), text
    engine.dispose()


@pytest.mark.parametrize(
    ("python", "kind", "nullable"),
    [
        (int, Type("integer"), False),
        (bool, Type("boolean"), False),
        (date | None, Type("date"), True),
        (datetime, Type("instant"), False),
        (list[str] | None, TEXTS, True),
    ],
)
def test_types_of_python(python: Any, kind: Type, nullable: bool) -> None:
    """A Python type is a type of the language."""
    assert (kind, nullable) == type_of(python)


def test_a_type_that_expressions_do_not_know_is_refused() -> None:
    """There is no fact of bytes."""
    with pytest.raises(InvalidInput, match="bytes"):
        type_of(bytes)
