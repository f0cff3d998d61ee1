"""Inputs: what plain values become, and how what is wrong is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
import pytest

from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given, structure
from crmkit.errors import InvalidInput


@attrs.frozen(kw_only=True)
class Line:
    """A line."""

    sku: str
    quantity: Decimal


@attrs.frozen(kw_only=True)
class Sample:
    """One of everything."""

    text: Annotated[str, Input(max_length=5)] = ""
    number: Annotated[int, Input(minimum=1, maximum=9)] = 1
    exact: Decimal = Decimal(0)
    yes: bool = False
    day: date | None = None
    at: datetime | None = None
    id: UUID | None = None
    choice: Literal["red", "green"] = "red"
    lines: tuple[Line, ...] = ()
    words: tuple[str, ...] = ()
    maybe: str | UnsetType | None = UNSET


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("text", "李娜", "李娜"),
        ("number", "7", 7),
        ("exact", "12.50", Decimal("12.50")),
        ("exact", 0.1, Decimal("0.1")),
        ("yes", "yes", True),
        ("yes", "0", False),
        ("day", "2026-03-31", date(2026, 3, 31)),
        ("at", "2026-03-31T14:05:00+08:00", datetime(2026, 3, 31, 6, 5, tzinfo=UTC)),
        ("id", "0197a1b2-0000-7000-8000-000000000000", UUID("0197a1b2-0000-7000-8000-000000000000")),
        ("choice", "green", "green"),
        ("words", ["a", "b"], ("a", "b")),
        ("lines", [{"sku": "x", "quantity": 2}], (Line(sku="x", quantity=Decimal(2)),)),
        ("maybe", None, None),
    ],
)
def test_values_may_come_as_text(field: str, value: Any, expected: Any) -> None:
    assert expected == getattr(structure(Sample, {field: value}), field)


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"text": "longer"}, "text", "longer than 5"),
        ({"text": 5}, "text", "text"),
        ({"text": None}, "text", "text"),
        ({"text": "a\x00b"}, "text", "cannot be stored"),
        ({"text": "\ud800"}, "text", "cannot be stored"),
        ({"number": "x"}, "number", "whole number"),
        ({"number": True}, "number", "whole number"),
        ({"number": 10}, "number", "at most 9"),
        ({"number": 0}, "number", "at least 1"),
        ({"number": 2**70}, "number", "too large"),
        ({"exact": "NaN"}, "exact", "number"),
        ({"yes": "perhaps"}, "yes", "true or false"),
        ({"day": "31.03.2026"}, "day", "2026-03-31"),
        ({"at": "2026-03-31T14:05:00"}, "at", "time zone"),
        ({"id": "7"}, "id", "an id"),
        ({"choice": "gren"}, "choice", 'Did you mean "green"'),
        ({"words": "abc"}, "words", "a list"),
        ({"lines": [{"sku": "x"}]}, "lines.0.quantity", "required"),
        ({"lines": [{"sku": "x", "quantity": 1, "skuu": 1}]}, "lines.0.skuu", 'Did you mean "sku"'),
        ({"lines": [7]}, "lines.0", "set of fields"),
        ({"lines": "x"}, "lines", "a list"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(values: dict[str, Any], field: str, part: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        structure(Sample, values)
    (problem,) = caught.value.problems
    assert field == problem.field
    assert part in problem.render()


def test_what_was_not_given_can_be_told_from_what_was_emptied() -> None:
    assert "maybe" not in given(structure(Sample, {}))
    assert given(structure(Sample, {"maybe": None}))["maybe"] is None


def test_a_value_of_the_class_itself_is_taken_as_it_is() -> None:
    sample = Sample(text="a")
    assert sample is structure(Sample, sample)
