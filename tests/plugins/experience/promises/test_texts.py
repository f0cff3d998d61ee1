"""Promises in texts: what is one, of which kind, and until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from crmkit_experience.promises.texts_of import promises_in
from hypothesis import given, settings, strategies as st

ZONE = "Europe/Berlin"
MONDAY = datetime(2027, 3, 1, 2, tzinfo=UTC)
"""03:00 in Berlin."""


def read(text: str) -> list[tuple[str, str]]:
    """Return kinds, and until when in UTC."""
    return [(each.kind, f"{each.due.at:%m-%d %H:%M}") for each in promises_in(text, MONDAY, ZONE)]


@pytest.mark.parametrize(
    ("text", "kind", "until"),
    [
        ("I will call you back tomorrow.", "call_back", "03-02 23:00"),
        ("I'll give you a call this afternoon", "call_back", "03-01 17:00"),
        ("We'll refund you within 5 business days.", "refund", "03-08 23:00"),
        ("We are going to send the new kettle by Friday at 5 pm.", "deliver", "03-05 16:00"),
        ("Our technician will repair it on 12 March.", "repair", "03-12 23:00"),
        ("You will hear from us by the end of the week.", "answer", "03-05 23:00"),
        ("I will get back to you within 24 hours.", "answer", "03-02 02:00"),
        ("We will call you at 3 p.m. tomorrow.", "call_back", "03-02 14:00"),
        ("I will call you next Tuesday at 10:30.", "call_back", "03-09 09:30"),
        ("We promise to look into it by Monday", "other", "03-08 23:00"),
        ("明天给您回电", "call_back", "03-02 23:00"),
        ("我们将在三个工作日内为您退款。", "refund", "03-04 23:00"),
        ("明天下午三点前回复您", "answer", "03-02 14:00"),
        ("我们下周三上门维修", "repair", "03-10 23:00"),
        ("3月5日前给您发货", "deliver", "03-05 23:00"),
        ("两天内会给您答复", "answer", "03-03 23:00"),
        ("我后天上午给您打电话", "call_back", "03-03 11:00"),
    ],
)
def test_a_promise_is_found(text: str, kind: str, until: str) -> None:
    assert read(f"Dear Ada,\n\nThank you. {text}\n\nSam") == [(kind, until)]


@pytest.mark.parametrize(
    "text",
    [
        "Will you call me tomorrow?",
        "I won't call you tomorrow.",
        "We may refund you tomorrow.",
        "If you send it back, we will refund you tomorrow.",
        "I would call you tomorrow.",
        "I will get back to you soon.",
        "You called us yesterday about the refund, and tomorrow is a holiday.",
        "Please call us tomorrow.",
        "> I will call you tomorrow.",
        "On Monday Ada <ada@example.com> wrote:\nI will call you tomorrow.",
        "请您明天给我们回电",
        "您明天可以给我回电吗？",
        "我们不会在明天退款。",
        "如果您今天寄出，我们明天退款。",
        "我们可能明天发货。",
        "I will call you on 1 January 2027.",
    ],
)
def test_what_is_asked_denied_quoted_or_conditional_is_none(text: str) -> None:
    assert read(text) == []


def test_several_promises_of_one_text_are_told_apart() -> None:
    found = promises_in("We will send it on Wednesday. I'll call you on Thursday.", MONDAY, ZONE)
    assert [(each.kind, each.what) for each in found] == [
        ("deliver", "We will send it on Wednesday."),
        ("call_back", "I'll call you on Thursday."),
    ]


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    (found,) = promises_in("I will call you today.", late, ZONE)
    assert found.due.at == datetime(2027, 3, 2, 23, tzinfo=UTC)


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("I will call you by 31 2月5日内前天 明后.:下周三点半within days May,"), max_size=60
    )
)
def test_whatever_is_read_is_to_come(text: str) -> None:
    for each in promises_in(f"I will call you {text}", MONDAY, ZONE):
        assert each.due.at > MONDAY
