"""Clocks as a fold: published vectors, what went wrong elsewhere, and what holds whatever happens."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pytest
from crmkit_service.sla.explaining import explain, gapless
from crmkit_service.sla.folding import Reign, due, fold, fold_stays, shares
from crmkit_service.sla.spans import Worked
from crmkit_service.sla.story import Happening, Story
from crmkit_work.api import Hours, WorkingCalendar
from hypothesis import given, settings, strategies as st

from tests.plugins.service.sla.telling import always, at, clocks, folded, named, office, story, terms

DEADLINES = [
    ("2024-03-04T12:00", "high", "2024-03-04T13:00", "2024-03-04T16:00"),
    ("2024-03-04T08:00", "high", "2024-03-04T11:00", "2024-03-04T14:00"),
    ("2024-03-04T20:00", "urgent", "2024-03-05T10:30", "2024-03-05T12:00"),
    ("2024-03-08T17:00", "urgent", "2024-03-08T17:30", "2024-03-11T11:00"),
]
"""Opened, priority, when a response is due and when a resolution: Monday to Friday 10:00 to 18:00."""
HELPDESK = """
first_response: urgent 30m, high 1h, normal 8h, low 24h
resolution: urgent 2h, high 4h, normal 24h, low 72h; pause waiting_customer
"""


@pytest.mark.parametrize(("opened", "priority", "response", "resolution"), DEADLINES)
def test_deadlines_of_a_help_desk(opened: str, priority: str, response: str, resolution: str) -> None:
    """Response and resolution are due as a widely used help desk has them."""
    found = clocks(story((opened, "opened"), priority=priority), HELPDESK, opened, by=office(10, 18))
    assert (found["first_response"].due_at, found["resolution"].due_at) == (at(response), at(resolution))


def test_a_pause_is_added_to_what_is_left() -> None:
    """An answer meets the response and pauses the resolution; what follows moves its deadline by the pause."""
    told = story(
        ("2024-03-04T12:00", "opened"),
        ("2024-03-04T12:30", "agent_message"),
        ("2024-03-04T12:30", "state", "new", "waiting_customer"),
        ("2024-03-04T13:00", "state", "waiting_customer", "open"),
        ("2024-03-04T13:30", "state", "open", "resolved"),
        priority="high",
    )
    paused = clocks(told, HELPDESK, "2024-03-04T12:45", by=office(10, 18))
    assert (paused["first_response"].state, paused["resolution"].state) == ("met", "paused")
    resumed = clocks(told, HELPDESK, "2024-03-04T13:10", by=office(10, 18))
    assert resumed["resolution"].due_at == at("2024-03-04T16:30")
    ended = clocks(told, HELPDESK, "2024-03-05T13:10", by=office(10, 18))
    assert (ended["resolution"].state, ended["resolution"].consumed) == ("met", 3600)


def test_closing_a_resolved_case_changes_nothing() -> None:
    """A case that is closed a day after it was resolved took the time until it was resolved."""
    told = story(
        ("2024-03-04T12:00", "opened"),
        ("2024-03-04T12:30", "state", "new", "resolved"),
        ("2024-03-05T12:00", "state", "resolved", "closed"),
        priority="high",
    )
    assert clocks(told, HELPDESK, "2024-03-06T12:00", by=office(10, 18))["resolution"].consumed == 1800


@pytest.mark.parametrize(
    ("free", "expected"),
    [((date(2016, 11, 13),), "2016-11-14T21:00"), ((date(2016, 11, 11), date(2016, 11, 13)), "2016-11-15T21:00")],
)
def test_zammad_390_holidays_within_48_hours(free: tuple[date, ...], expected: str) -> None:
    """48 working hours from a Wednesday night, 09:00 to 21:00 every day, step over the holidays among them."""
    found = clocks(
        story(("2016-11-09T23:00", "opened")),
        "resolution: 48h",
        "2016-11-09T23:00",
        by=office(9, 21, days=7, free=free),
    )
    assert found["resolution"].due_at == at(expected)


@pytest.mark.parametrize(("amount", "expected"), [("8h", "2024-03-11T16:00"), ("2h", "2024-03-11T10:00")])
def test_hours_that_begin_on_friday_afternoon(amount: str, expected: str) -> None:
    """Eight hours from Friday 16:00 end on Monday 16:00, two of them on Monday 10:00."""
    found = clocks(story(("2024-03-08T16:00", "opened")), f"resolution: {amount}", "2024-03-08T16:00")
    assert found["resolution"].due_at == at(expected)


def test_zammad_5177_update_does_not_overrule_the_first_response() -> None:
    """While nobody has answered, a shorter target for updates does not make the case due."""
    text = "first_response: 4h\nupdate: 1h"
    told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T09:00", "customer_message"))
    found = clocks(told, text, "2024-03-04T11:00")
    assert (list(found), due(tuple(found.values())).due_at) == (["first_response"], at("2024-03-04T13:00"))


def test_zammad_5624_no_clock_survives_its_policy() -> None:
    """A case that moves to a policy without updates is due by what that one promises, and by nothing else."""
    told = story(
        ("2024-03-04T09:00", "opened"), ("2024-03-04T10:00", "agent_message"), ("2024-03-04T10:30", "queue", "a", "b")
    )
    reigns = [
        Reign(since=at("2024-03-04T09:00"), terms=terms("first_response: 4h\nupdate: 1h", name="support")),
        Reign(since=at("2024-03-04T10:30"), terms=terms("first_response: 2h\nresolution: 8h", name="sales")),
    ]
    found = named(folded(told, reigns, "2024-03-04T12:00"))
    assert [(each.clock, each.state, each.policy) for each in found.values()] == [
        ("first_response", "met", "support"),
        ("resolution", "running", "sales"),
        ("update", "cancelled", "support"),
    ]
    assert due(tuple(found.values())).clock == "resolution"


def test_zammad_3140_nothing_escalates_while_the_customer_is_to_answer() -> None:
    """Once somebody has answered, the next response is due only when the customer has written again."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T09:30", "agent_message"),
        ("2024-03-04T11:00", "customer_message"),
        ("2024-03-04T11:30", "customer_message"),
    )
    text = "first_response: 1h\nnext_response: 2h"
    assert due(tuple(clocks(told, text, "2024-03-04T10:59").values())) is None
    assert clocks(told, text, "2024-03-04T12:00")["next_response"].due_at == at("2024-03-04T13:00")


def test_zammad_1322_the_customer_counts_by_whatever_channel() -> None:
    """A customer who writes while the case waits for it starts the next response, whatever state the case stays in."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T09:30", "agent_message"),
        ("2024-03-04T09:30", "state", "new", "waiting_customer"),
        ("2024-03-04T11:00", "customer_message"),
    )
    found = clocks(told, "first_response: 1h\nnext_response: 2h", "2024-03-04T11:10")
    assert due(tuple(found.values())).due_at == at("2024-03-04T13:00")


def test_zammad_2082_the_first_answer_moves_the_deadline() -> None:
    """The first answer, not only the second one, takes the response out of what the case is due by."""
    told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T09:30", "agent_message"))
    found = clocks(told, "first_response: 1h\nresolution: 6h", "2024-03-04T09:31")
    assert due(tuple(found.values())).due_at == at("2024-03-04T15:00")


def test_zammad_3551_an_answer_that_pauses_the_case_meets_the_response() -> None:
    """An answer and a state that waits, in one step, meet the first response, in either order."""
    for first, second in (
        (("agent_message",), ("state", "new", "on_hold")),
        (("state", "new", "on_hold"), ("agent_message",)),
    ):
        told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T09:30", *first), ("2024-03-04T09:30", *second))
        assert clocks(told, "first_response: 1h; pause on_hold", "2024-03-04T12:00")["first_response"].state == "met"


@pytest.mark.parametrize("state", ["merged", "spam"])
def test_zammad_904_what_is_merged_is_due_no_more(state: str) -> None:
    """A case that is merged or spam has no deadline, and has missed none."""
    told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T09:30", "state", "new", state))
    found = clocks(told, "first_response: 1h\nresolution: 6h", "2024-03-06T09:31")
    assert {(each.state, each.due_at is None, each.breached_at) for each in found.values()} == {
        ("cancelled", True, None)
    }
    assert due(tuple(found.values())) is None


def test_zammad_4353_a_policy_that_ends_takes_its_deadlines_along() -> None:
    """When no policy holds any more, a case that was late already is due by nothing."""
    told = story(("2024-03-04T09:00", "opened"))
    reigns = [
        Reign(since=at("2024-03-04T09:00"), terms=terms("first_response: 1h")),
        Reign(since=at("2024-03-04T12:00"), terms=None),
    ]
    found = folded(told, reigns, "2024-03-04T13:00")
    assert (due(found), [each.state for each in found]) == (None, ["cancelled"])


def test_helpdesk_2212_nothing_counts_at_lunch() -> None:
    """What is opened at lunch begins to count after it."""
    week = {day: [Hours(9 * 3600, 12 * 3600), Hours(13 * 3600, 18 * 3600)] for day in range(5)}
    lunch = Worked("lunch", WorkingCalendar(zone="UTC", week=week))
    found = clocks(story(("2024-03-04T12:10", "opened")), "first_response: 30m", "2024-03-04T12:20", by=lunch)
    assert (found["first_response"].consumed, found["first_response"].due_at) == (0, at("2024-03-04T13:30"))


def test_a_priority_that_rises_keeps_what_is_used_up() -> None:
    """After two hours of eight, one that becomes urgent (three hours) has one hour left."""
    told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T11:00", "priority", "normal", "urgent"))
    found = clocks(told, "resolution: urgent 3h, normal 8h", "2024-03-04T11:00")
    assert (found["resolution"].due_at, found["resolution"].remaining) == (at("2024-03-04T12:00"), 3600)


def test_a_team_that_works_by_other_hours_goes_on_by_them() -> None:
    """What a team with office hours used up counts on at a team that works around the clock."""
    told = story(("2024-03-08T16:00", "opened"), ("2024-03-09T10:00", "team", "day", "night"))
    found = clocks(told, "resolution: 4h", "2024-03-09T11:00", calendars={"day": office(), "night": always()})
    assert (found["resolution"].consumed, found["resolution"].due_at) == (2 * 3600, at("2024-03-09T13:00"))


def test_a_new_version_moves_what_runs_and_leaves_what_has_ended() -> None:
    """A version of a policy holds for clocks that run; what was met before is judged by the version of then."""
    told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T09:50", "agent_message"))
    reigns = [
        Reign(since=at("2024-03-04T09:00"), terms=terms("first_response: 1h\nresolution: 4h")),
        Reign(since=at("2024-03-04T11:00"), terms=terms("first_response: 10m\nresolution: 3h", version=2)),
    ]
    found = named(folded(told, reigns, "2024-03-04T11:30"))
    assert (found["first_response"].state, found["first_response"].version) == ("met", 1)
    assert (found["resolution"].due_at, found["resolution"].version) == (at("2024-03-04T12:00"), 2)


def test_a_stricter_policy_does_not_bring_back_what_was_met() -> None:
    """A first response that an acknowledgement has met is not due again where only an answer would count."""
    told = story(("2024-03-04T09:00", "opened"), ("2024-03-04T09:10", "acknowledged"))
    reigns = [
        Reign(since=at("2024-03-04T09:00"), terms=terms("first_response: 1h; stop acknowledged")),
        Reign(since=at("2024-03-04T09:30"), terms=terms("first_response: 1h", version=2)),
    ]
    assert [each.state for each in folded(told, reigns, "2024-03-04T11:30")] == ["met"]


def test_reopening_begins_a_turn_of_its_own() -> None:
    """A case that is reopened is to be solved in the time of its own, or with what was used up where that carries."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T10:00", "state", "open", "resolved"),
        ("2024-03-04T12:00", "state", "resolved", "reopened"),
    )
    fresh = clocks(told, "resolution: 3h", "2024-03-04T12:00")
    assert (fresh["resolution"].state, fresh["resolution", 2].due_at) == ("met", at("2024-03-04T15:00"))
    carried = clocks(told, "resolution: 3h; carry", "2024-03-04T12:00")
    assert carried["resolution", 2].due_at == at("2024-03-04T14:00")


def test_what_was_no_spam_after_all_goes_on() -> None:
    """The time as spam does not count, and the first response is due as if it had not been there."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T10:00", "state", "new", "spam"),
        ("2024-03-04T12:00", "state", "spam", "open"),
    )
    assert clocks(told, "first_response: 2h", "2024-03-04T12:00")["first_response"].due_at == at("2024-03-04T13:00")


def test_updates_are_due_again_and_again() -> None:
    """Each update ends a turn and begins the next one; a late one is missed."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T09:10", "agent_message"),
        ("2024-03-04T10:00", "agent_message"),
        ("2024-03-04T13:00", "agent_message"),
        ("2024-03-04T13:30", "state", "open", "resolved"),
    )
    found = clocks(told, "update: 2h", "2024-03-05T13:00")
    assert [each.state for each in found.values()] == ["met", "missed", "met"]


def test_an_agreement_counts_each_stay_of_its_own() -> None:
    """A team has its own time from when the case comes to its queue until it leaves; the vendor has the wait."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T10:00", "queue", "first", "second"),
        ("2024-03-04T11:00", "state", "open", "waiting_third_party"),
        ("2024-03-04T13:00", "state", "waiting_third_party", "open"),
        ("2024-03-04T15:00", "state", "open", "resolved"),
    )
    agreed = {
        ("ola", "first"): terms("30m", kind="ola"),
        ("ola", "second"): terms("4h", kind="ola"),
        ("uc", "second"): terms("1h", kind="uc"),
    }
    found = fold_stays(
        told, lambda kind, queue, _at: agreed.get((kind, queue)), lambda _name, _team: office(), at("2024-03-05T09:00")
    )
    assert [(each.clock, each.party, each.state, each.consumed // 60) for each in found] == [
        ("ola", "first", "missed", 60),
        ("ola", "second", "met", 180),
        ("uc", "second", "missed", 120),
    ]


def test_the_customers_clock_says_who_used_it_up() -> None:
    """The hours of the customer's clock are those of the queues, and of third parties for whom it runs on."""
    told = story(
        ("2024-03-04T09:00", "opened"),
        ("2024-03-04T10:00", "queue", "first", "second"),
        ("2024-03-04T11:00", "state", "open", "waiting_third_party"),
        ("2024-03-04T13:00", "state", "waiting_third_party", "open"),
    )
    found = clocks(told, "resolution: 8h", "2024-03-04T15:00")["resolution"]
    parts = shares(found, at("2024-03-04T15:00"))
    assert parts == {("first", False): 3600, ("second", False): 3 * 3600, ("second", True): 2 * 3600}
    assert sum(parts.values()) == found.consumed


def test_every_stretch_is_explained() -> None:
    """The lines of a clock follow one another, say why time counted or not, and end with what is left."""
    told = story(
        ("2024-03-04T16:00", "opened"),
        ("2024-03-05T10:00", "state", "open", "waiting_customer"),
        ("2024-03-05T11:00", "state", "waiting_customer", "open"),
    )
    found = clocks(told, "resolution: 4h", "2024-03-05T12:00")["resolution"]
    lines = explain(found, at("2024-03-05T12:00"))
    assert [(line.kind, line.counted // 60, line.remaining // 60) for line in lines] == [
        ("started", 0, 240),
        ("counted", 60, 180),
        ("closed", 0, 180),
        ("counted", 60, 120),
        ("paused", 0, 120),
        ("counted", 60, 60),
        ("counted", 60, 0),
        ("due", 0, 0),
    ]
    assert (gapless(lines), lines[-1].at) == (True, found.due_at)


def test_the_vectors_of_the_business_hours_hold() -> None:
    """Deadlines by week days of different hours are those of published vectors."""
    week = {0: (9, 17), 1: (10, 16), 2: (9, 17), 3: (10, 16), 4: (9, 17)}
    hours = {day: [Hours(first * 3600, last * 3600)] for day, (first, last) in week.items()}
    hours[5] = [Hours(11 * 3600, 14 * 3600 + 1800)]
    by = Worked("biz", WorkingCalendar(zone="UTC", week=hours))
    for start, minutes, expected in (
        ("2006-01-04T15:58", 2, "2006-01-04T16:00"),
        ("2006-01-04T14:30", 90, "2006-01-04T16:00"),
        ("2006-01-04T13:00", 180, "2006-01-04T16:00"),
        ("2006-01-06T16:30", 60, "2006-01-07T11:30"),
    ):
        found = clocks(story((start, "opened")), f"resolution: {minutes}m", start, by=by)
        assert found["resolution"].due_at == at(expected)


KINDS = st.sampled_from(["customer_message", "agent_message", "note", "state", "priority", "team", "queue"])
STATES = ["open", "waiting_customer", "waiting_third_party", "on_hold", "resolved", "reopened", "spam"]
VALUES = {
    "state": st.sampled_from(STATES),
    "priority": st.sampled_from(["low", "normal", "high", "urgent"]),
    "team": st.sampled_from(["day", "night"]),
    "queue": st.sampled_from(["first", "second"]),
}
TEXT = (
    "first_response: urgent 30m, high 1h, normal 8h, low 24h\n"
    "next_response: urgent 1h, normal 4h\nupdate: 6h\nresolution: urgent 2h, high 4h, normal 24h, low 72h"
)
CALENDARS = {"day": office(10, 18), "night": always()}


@cache
def calendar_of(_name: str, team: str) -> Worked:
    """Return the calendar of a team of the drawn stories."""
    return CALENDARS.get(team, CALENDARS["day"])


@st.composite
def stories(draw: st.DrawFn) -> list[Happening]:
    """Draw the events of a case within some days."""
    moment = at("2024-03-04T00:00") + timedelta(minutes=draw(st.integers(0, 7 * 1440)))
    found = [Happening(moment, "opened")]
    held = {"state": "new", "priority": "normal", "team": "day", "queue": "first"}
    for _each in range(draw(st.integers(0, 9))):
        moment += timedelta(minutes=draw(st.integers(0, 2000)))
        kind = draw(KINDS)
        if kind in VALUES:
            after = draw(VALUES[kind])
            found.append(Happening(moment, kind, held[kind], after))
            held[kind] = after
        else:
            found.append(Happening(moment, kind))
    return found


@settings(max_examples=150, deadline=None)
@given(happened=stories(), later=st.integers(0, 5000))
def test_clocks_never_contradict_themselves(happened: list[Happening], later: int) -> None:
    """Whatever happens: what is met was in time, what is missed was not; lines add up to what is used up; and the case
    is due by the earliest clock that runs."""
    now = happened[-1].at + timedelta(minutes=later)
    told = Story.of(happened, {"state": "new", "priority": "normal", "team": "day", "queue": "first"})
    found = fold(told, [Reign(since=happened[0].at, terms=terms(TEXT))], calendar_of, now)
    for each in found:
        if each.state == "met":
            assert each.due_at is None or each.due_at >= each.ended_at
        if each.state == "missed":
            assert each.due_at < each.ended_at
        assert each.consumed >= 0
        assert each.unmet == (each.ended_at is None)
        counted = sum(line.counted for line in explain(each, now) if line.until is not None and line.until <= now)
        assert counted == each.consumed
        assert sum(shares(each, now).values()) == each.consumed
    running = [each.due_at for each in found if each.state == "running" and each.due_at is not None]
    first = due(found)
    assert (first.due_at if first is not None else None) == min(running, default=None)


@settings(max_examples=100, deadline=None)
@given(happened=stories(), cut=st.integers(0, 9))
def test_what_has_ended_stays_as_it_was(happened: list[Happening], cut: int) -> None:
    """A clock that had ended when the story was shorter is the same in the longer story, unless the case came back
    from being spam."""
    current = {"state": "new", "priority": "normal", "team": "day", "queue": "first"}
    reigns = [Reign(since=happened[0].at, terms=terms(TEXT))]
    part = happened[: cut + 1]
    before = fold(Story.of(part, current), reigns, calendar_of, part[-1].at)
    after = {each.key: each for each in fold(Story.of(happened, current), reigns, calendar_of, happened[-1].at)}
    for each in before:
        if each.state in ("met", "missed"):
            assert after[each.key] == each


@settings(max_examples=100, deadline=None)
@given(happened=stories(), place=st.integers(0, 9))
def test_a_version_with_the_same_terms_changes_nothing(happened: list[Happening], place: int) -> None:
    """Folding across a change of version that changes no term is folding once."""
    told = Story.of(happened, {"state": "new", "priority": "normal", "team": "day", "queue": "first"})
    now = happened[-1].at + timedelta(hours=5)
    one = [Reign(since=happened[0].at, terms=terms(TEXT))]
    when = happened[min(place, len(happened) - 1)].at + timedelta(seconds=30)
    two = [*one, Reign(since=when, terms=terms(TEXT))]
    assert fold(told, two, calendar_of, now) == fold(told, one, calendar_of, now)
