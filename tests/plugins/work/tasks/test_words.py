"""What people write: when something is due, and the steps of ladders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_work.calendars.clock import WorkingCalendar
from crmkit_work.calendars.hours import parse_week
from crmkit_work.tasks.steps import Step, parse_steps, plan
from crmkit_work.tasks.whens import parse_when, snooze_end
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.errors import InvalidInput

SHANGHAI = "Asia/Shanghai"
NOW = datetime(2026, 11, 26, 2, 15, tzinfo=UTC)
"""A Thursday, a quarter past ten in Shanghai."""
DESK = WorkingCalendar(zone=SHANGHAI, week=parse_week("mon-fri 09:00-12:00 13:00-17:30"))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("tomorrow 10:00", "2026-11-27 10:00"),
        ("tomorrow at 3pm", "2026-11-27 15:00"),
        ("today", "2026-11-26 17:30"),
        ("16:00", "2026-11-26 16:00"),
        ("09:00", "2026-11-27 09:00"),
        ("fri", "2026-11-27 17:30"),
        ("Monday 9:30", "2026-11-30 09:30"),
        ("next thu", "2026-12-03 17:30"),
        ("next week", "2026-11-30 17:30"),
        ("sun", "2026-11-29 18:00"),
        ("+2h", "2026-11-26 12:15"),
        ("+3d", "2026-11-29 10:15"),
        ("+1w", "2026-12-03 10:15"),
        ("+2wd", "2026-11-30 10:15"),
        ("2026-12-24 11:00", "2026-12-24 11:00"),
        ("2026-12-24", "2026-12-24 18:00"),
        ("2026-11-26T12:00:00Z", "2026-11-26 20:00"),
        ("明天 10:00", "2026-11-27 10:00"),
        ("明天下午3点", "2026-11-27 15:00"),
        ("下周一", "2026-11-30 17:30"),
        ("周五上午九点", None),
        ("周五 9点半", "2026-11-27 09:30"),
        ("+2工作日", "2026-11-30 10:15"),
        ("whenever", None),
        ("tomorrow 25:00", None),
        ("", None),
        ("tomorrow tomorrow", None),
        ("2026-02-30", None),
    ],
)
def test_a_due_time_is_read_as_people_write_it(said: str, meant: str | None) -> None:
    """In English and Chinese, on the clock of the person; a day means when its work ends. What says no time is repeated
    with examples."""
    if meant is None:
        with pytest.raises(InvalidInput) as caught:
            parse_when(said, NOW, SHANGHAI, DESK)
        assert caught.value.problems[0].field == "due"
        return
    found = parse_when(said, NOW, SHANGHAI, DESK)
    assert f"{found + timedelta(hours=8):%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        ("hour", "26 11:15"),
        ("afternoon", "26 14:00"),
        ("tomorrow", "27 09:00"),
        ("working_day", "27 09:00"),
        ("week", "30 09:00"),
    ],
)
def test_a_choice_says_until_when(choice: str, meant: str) -> None:
    """By the hours of the calendar."""
    assert f"{snooze_end(choice, NOW, SHANGHAI, DESK) + timedelta(hours=8):%d %H:%M}" == meant


def test_steps_are_read_line_by_line() -> None:
    """Before and after, in minutes, hours and days of the clock or of work, to whom, and how often more."""
    text = "-60m owner; 0 lead\n+2wh above repeat 1h x3；+1wd team:Support\n+1d user:eve"
    assert parse_steps(text) == (
        Step(minutes=-60, target="owner"),
        Step(minutes=0, target="lead"),
        Step(minutes=120, working=True, target="above", every=60, times=3),
        Step(days=1, working=True, target="team", name="Support"),
        Step(minutes=1440, target="user", name="eve"),
    )


@pytest.mark.parametrize("line", ["owner", "+1h nobody", "+1h user", "+1h owner:eve", "soon owner", "+1h lead repeat"])
def test_a_step_that_is_not_understood_is_repeated(line: str) -> None:
    """With how it would be right."""
    with pytest.raises(InvalidInput) as caught:
        parse_steps(f"0 owner; {line}")
    assert caught.value.problems[0].values["line"] == line


def test_working_time_of_a_step_is_the_calendars() -> None:
    """Two working hours after Friday's last hour lie on Monday; a working day keeps the time of day."""
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # 17:00 in Shanghai
    found = plan(parse_steps("+2wh owner; +1wd owner"), friday, DESK, SHANGHAI)
    local = [f"{each.at + timedelta(hours=8):%d %H:%M}" for each in found]
    assert local == ["30 10:30", "30 17:00"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(st.tuples(st.integers(-600, 600), st.integers(0, 3), st.integers(1, 90)), min_size=1, max_size=6),
    due=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
)
def test_a_ladder_is_climbed_in_order_and_every_step_once(steps: list[tuple[int, int, int]], due: datetime) -> None:
    """Whatever the steps, each and each of its repetitions is planned once, and never one before an earlier one."""
    lines = [f"{minutes:+d}m owner repeat {every}m x{times}" for minutes, times, every in steps]
    found = plan(parse_steps("\n".join(lines)), due, None, "UTC")
    assert [each.at for each in found] == sorted(each.at for each in found)
    wanted = {(number, turn) for number, (_minutes, times, _every) in enumerate(steps) for turn in range(times + 1)}
    assert {(each.step, each.turn) for each in found} == wanted
    assert len(found) == len(wanted)
    for each in found:
        minutes, _times, every = steps[each.step]
        assert each.at == due + timedelta(minutes=minutes + every * each.turn)
