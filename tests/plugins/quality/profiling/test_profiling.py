"""Profiles of columns, customers and files."""

from __future__ import annotations

from pathlib import Path

import pytest
from crmkit_quality.profiling.columns import (
    Profiler,
    is_constant,
    is_repeated,
    outliers,
    pattern_of,
    quantiles,
    sort_of,
)
from crmkit_quality.profiling.reading import Profiled, profile_customers, profile_file
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import UnreadableFile
from tests.plugins.quality.conftest import SYSTEM, add, person

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def profiles(crm: CRM, actor: Actor = SYSTEM) -> dict[str, Profiled]:
    """Return the profiles of the fields of customers, as somebody sees them."""
    with crm.session(actor) as session:
        return {each.column.name: each for each in profile_customers(session)}


@pytest.mark.parametrize(
    ("text", "pattern", "sort"),
    [
        ("B42-117", "A99-999", "text"),
        ("京A·12345", "汉A·99999", "text"),
        ("+8613800138000", "+9999999999999", "phone"),
        ("ada@example.com", "aaa@aaaaaaa.aaa", "email"),
        ("2026-01-31", "9999-99-99", "date"),
        ("-12", "-99", "integer"),
        ("1,234.50", "9,999.99", "number"),
        ("是", "汉", "boolean"),
        ("11010519491231002X", "99999999999999999A", "identity"),
        (" ", " ", "empty"),
    ],
)
def test_a_text_has_a_pattern_and_a_sort(text: str, pattern: str, sort: str) -> None:
    """Letters, digits and Chinese characters are told apart; the rest stands for itself."""
    assert (pattern_of(text), sort_of(text)) == (pattern, sort)


@pytest.mark.parametrize("text", ["13800138000", "+86 138 0013 8000", "TEST@test.com", "1900-01-01", "测试"])
def test_constants_stand_for_nothing(text: str) -> None:
    """However they are written."""
    assert is_constant(text)


def test_one_character_again_and_again_is_suspicious() -> None:
    """As digits in a row are; short ones may be right."""
    assert [is_repeated(each) for each in ("1111111", "123456", "98765", "+1 111 111", "11", "138001")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


@QUICK
@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=60))
def test_a_profile_counts_every_row_once(values: list[str | None]) -> None:
    """Empty and filled rows are all rows; sorts and lengths are those of the filled ones."""
    profiler = Profiler("x")
    for value in values:
        profiler.add(value)
    found = profiler.result()
    filled = [value.strip() for value in values if value and value.strip()]
    assert (found.rows, found.empty, found.distinct) == (len(values), len(values) - len(filled), len(set(filled)))
    assert found.longest == max(map(len, filled), default=0)
    assert found.shortest == min(map(len, filled), default=0)
    assert 0 <= found.completeness <= 1


@QUICK
@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_quantiles_ascend(numbers: list[float]) -> None:
    """From the least to the greatest."""
    found = quantiles(numbers)
    assert list(found) == sorted(found)
    assert (found[0], found[-1]) == (min(numbers), max(numbers))


def test_numbers_far_away_are_outliers() -> None:
    """Beyond three times the distance between the quartiles."""
    assert outliers([*map(float, range(100)), 5000.0, -5000.0]) == [-5000.0, 5000.0]
    assert outliers([1.0] * 50 + [2.0]) == []


def test_a_file_is_profiled_before_its_import(tmp_path: Path) -> None:
    """Column by column, as it stands there."""
    path = tmp_path / "feed.csv"
    rows = "".join(
        f"P{number},{'13800138000' if number < 30 else 13900000000 + number},{number}\n" for number in range(60)
    )
    path.write_text(f"code,phone,size\n{rows}x,,many\n", encoding="utf-8")
    code, phone, size = profile_file(path)
    assert (code.column.rows, code.column.patterns[0]) == (61, ("A99", 50))
    assert (phone.column.empty, phone.column.top[0]) == (1, ("13800138000", 30))
    assert [each.sort for each in phone.column.suspicions] == ["constant"]
    assert (size.column.quantiles[0], [each.sort for each in size.column.suspicions]) == (0.0, ["mixed"])


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """With what is wrong."""
    with pytest.raises(UnreadableFile):
        profile_file(tmp_path / "nothing.csv")


def test_values_are_for_who_may_see_them(quality: CRM) -> None:
    """Of what is masked there are shapes alone; of others no value that a few share; and own customers only."""
    ann = person(quality, "ann", "analyst")
    for number in range(6):
        add(
            quality, "Ada Lovelace" if number else "Rare Bird", email=f"ada{number}@example.com", phone="+8613800138000"
        )
    found = profiles(quality)
    assert found["name"].column.top == (("Ada Lovelace", 5),)
    assert found["email"].column.top == ()
    assert found["phone"].column.top == (("+8613800138000", 6),)
    assert found["phone"].column.suspicions[0].count == 6
    masked = profiles(quality, ann)
    assert (masked["email"].values, masked["phone"].column.top) == (False, ())
    assert masked["phone"].column.patterns == (("+9999999999999", 6),)
    assert "138" not in repr(masked["phone"])
    sam = person(quality, "sam", "seller")
    assert profiles(quality, sam)["name"].column.rows == 0
