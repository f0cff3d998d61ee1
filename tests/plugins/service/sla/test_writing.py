"""Terms and ladders as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_service.sla.ladders import format_steps, parse_steps, plan
from crmkit_service.sla.terms import USUAL, as_rows, format_terms, of_rows, parse_terms

from crmkit import InvalidInput
from tests.plugins.service.sla.telling import at

TERMS = """\
first_response: urgent 30m, high 1h, normal 8h, low 24h
update: 24h; start opened; reset agent_message, note; calendar always
resolution: normal 24h; pause never; carry"""
LADDER = """\
75% owner
-30m owner
0 lead priority:urgent
+2h manager repeat 1h x3
+4h rota:night queue:escalations"""


def test_terms_are_written_as_they_are_read() -> None:
    """What is read, kept as rows and written again is the text that it was."""
    assert format_terms(of_rows(as_rows(parse_terms(TERMS)))) == TERMS


def test_what_is_not_said_is_usual() -> None:
    """A line with targets alone has the usual conditions of its clock."""
    rule = parse_terms("resolution: 1h 30m")[0]
    assert (rule.target("high"), rule.pause, rule.start) == (5400, USUAL["resolution"].pause, USUAL["resolution"].start)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Say what is promised"),
        ("answer: 1h", '"answer"'),
        ("resolution: soon", '"soon"'),
        ("resolution: 1h\nresolution: 2h", "stands there twice"),
        ("resolution: high 1h, high 2h", "second time"),
        ("resolution: 1h; pause lunch", '"lunch"'),
        ("resolution: 1h; stop sometime", '"sometime"'),
        ("resolution: 1h; whenever", '"whenever"'),
        ("resolution:", "needs a target"),
        ("resolution: 0m", '"0m"'),
    ],
)
def test_terms_that_are_not_understood(text: str, part: str) -> None:
    """What is not understood is repeated."""
    with pytest.raises(InvalidInput) as raised:
        parse_terms(text)
    assert part in raised.value.problems[0].render()


def test_an_agreement_needs_no_name_of_its_clock() -> None:
    """An agreement with a team has one clock, and its line may leave the name out."""
    assert [(rule.clock, rule.target("low")) for rule in parse_terms("urgent 1h, 4h", kind="ola")] == [("ola", 14400)]


def test_ladders_are_written_as_they_are_read() -> None:
    """What is read and written again is the text that it was."""
    assert format_steps(parse_steps(LADDER)) == LADDER


@pytest.mark.parametrize(
    "line", ["soon owner", "0", "0 boss", "0 rota", "0 lead priority:huge", "0 lead x3", "900% owner"]
)
def test_steps_that_are_not_understood(line: str) -> None:
    """A line that is no step is repeated."""
    with pytest.raises(InvalidInput) as raised:
        parse_steps(line)
    assert line in raised.value.problems[0].render()


def test_steps_are_planned_in_order() -> None:
    """Percents go by working time, minutes by the wall clock, and a step is repeated as often as it says."""
    due = at("2024-03-04T16:00")
    steps = parse_steps("+1h manager repeat 30m x2; 50% owner; -10m owner")
    planned = plan(steps, due, 7200, lambda amount: due - timedelta(hours=2) + amount)
    assert [(each.key, each.at.strftime("%H:%M")) for each in planned] == [
        ("1.0", "15:00"),
        ("2.0", "15:50"),
        ("0.0", "17:00"),
        ("0.1", "17:30"),
        ("0.2", "18:00"),
    ]
