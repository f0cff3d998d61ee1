"""The profile of a column of values: how full it is, which values and patterns come how often, what is suspicious.

Memory stays flat: of values and patterns the most frequent are counted, as long as there are not too many different
ones. Pure; must not know where values come from, nor who may see them.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from attrs import define, field, frozen

DISTINCT = 50_000
"""Different values that are counted exactly; beyond, new ones are only counted as a number."""
TOP = 10
LONGEST = 40
"""Characters of a pattern; what is longer is shortened."""

Sort = Literal["empty", "identity", "integer", "number", "date", "email", "phone", "url", "boolean", "text"]

CONSTANTS = frozenset(
    {
        "13800138000", "13888888888", "13900000000", "12345678900", "12345678", "123456789", "1234567890",
        "test@test.com", "test@example.com", "a@a.com", "aa@aa.com", "asdf@asdf.com", "no@email.com", "none@none.com",
        "noemail@noemail.com", "example@example.com", "abc@abc.com", "123@123.com", "123456@qq.com",
        "noreply@example.com",
        "1900-01-01", "1901-01-01", "1970-01-01", "1999-12-31", "2000-01-01", "9999-12-31", "1111-11-11",
        "test", "tester", "testing", "asdf", "qwerty", "xxx", "xxxx", "abc", "aaa", "foo", "bar",
        "测试", "测试客户", "测试用户", "张三", "李四", "john doe", "jane doe", "111111111111111111",
    }
)  # fmt: skip
"""Values that stand for nothing, in small letters; phone numbers without country code."""
_KINDS: Sequence[tuple[Sort, re.Pattern[str]]] = (
    ("boolean", re.compile(r"(?i)(true|false|yes|no|y|n|是|否)")),
    ("date", re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")),
    ("phone", re.compile(r"\+\d[\d\s()./-]{6,20}(x\d+)?|1[3-9]\d{9}|0\d{2,4}[- ]\d{6,8}")),
    ("identity", re.compile(r"[1-9]\d{16}[\dXx]")),
    ("integer", re.compile(r"[+-]?\d{1,18}")),
    ("number", re.compile(r"[+-]?\d{1,3}([,. ]\d{3})*([.,]\d+)?|[+-]?\d+[.,]\d+")),
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("url", re.compile(r"(?i)(https?://|www\.)\S+")),
)


@frozen(kw_only=True)
class Suspicion:
    """Something about a column that is probably wrong: a sort (``constant``, ``repeated``, ``dominant``, ``outlier``,
    ``mixed``), how many values it is about, and an example, which is a value."""

    sort: str
    count: int
    example: str = ""


@frozen(kw_only=True)
class ColumnProfile:
    """What a column looks like. Shares are of all rows; lengths are in characters; ``quantiles`` are the least value,
    the quartiles and the greatest value of numbers. ``exact`` says whether different values were all counted."""

    name: str
    rows: int
    empty: int
    distinct: int
    exact: bool
    top: tuple[tuple[str, int], ...]
    patterns: tuple[tuple[str, int], ...]
    sorts: Mapping[str, int]
    shortest: int
    longest: int
    mean_length: float
    quantiles: tuple[float, ...]
    suspicions: tuple[Suspicion, ...]

    @property
    def completeness(self) -> float:
        """Return the share of rows that are filled."""
        return 1 - self.empty / self.rows if self.rows else 0.0

    @property
    def uniqueness(self) -> float:
        """Return how many different values there are for each filled row."""
        filled = self.rows - self.empty
        return self.distinct / filled if filled else 0.0


def pattern_of(text: str) -> str:
    """Return what a text looks like: A for a capital letter, a for a small one, 9 for a digit, 汉 for a Chinese
    character; other characters stand for themselves. A99-999 is what a number plate looks like."""
    made = "".join(_shape(char) for char in text[:LONGEST])
    return f"{made}…" if len(text) > LONGEST else made


def _shape(char: str) -> str:
    if char.isdigit():
        return "9"
    if "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003134f":
        return "汉"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return char


def sort_of(text: str) -> Sort:
    """Return what a text is: a number, a day, an e-mail address … or just a text."""
    plain = text.strip()
    if not plain:
        return "empty"
    return next((sort for sort, form in _KINDS if form.fullmatch(plain)), "text")


def is_constant(text: str) -> bool:
    """Say whether a value stands for nothing, such as 13800138000, test@test.com or 1900-01-01."""
    plain = text.strip().casefold()
    bare = re.sub(r"[\s()./-]", "", plain)
    for code in ("+86", "0086", "+1"):
        bare = bare.removeprefix(code)
    return plain in CONSTANTS or bare in CONSTANTS


def is_repeated(text: str) -> bool:
    """Say whether a value is one character again and again, or digits in a row."""
    bare = re.sub(r"[\s()+./@-]", "", text)
    if len(bare) < 5:
        return False
    return len(set(bare)) == 1 or bare in "01234567890123456789" or bare in "98765432109876543210"


@define(eq=False)
class Profiler:
    """Looks at the values of a column one after the other."""

    name: str
    identifying: bool = False
    """Whether values should differ: then one that is frequent is suspicious."""
    rows: int = 0
    empty: int = 0
    _values: Counter[str] = field(factory=Counter)
    _patterns: Counter[str] = field(factory=Counter)
    _sorts: Counter[str] = field(factory=Counter)
    _beyond: int = 0
    _lengths: list[int] = field(factory=lambda: [0, 0, 0])
    _numbers: list[float] = field(factory=list[float])
    _constants: Counter[str] = field(factory=Counter)
    _repeated: Counter[str] = field(factory=Counter)

    def add(self, value: object) -> None:
        """Look at one value; None and empty texts are empty."""
        self.rows += 1
        text = "" if value is None else str(value).strip()
        if not text:
            self.empty += 1
            return
        shortest, longest, total = self._lengths
        length = len(text)
        self._lengths = [length if not total else min(shortest, length), max(longest, length), total + length]
        self._count(text)
        sort = sort_of(text)
        self._sorts[sort] += 1
        if sort in ("integer", "number") and len(self._numbers) < 4 * DISTINCT:
            number = _number(text)
            if number is not None:
                self._numbers.append(number)
        if is_constant(text):
            self._constants[text] += 1
        elif is_repeated(text):
            self._repeated[text] += 1

    def _count(self, text: str) -> None:
        if text in self._values or len(self._values) < DISTINCT:
            self._values[text] += 1
        else:
            self._beyond += 1
        shape = pattern_of(text)
        if shape in self._patterns or len(self._patterns) < DISTINCT:
            self._patterns[shape] += 1

    def result(self) -> ColumnProfile:
        """Return the profile of what was looked at."""
        filled = self.rows - self.empty
        shortest, longest, total = self._lengths
        return ColumnProfile(
            name=self.name,
            rows=self.rows,
            empty=self.empty,
            distinct=len(self._values) + self._beyond,
            exact=not self._beyond,
            top=_top(self._values),
            patterns=_top(self._patterns),
            sorts=dict(_top(self._sorts)),
            shortest=shortest,
            longest=longest,
            mean_length=total / filled if filled else 0.0,
            quantiles=quantiles(self._numbers),
            suspicions=tuple(self._suspicions(filled)),
        )

    def _suspicions(self, filled: int) -> Iterable[Suspicion]:
        for sort, found in (("constant", self._constants), ("repeated", self._repeated)):
            if found:
                yield Suspicion(sort=sort, count=sum(found.values()), example=_top(found)[0][0])
        if self.identifying and self._values:
            value, count = _top(self._values)[0]
            if count >= 5 and count / filled >= 0.02 and value not in self._constants:
                yield Suspicion(sort="dominant", count=count, example=value)
        far = outliers(self._numbers)
        if far:
            yield Suspicion(sort="outlier", count=len(far), example=f"{far[-1]:g}")
        main, most = _top(self._sorts)[0] if self._sorts else ("", 0)
        if main and main != "text" and filled >= 20 and 0.5 < most / filled < 1:
            yield Suspicion(sort="mixed", count=filled - most, example="")


def _top(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Return the most frequent, equal ones in their order, so that the answer is the same each time."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP])


def _number(text: str) -> float | None:
    plain = text.replace(" ", "")
    if re.search(r",\d{1,2}$", plain) and "." not in plain[-3:]:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        value = float(plain.replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def quantiles(numbers: Sequence[float]) -> tuple[float, ...]:
    """Return the least number, the quartiles and the greatest one, by linear interpolation; nothing for no numbers."""
    if not numbers:
        return ()
    ordered = sorted(numbers)
    return tuple(_quantile(ordered, share) for share in (0, 0.25, 0.5, 0.75, 1))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def outliers(numbers: Sequence[float]) -> list[float]:
    """Return the numbers that lie more than three times the distance between the quartiles outside of these (Tukey's
    outer fences), ascending; nothing for fewer than 20 numbers, or where the quartiles are one."""
    if len(numbers) < 20:
        return []
    ordered = sorted(numbers)
    low, high = _quantile(ordered, 0.25), _quantile(ordered, 0.75)
    span = high - low
    if span <= 0:
        return []
    return ordered[: bisect_left(ordered, low - 3 * span)] + [one for one in ordered if one > high + 3 * span]
