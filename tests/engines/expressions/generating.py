"""Random expressions of every type over a vocabulary of every type, and random rows for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crmkit.core.store.types import Instant, ScaledDecimal, json_type
from crmkit.engines.expressions.symbols import FactRef, Symbol, Words, quoted
from crmkit.engines.expressions.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    DURATION,
    INSTANT,
    INTEGER,
    MONEY,
    NUMBER,
    TEXT,
    TEXTS,
    Type,
)

COLUMNS: dict[str, tuple[Type, Any]] = {
    "boolean": (BOOLEAN, sa.Boolean),
    "integer": (INTEGER, sa.BigInteger),
    "decimal": (DECIMAL, ScaledDecimal(6)),
    "number": (NUMBER, sa.Double),
    "text": (TEXT, sa.String),
    "date": (DATE, sa.Date),
    "instant": (INSTANT, Instant()),
    "duration": (DURATION, sa.BigInteger),
    "money": (MONEY, sa.BigInteger),
    "list": (TEXTS, json_type()),
}
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo", "UTC")
TEXTS_SEEN = (
    "",
    "a",
    "A",
    "Ab",
    "ab",
    "上海",
    "上海市",
    "海",
    "杭州",
    "Zürich",
    "zürich",
    "ZÜRICH",
    "é",
    "ß",
    "ss",
    "😀",
    "a😀b",
    "%",
    "_",
    "a%b",
    "a_b",
    "\\",
    "'",
    '"',
    "it's",
    " a ",
    "Ａ",
    "ｱ",
    "\ue000",
    "𠀀",
    "\uffee",
    "０",
    "x\ny",
)
NAMES = [f"{kind}.{letter}" for kind in COLUMNS for letter in "ab"]
VOCABULARY = Words.of(
    *(Symbol(name=name, type=COLUMNS[name.split(".")[0]][0], nullable=True) for name in NAMES),
    Symbol(name="keyed.text", type=TEXT, nullable=True, keyed=True),
)
KEYS = ('te"a', "茶")
REFS = [*(FactRef(name) for name in NAMES), *(FactRef("keyed.text", key) for key in KEYS)]


def table(metadata: sa.MetaData) -> tuple[sa.Table, dict[FactRef, Any]]:
    """Return a table with a column for each name, and which column a name has."""
    columns = {
        ref: sa.Column(f"c{number}", COLUMNS["text" if ref.key else ref.split(".")[0]][1])
        for number, ref in enumerate(REFS)
    }
    made = sa.Table("rows", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns.values())
    return made, dict(columns)


class Generator:
    """Makes texts and rows from a seed, for a moment."""

    def __init__(self, seed: int, zone: str, now: datetime) -> None:
        self.random = Random(seed)
        self.zone = ZoneInfo(zone)
        self.now = now

    # --- rows ---------------------------------------------------------------------------------------------------------

    def row(self) -> dict[FactRef, Any]:
        """Return a row of values as an evaluation gets them."""
        return {
            ref: None if self.random.random() < 0.2 else self.value("text" if ref.key else ref.split(".")[0])
            for ref in REFS
        }

    def value(self, kind: str) -> Any:
        """Return a value of a kind."""
        value: Any = getattr(self, f"_{kind}")()
        return value

    def _boolean(self) -> bool:
        return self.random.random() < 0.5

    def _integer(self) -> int:
        small = self.random.randint(-20, 20)
        large = self.random.choice((1, -1)) * self.random.getrandbits(self.random.randint(1, 63))
        edge = self.random.choice((2**63 - 1, -(2**63), 2**31, -(2**31), 10**12, 9_223_372_036_855, 10**18))
        return self.random.choice((small, small, small, large, edge))

    def _decimal(self) -> Decimal:
        bits = self.random.choice((4, 12, 24, 24, 40, 63))
        scaled = self.random.choice((1, -1)) * self.random.getrandbits(bits)
        half = self.random.randint(-50, 50) * 500_000
        return Decimal(self.random.choice((scaled, scaled, half))).scaleb(-6)

    def _number(self) -> float:
        return self.random.choice(
            (
                self.random.uniform(-10, 10),
                float(self.random.randint(-5, 5)),
                self.random.randint(-9, 9) + 0.5,
                self.random.choice((0.1, 1e-7, 1e20, -1e200, 1e-200, 1e99, 2.0**53, 0.0, -0.0, 9.1e18)),
            )
        )

    def _text(self) -> str:
        return self.random.choice(TEXTS_SEEN)

    def _date(self) -> date:
        today = self.now.astimezone(self.zone).date()
        return self.random.choice(
            (
                today + timedelta(days=self.random.randint(-3, 3)),
                today + timedelta(days=self.random.randint(-1000, 400)),
                date(2024, 2, 29),
                date(2023, 12, 31),
                date(1999, 1, 31),
                date(2026, 3, 29),
            )
        )

    def _instant(self) -> datetime:
        midnight = datetime.combine(self._date(), datetime.min.time(), self.zone).astimezone(UTC)
        change = self.random.choice(
            (
                datetime(2026, 3, 8, 7, tzinfo=UTC),
                datetime(2025, 11, 2, 6, tzinfo=UTC),
                datetime(2026, 3, 29, 1, tzinfo=UTC),
                datetime(2011, 12, 30, 10, tzinfo=UTC),
            )
        )
        near = self.random.choice((midnight, change, self.now))
        shift = self.random.choice((0, 1, -1, 999_999, 3_600_000_000, self.random.randint(-(10**11), 10**11)))
        return near + timedelta(microseconds=shift)

    def _duration(self) -> timedelta:
        return timedelta(
            microseconds=self.random.choice(
                (self.random.randint(-(10**13), 10**13), self.random.randint(-40, 40) * 86_400_000_000, 1, -1)
            )
        )

    def _money(self) -> int:
        return self.random.choice((self.random.randint(-(10**6), 10**7), 100_000, 0, self._integer()))

    def _list(self) -> list[str]:
        return [self._text() for _ in range(self.random.randint(0, 3))]

    # --- texts of expressions -----------------------------------------------------------------------------------------

    def expression(self, kind: str, depth: int) -> str:
        """Return the text of an expression of a kind."""
        forms = self._forms(kind)
        if depth <= 0 or not forms or self.random.random() < 0.12:
            return self._leaf(kind)
        return self.random.choice(forms)(depth - 1)

    def _leaf(self, kind: str) -> str:
        if self.random.random() < 0.65:
            if kind == "text" and self.random.random() < 0.2:
                return str(FactRef("keyed.text", self.random.choice(KEYS)))
            return f"{kind}.{self.random.choice('ab')}"
        return self.literal(kind)

    def literal(self, kind: str) -> str:
        """Return a value that is written out."""
        if kind == "integer":
            return str(max(self._integer(), -(2**63) + 1))
        if kind == "decimal":
            return f"{self._decimal():f}"
        if kind == "text":
            return quoted(self._text())
        if kind == "date":
            return self.random.choice((f'date("{self._date()}")', "today()"))
        if kind == "instant":
            return self.random.choice((f'instant("{self._instant().isoformat()}")', "now()"))
        if kind == "duration":
            return f'duration("{self.random.choice(("3d", "-1d", "36h", "90m", "1w2d", "0s", "1d1s"))}")'
        if kind == "money":
            return self.random.choice(('money(12, "CNY")', 'money(99.99, "USD")', 'money(1.5, "JPY")'))
        return "true" if kind == "boolean" else f"{kind}.a"

    def _forms(self, kind: str) -> list[Callable[[int], str]]:
        made: list[Callable[[int], str]] = getattr(self, f"_{kind}_forms")()
        if kind != "list":
            made = [
                *made,
                lambda d: f"coalesce({self.expression(kind, d)}, {self.expression(kind, d)})",
                lambda d: f"({self.condition(d)} ? {self.expression(kind, d)} : {self.expression(kind, d)})",
            ]
        return made

    def condition(self, depth: int) -> str:
        """Return the text of a condition."""
        return self.expression("boolean", depth)

    def _pick(self, *kinds: str) -> str:
        return self.random.choice(kinds)

    def _boolean_forms(self) -> list[Callable[[int], str]]:
        choose = self.random.choice
        ordered = ("integer", "decimal", "number", "text", "date", "instant", "duration", "money")

        def compared(d: int) -> str:
            kind = choose(ordered)
            other = {
                "integer": choose(("integer", "decimal", "number")),
                "decimal": choose(("integer", "decimal", "number")),
                "money": choose(("money", "integer", "decimal")),
                "date": choose(("date", "instant")),
                "instant": choose(("date", "instant")),
            }.get(kind, kind)
            sign = choose(("==", "!=", "<", "<=", ">", ">="))
            return f"({self.expression(kind, d)} {sign} {self.expression(other, d)})"

        def days(d: int) -> str:
            name = choose(("days_since", "days_until"))
            kind = choose(("instant", "instant", "date"))
            sign = choose(("==", "!=", "<", "<=", ">", ">="))
            shown = f"{name}({self.expression(kind, d - 1)}) {sign} {self.random.randint(-3, 60)}"
            return f"({shown})" if choose((0, 1)) else f"(date(instant.a) {sign} {self.literal('date')})"

        def member(d: int) -> str:
            kind = choose(("integer", "decimal", "text", "date", "money"))
            items = ", ".join(self.literal(kind) for _ in range(self.random.randint(1, 4)))
            return f"({self.expression(kind, d)} {choose(('in', 'not in'))} [{items}])"

        def joined(d: int) -> str:
            sign = choose((" and ", " or ", " && ", " || "))
            return "(" + sign.join(self.condition(d) for _ in range(self.random.randint(2, 3))) + ")"

        def tested(d: int) -> str:
            name = choose(("contains", "startsWith", "endsWith"))
            return f"{name}({self.expression('text', d)}, {self.expression('text', d)})"

        def between(d: int) -> str:
            kind = choose(ordered)
            return f"between({', '.join(self.expression(kind, d) for _ in range(3))})"

        kinds = (*ordered, "boolean")
        return [
            compared,
            compared,
            compared,
            compared,
            days,
            member,
            joined,
            joined,
            joined,
            tested,
            between,
            lambda d: f"(not {self.condition(d)})",
            lambda d: f"({self.condition(d)} {choose(('==', '!='))} {self.condition(d)})",
            lambda d: f"({self.expression(choose(kinds), d)} {choose(('==', '!='))} null)",
            lambda d: f"has({self.expression(choose(kinds), d)})",
            lambda d: f"({self.expression('text', d)} in list.a)",
            lambda d: f"{choose(('any_of', 'all_of'))}(list.b, [{self.literal('text')}, {self.literal('text')}])",
        ]

    def _pairs(self, kind: str, signs: str) -> list[Callable[[int], str]]:
        return [
            lambda d: f"({self.expression(kind, d)} {self.random.choice(signs)} {self.expression(kind, d)})",
            lambda d: f"{self._pick('min', 'max')}({self.expression(kind, d)}, {self.expression(kind, d)})",
        ]

    def _integer_forms(self) -> list[Callable[[int], str]]:
        parts = ("year", "month", "day", "weekday", "days_since", "months_since", "months_until", "years_since")
        return [
            *self._pairs("integer", "+-*%"),
            *self._pairs("integer", "+-"),
            lambda d: f"-({self.expression('integer', d)})",
            lambda d: f"abs({self.expression('integer', d)})",
            lambda d: f"size({self._pick(self.expression('text', d), 'list.a')})",
            lambda d: f"{self._pick(*parts)}({self.expression(self._pick('date', 'instant'), d)})",
            lambda d: f"days_between({self.expression('date', d)}, {self.expression('instant', d)})",
            lambda d: f"hour({self.expression('instant', d)})",
            lambda d: f"{self._pick('round', 'floor', 'ceil')}({self.expression(self._pick('decimal', 'number'), d)})",
        ]

    def _decimal_forms(self) -> list[Callable[[int], str]]:
        mixed = ("integer", "decimal")
        return [
            *self._pairs("decimal", "+-*/"),
            lambda d: f"({self.expression('integer', d)} / {self.expression(self._pick(*mixed), d)})",
            lambda d: f"({self.expression('decimal', d)} {self._pick('*', '/', '+')} {self.expression('integer', d)})",
            lambda d: f"({self.expression('money', d)} / {self.expression('money', d)})",
            lambda d: f"round({self.expression('decimal', d)}, {self.random.randint(0, 6)})",
            lambda d: f"days({self.expression('duration', d)})",
            lambda d: f"-({self.expression('decimal', d)})",
            lambda d: f"abs({self.expression('decimal', d)})",
        ]

    def _number_forms(self) -> list[Callable[[int], str]]:
        return [
            *self._pairs("number", "+-*/"),
            lambda d: f"({self.expression('number', d)} {self._pick('*', '/', '-')} {self.expression('integer', d)})",
            lambda d: f"({self.expression('decimal', d)} {self._pick('*', '/', '-')} {self.expression('number', d)})",
            lambda d: f"-({self.expression('number', d)})",
            lambda d: f"abs({self.expression('number', d)})",
        ]

    def _text_forms(self) -> list[Callable[[int], str]]:
        return [
            *self._pairs("text", "+"),
            lambda d: f"{self._pick('lower', 'upper', 'trim')}({self.expression('text', d)})",
        ]

    def _date_forms(self) -> list[Callable[[int], str]]:
        return [
            *self._pairs("date", "+")[1:],
            lambda d: f"date({self.expression(self._pick('instant', 'date'), d)})",
            lambda d: f"({self.expression('date', d)} {self._pick('+', '-')} {self.expression('duration', d)})",
        ]

    def _instant_forms(self) -> list[Callable[[int], str]]:
        return [
            *self._pairs("instant", "+")[1:],
            lambda d: f"({self.expression('instant', d)} {self._pick('+', '-')} {self.expression('duration', d)})",
        ]

    def _duration_forms(self) -> list[Callable[[int], str]]:
        return [
            *self._pairs("duration", "+-"),
            lambda d: f"({self.expression('instant', d)} - {self.expression('instant', d)})",
            lambda d: f"({self.expression('date', d)} - {self.expression(self._pick('date', 'instant'), d)})",
            lambda d: f"({self.expression('duration', d)} {self._pick('*', '/')} {self.expression('integer', d)})",
            lambda d: f"abs({self.expression('duration', d)})",
        ]

    def _money_forms(self) -> list[Callable[[int], str]]:
        return [
            *self._pairs("money", "+-"),
            lambda d: f"({self.expression('money', d)} {self._pick('+', '-')} {self.expression('decimal', d)})",
            lambda d: f"({self.expression('money', d)} {self._pick('*', '/')} {self.expression('decimal', d)})",
            lambda d: f"({self.expression('integer', d)} * {self.expression('money', d)})",
            lambda d: f"({self.expression('money', d)} / {self.expression('integer', d)})",
            lambda d: f"max({self.expression('integer', d)}, {self.expression('money', d)})",
        ]

    def _list_forms(self) -> list[Callable[[int], str]]:
        return []
