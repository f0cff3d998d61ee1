"""Words of a command line become values, and values become text and JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crmkit.cli.values import instant, pairs, plain, shown
from crmkit.core.business.money import Money
from crmkit.errors import InvalidInput, UsageError

NAMES = st.from_regex(r"[a-z_]{1,10}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, st.text().filter(lambda text: not text.startswith("@"))))
def test_every_text_can_be_given(values: dict[str, str]) -> None:
    """``name=text`` gives that very text, equals signs and line ends included."""
    assert values == pairs(f"{name}={text}" for name, text in values.items())


@given(st.dictionaries(NAMES, JSON))
def test_every_json_value_can_be_given(values: dict[str, object]) -> None:
    """``name:=json`` gives what the JSON says."""
    assert values == pairs(f"{name}:={json.dumps(value)}" for name, value in values.items())


@given(JSON)
def test_json_stays_what_it_is(value: object) -> None:
    """What is plain already is printed as it is."""
    assert value == plain(value)


def test_inner_fields_and_lists() -> None:
    """A dot reaches into a field, ``+=`` adds to a list."""
    assert pairs(["custom.a=1", "tags+=x", "custom.b=2", "tags+=y=z"]) == {
        "custom": {"a": "1", "b": "2"},
        "tags": ["x", "y=z"],
    }


def test_files(tmp_path: Path) -> None:
    """``name=@file`` takes the text of a file, ``@file`` all fields of a JSON object."""
    (tmp_path / "body.txt").write_text("你好\n", encoding="utf-8")
    (tmp_path / "all.json").write_text('{"kind": "note"}', encoding="utf-8")
    found = pairs([f"@{tmp_path / 'all.json'}", f"body=@{tmp_path / 'body.txt'}"])
    assert found == {"kind": "note", "body": "你好\n"}


@pytest.mark.parametrize("word", ["name", "=value", ":=1", ""])
def test_what_is_no_field_is_refused(word: str) -> None:
    """A word without a name and an equals sign is an error of use."""
    with pytest.raises(UsageError):
        pairs([word])


@pytest.mark.parametrize("words", [["a:={"], ["a=1", "a=2"], ["a=1", "a.b=2"], ["a=1", "a+=2"], ["a=@/no/such/file"]])
def test_what_cannot_be_is_refused(words: list[str]) -> None:
    """Broken JSON, a field given twice and a file that is not there are invalid input."""
    with pytest.raises(InvalidInput):
        pairs(words)


def test_json_forms() -> None:
    """Instants are RFC 3339 in UTC, decimals and ids text, money an object."""
    identity = UUID("0197a1b2-0000-7000-8000-000000000000")
    value = {
        "at": datetime(2026, 3, 31, 8, 5, tzinfo=UTC),
        "day": date(2026, 3, 31),
        "price": Decimal("1.50"),
        "id": identity,
        "amount": Money(1250, "EUR"),
        "span": timedelta(minutes=2),
        "set": {"b", "a"},
    }
    assert {
        "at": "2026-03-31T08:05:00Z",
        "day": "2026-03-31",
        "price": "1.50",
        "id": str(identity),
        "amount": {"amount": "12.50", "currency": "EUR"},
        "span": 120.0,
        "set": ["a", "b"],
    } == plain(value)


def test_people_read_instants_in_the_business_zone() -> None:
    """An instant is shown in the zone that is asked for."""
    moment = datetime(2026, 3, 31, 18, 5, tzinfo=UTC)
    assert shown(moment, language="en", zone="Asia/Shanghai") == "2026-04-01 02:05"


def test_a_day_means_its_end_or_its_beginning() -> None:
    """A day is read in the business's zone, as its last moment or, where a period begins, its first."""
    assert datetime(2026, 3, 31, 15, 59, 59, 999999, UTC) == instant("2026-03-31", "Asia/Shanghai", name="--as-of")
    assert datetime(2026, 3, 30, 16, tzinfo=UTC) == instant(
        "2026-03-31", "Asia/Shanghai", name="--since", end_of_day=False
    )
    assert datetime(2026, 3, 31, 6, 5, tzinfo=UTC) == instant("2026-03-31T14:05+08:00", "UTC", name="--as-of")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Text that is neither a day nor an instant names its option."""
    with pytest.raises(InvalidInput, match="--as-of"):
        instant(text, "UTC", name="--as-of")
