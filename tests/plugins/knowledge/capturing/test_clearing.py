"""What is taken out of a text before it becomes part of a draft, and what stays."""

from __future__ import annotations

import pytest
from crmkit_knowledge.capturing.clearing import LEFT, Names, cleared, line

NAMES = Names(["Ada Byron", "李小龙", "Will Frost"], ["Acme GmbH", "5 Elm Street", "KD-77-12"])


@pytest.mark.parametrize(
    "said",
    [
        "Write to ada@customer.example please",
        "Call +49 30 1234567 or (030) 123-456",
        "My order number is AB1234",
        "See https://shop.example/o/secret?x=1 there",
        "I am ada byron",
        "BYRON here",
        "Mrs Lovelace told me",
        "李小龙说不行",
        "王先生说不行",
        "I live in 5 Elm Street",
        "My key is KD-77-12",
        "We at ACME GMBH have it",
        "Contract 4711",
        "订单号：8812",
    ],
)
def test_what_points_at_somebody_is_taken_out(said: str) -> None:
    found = cleared(said, NAMES)
    assert LEFT in found
    for hint in ("ada", "byron", "lovelace", "123", "secret", "李小龙", "王先", "elm", "kd-", "acme", "4711", "8812"):
        assert hint not in found.lower()


@pytest.mark.parametrize(
    "said",
    [
        "Press it for 30 seconds.",
        "It will not start.",
        "Error E42 at 95 °C",
        "Version 2.1 of 2024",
        "按住三十秒。",
        "# 1 is fine",
    ],
)
def test_what_points_at_nobody_stays(said: str) -> None:
    assert cleared(said, NAMES) == said


def test_a_name_that_is_a_word_is_a_name_where_it_is_written_so() -> None:
    assert cleared("Will, it will not start", NAMES) == f"{LEFT}, it will not start"


def test_greeting_quotation_and_signature_are_left_out() -> None:
    said = "Dear team,\n\nThe lid leaks.\n\nBest regards\nAda\n+49 30 1234567\n> It leaked before\n"
    assert cleared(said, NAMES) == "The lid leaks."


def test_a_subject_becomes_a_title() -> None:
    assert line("Re: [Case 1042] Kettle leaks - Ada Byron", NAMES) == "Kettle leaks"
