"""Kinds of interaction and what their payloads may hold."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from crmkit.core.interactions.kinds import CHANNELS, KINDS
from crmkit.core.interactions.payloads import check_payload, read_payload
from crmkit.errors import InvalidInput
from crmkit.hooks.contributions import InteractionKind, PayloadField

PROBE = InteractionKind(
    name="probe",
    title="Probe",
    payload=(
        PayloadField(name="text", required=True),
        PayloadField(name="number", type="integer"),
        PayloadField(name="exact", type="decimal"),
        PayloadField(name="flag", type="boolean"),
        PayloadField(name="day", type="date"),
        PayloadField(name="moment", type="instant"),
        PayloadField(name="items", type="list"),
        PayloadField(name="members", type="object"),
        PayloadField(name="size", options=("small", "large")),
    ),
)
OPEN = InteractionKind(name="open", title="Open", open=True)


def test_the_kinds_that_everybody_knows() -> None:
    """The kernel has the twelve kinds that a customer base begins with."""
    expected = "call email sms chat social visit meeting web usage purchase refund note"
    assert expected.split() == [kind.name for kind in KINDS]


def test_every_kind_goes_by_a_channel_that_exists() -> None:
    """A kind's own channel is one of the channels."""
    assert {kind.channel for kind in KINDS} <= {channel.name for channel in CHANNELS}


def test_only_purchases_and_refunds_carry_money() -> None:
    """Money is required where something is bought or given back, and refused elsewhere."""
    assert {k.name: k.money for k in KINDS if k.money != "none"} == {"purchase": "required", "refund": "required"}


def test_values_are_stored_in_one_plain_form() -> None:
    """Text that stands for a number, a day or an instant is read, and stored in its normal form."""
    stored = check_payload(
        PROBE,
        {
            "text": "a",
            "number": "12",
            "exact": Decimal("1.50"),
            "flag": "yes",
            "day": date(2026, 3, 31),
            "moment": "2026-03-31T14:05:00+08:00",
            "items": (1, "b", None),
            "members": {"a": Decimal("2.5")},
            "size": "small",
        },
    )
    assert stored == {
        "text": "a",
        "number": 12,
        "exact": "1.50",
        "flag": True,
        "day": "2026-03-31",
        "moment": "2026-03-31T06:05:00+00:00",
        "items": [1, "b", None],
        "members": {"a": "2.5"},
        "size": "small",
    }


def test_every_problem_is_named_by_its_field() -> None:
    """All that is wrong is said at once: missing, unknown and malformed fields."""
    with pytest.raises(InvalidInput) as caught:
        check_payload(
            PROBE,
            {
                "number": 1.5,
                "exact": "one",
                "flag": "perhaps",
                "day": "31.3.2026",
                "moment": "2026-03-31T14:05:00",
                "items": "a,b",
                "members": [],
                "size": "smal",
                "numbr": 1,
            },
        )
    assert {
        problem.field: problem.render().removeprefix(f"{problem.field}: ") for problem in caught.value.problems
    } == {
        "payload.text": "This is required.",
        "payload.number": "This must be a whole number.",
        "payload.exact": "This must be a number such as 12.50.",
        "payload.flag": "This must be true or false.",
        "payload.day": "This must be a date such as 2026-03-31.",
        "payload.moment": "This must be an instant with a time zone, such as 2026-03-31T14:05:00+08:00.",
        "payload.items": "This must be a list.",
        "payload.members": "This must be a set of names and values.",
        "payload.size": 'This is not one of the possible values. Did you mean "small"?',
        "payload.numbr": 'There is no such field. Did you mean "number"?',
    }


def test_an_open_kind_takes_fields_that_it_does_not_declare() -> None:
    """An open kind keeps what it is given, in a form that can be stored."""
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert check_payload(OPEN, {"a": {"b": [1.5, moment]}}) == {"a": {"b": [1.5, "2026-03-01T00:00:00+00:00"]}}


@pytest.mark.parametrize(
    "value",
    ["a\x00b", "\ud800", float("nan"), float("inf"), 2**63, object(), {"a": {1: 2}}, ["x" * 100_001]],
    ids=["nul", "surrogate", "nan", "infinity", "large", "object", "key", "long"],
)
def test_what_no_database_can_hold_is_refused(value: Any) -> None:
    """A value without a stored form is a problem of its field, not an error of the database."""
    _stored, problems = read_payload(OPEN, {"a": value})
    assert [problem.field for problem in problems] == ["payload.a"]


def test_nesting_ends_somewhere() -> None:
    """A payload that is nested deeper than eight levels is refused."""
    value: Any = 1
    for _level in range(20):
        value = [value]
    _stored, problems = read_payload(OPEN, {"a": value})
    assert [problem.message for problem in problems] == ["This is nested too deeply."]


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), plain, max_size=4))
def test_plain_values_of_open_kinds_are_stored_as_they_are(payload: dict[str, Any]) -> None:
    """What is JSON already stays what it is, save that a field without a value is left out."""
    stored = check_payload(OPEN, payload)
    assert {name: value for name, value in payload.items() if value is not None} == stored
    assert stored == json.loads(msgspec.json.encode(stored))
