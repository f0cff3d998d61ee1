"""The decision itself, and the clocks that it goes by: quiet hours and caps, exact across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from crmkit_messaging.sending.caps import CapTerms, Departure
from crmkit_messaging.sending.deciding import Agreed, Point, Situation, Terms, decide_on
from crmkit_messaging.sending.quiet import Quiet, on_the_wall, parse_quiet, period_of, quiet_until, written
from crmkit_messaging.sending.words import REASONS
from crmkit_messaging.sending.zones import zone_of
from hypothesis import given, settings, strategies as st

from crmkit.errors import InvalidInput

BERLIN, SHANGHAI, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Havana")
ZONES = (
    *("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe"),
    *("Africa/Cairo", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia", "UTC"),
)
MARKETING = Terms()
POINT = UUID(int=1)
YES = Agreed(channel="*", granted=True, since=datetime(2020, 1, 1, tzinfo=UTC), entry_id=UUID(int=9))


def at(text: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    """Return an instant by what clocks of a zone show."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def situation(**values: Any) -> Situation:
    """Return a situation in which a marketing message by SMS may leave."""
    given_ = {
        "there": True,
        "channel": "sms",
        "purpose": "marketing",
        "points": [Point(id=POINT)],
        "terms": MARKETING,
        "agreed": [YES],
        "zone": "Asia/Shanghai",
    }
    return Situation(**{**given_, **values})


# --- quiet hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["21:00-08:00", "21-8", "21：00 至 08：00", " 21:00 – 8:00 "])
def test_quiet_hours_are_read_as_people_write_them(text: str) -> None:
    """With and without minutes, with Chinese signs; and written in one form."""
    assert written(parse_quiet(text)) == "21:00-08:00"


@pytest.mark.parametrize("text", ["", "21:00", "25:00-08:00", "21:60-08:00", "21:00-25:00", "night"])
def test_what_is_no_hours_is_refused(text: str) -> None:
    """With an error at the field."""
    with pytest.raises(InvalidInput):
        parse_quiet(text)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (at("2026-06-10 21:00"), at("2026-06-11 08:00")),
        (at("2026-06-10 20:59:59"), at("2026-06-10 20:59:59")),
        (at("2026-06-11 07:59:59"), at("2026-06-11 08:00")),
        (at("2026-06-11 08:00"), at("2026-06-11 08:00")),
    ],
)
def test_nights_are_quiet(now: datetime, ends: datetime) -> None:
    """From the beginning, which is quiet, to the end, which is not."""
    assert quiet_until(now, [parse_quiet("21:00-08:00")], SHANGHAI) == ends


def test_quiet_hours_follow_changes_of_the_clock() -> None:
    """What would end at a time that is skipped ends with the change; at one that there is twice, at the second."""
    spring, autumn = [parse_quiet("21:00-02:30")], [parse_quiet("21:00-02:30")]
    assert quiet_until(at("2026-03-28 23:00", BERLIN), spring, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert quiet_until(at("2026-10-24 23:00", BERLIN), autumn, BERLIN) == at("2026-10-25 02:30", BERLIN, fold=1)
    assert quiet_until(at("2026-10-25 02:45", BERLIN), autumn, BERLIN) == at("2026-10-25 02:30", BERLIN, fold=1)
    assert quiet_until(at("2026-10-25 02:31", BERLIN, fold=1), autumn, BERLIN) == at("2026-10-25 02:31", BERLIN, fold=1)


def test_quiet_hours_hold_on_their_days() -> None:
    """A weekend from Friday evening on, each night after the other."""
    weekend = [Quiet(start=18 * 60, end=0, days=[4]), Quiet(start=0, end=0, days=[5, 6])]
    assert quiet_until(at("2026-06-12 18:00"), weekend, SHANGHAI) == at("2026-06-15 00:00")
    assert quiet_until(at("2026-06-12 17:59"), weekend, SHANGHAI) == at("2026-06-12 17:59")


def test_what_is_always_quiet_never_ends() -> None:
    """Whole days without end are said to be so."""
    assert quiet_until(at("2026-06-12 18:00"), [Quiet(start=0, end=0)], SHANGHAI) is None


hours = st.builds(
    Quiet,
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    days=st.frozensets(st.integers(0, 6), max_size=4),
)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))
CHANGES = (
    *("2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T05:00", "2026-11-01T05:00", "2026-04-05T03:00"),
    *("2026-10-03T15:30", "2026-04-04T15:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-09-06T04:00"),
)
near_changes = st.builds(
    lambda change, minutes: datetime.fromisoformat(change).replace(tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-2000, 2000),
)
any_time = st.one_of(near_changes, instants)


def shows_quiet(moment: datetime, quiet: Quiet, zone: ZoneInfo) -> bool:
    """Say by the clock on the wall alone whether it is quiet."""
    wall = moment.astimezone(zone)
    minute = wall.hour * 60 + wall.minute
    begun_today = not quiet.days or wall.weekday() in quiet.days
    begun_before = not quiet.days or (wall.weekday() - 1) % 7 in quiet.days
    if quiet.start < quiet.end:
        return begun_today and quiet.start <= minute < quiet.end
    return (begun_today and minute >= quiet.start) or (begun_before and minute < quiet.end)


@given(any_time, st.lists(hours, max_size=3), st.sampled_from(ZONES))
@settings(max_examples=300, deadline=None)
def test_the_clock_on_the_wall_agrees(moment: datetime, listed: list[Quiet], name: str) -> None:
    """The first instant that is not quiet shows no quiet time, and lies at an end of quiet hours unless it is now."""
    zone = ZoneInfo(name)
    free = quiet_until(moment, listed, zone)
    if free is None:
        assert all(
            any(shows_quiet(moment + timedelta(hours=step), each, zone) for each in listed) for step in range(24 * 8)
        )
        return
    assert free >= moment
    assert not any(shows_quiet(free, each, zone) for each in listed)
    assert quiet_until(free, listed, zone) == free
    if free > moment:
        just_before = free - timedelta(microseconds=1)
        assert quiet_until(just_before, listed, zone) == free


# --- the calendar -----------------------------------------------------------------------------------------------------


@given(any_time, st.sampled_from(["day", "week", "month"]), st.sampled_from(ZONES))
@settings(max_examples=300, deadline=None)
def test_periods_are_those_of_the_calendar(moment: datetime, per: str, name: str) -> None:
    """A period begins and ends where the calendar's date changes, and the instant lies in it."""
    zone = ZoneInfo(name)
    begins, after = period_of(moment, per, zone)
    assert begins <= moment < after

    def mark(each: datetime) -> Any:
        day = each.astimezone(zone).date()
        return {"day": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[per]

    assert mark(begins) == mark(moment) == mark(after - timedelta(microseconds=1))
    assert mark(begins - timedelta(microseconds=1)) != mark(moment) != mark(after)


def test_a_day_without_midnight_begins_with_the_change() -> None:
    """Where the clocks skip midnight."""
    (begins, _after) = period_of(at("2026-03-08 12:00", HAVANA), "day", HAVANA)
    assert begins == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert begins.astimezone(HAVANA).hour == 1
    assert on_the_wall(begins.astimezone(HAVANA).date(), 30, HAVANA, latest=False) == begins


# --- decisions --------------------------------------------------------------------------------------------------------

NOON = at("2026-06-10 12:00")

LAPSED = Agreed(channel="sms", granted=True, since=NOON, entry_id=POINT, expires_at=NOON)


def left(*times: str, channel: str = "sms", purpose: str = "marketing") -> list[Departure]:
    """Return departures by clocks of Shanghai."""
    return [Departure(channel=channel, purpose=purpose, left_at=at(each)) for each in times]


def test_what_is_in_order_leaves_now() -> None:
    """To the contact point that was found."""
    found = decide_on(situation(), NOON)
    assert (found.outcome, found.contact_point_id) == ("now", POINT)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"there": False}, "customer_gone"),
        ({"points": []}, "no_contact_point"),
        ({"wanted": UUID(int=7)}, "no_contact_point"),
        ({"points": [Point(id=POINT, suppressed="hard_bounce")]}, "suppressed"),
        ({"agreed": []}, "no_consent"),
        ({"agreed": [Agreed(channel="*", granted=False, since=NOON, entry_id=POINT)]}, "withdrawn"),
        (
            {"agreed": [Agreed(channel="sms", granted=True, since=NOON, entry_id=POINT, expires_at=NOON)]},
            "consent_expired",
        ),
        ({"expires_at": NOON}, "expired"),
        ({"quiet": [Quiet(start=0, end=0)]}, "always_quiet"),
        ({"caps": [CapTerms(number=0, per="day")]}, "cap_of_none"),
    ],
)
def test_what_must_not_leave_is_refused(values: dict[str, Any], reason: str) -> None:
    """Each with its reason, which there are words for."""
    found = decide_on(situation(**values), NOON)
    assert (found.outcome, found.reason) == ("never", reason)
    assert reason in REASONS


def test_the_later_entry_of_the_ledger_counts() -> None:
    """Whether it is for the channel or for all of them."""
    early = Agreed(channel="*", granted=True, since=NOON - timedelta(days=2), entry_id=UUID(int=1))
    late = Agreed(channel="sms", granted=False, since=NOON - timedelta(days=1), entry_id=UUID(int=2))
    assert decide_on(situation(agreed=[early, late]), NOON).reason == "withdrawn"
    assert decide_on(situation(agreed=[early, late], channel="email"), NOON).outcome == "now"


def test_service_needs_no_consent_and_minds_a_withdrawal() -> None:
    """A withdrawal that was recorded holds for every purpose."""
    service = Terms(needs_consent=False, capped=False, urgent_passes=True)
    no = Agreed(channel="*", granted=False, since=NOON, entry_id=POINT)
    assert decide_on(situation(terms=service, agreed=[]), NOON).outcome == "now"
    assert decide_on(situation(terms=service, agreed=[no]), NOON).reason == "withdrawn"


def test_urgent_messages_leave_at_night_where_the_policy_lets_them() -> None:
    """And only there."""
    night, quiet = at("2026-06-10 23:00"), [parse_quiet("21:00-08:00")]
    service = Terms(needs_consent=False, capped=False, urgent_passes=True)
    assert decide_on(situation(terms=service, quiet=quiet, urgent=True), night).outcome == "now"
    assert decide_on(situation(terms=service, quiet=quiet), night).at == at("2026-06-11 08:00")
    assert decide_on(situation(quiet=quiet, urgent=True), night).reason == "quiet_hours"


def test_who_wants_nothing_more_is_not_written_to_elsewhere() -> None:
    """An address without a letter-box is passed over; who has complained gets nothing at any address."""
    other = Point(id=UUID(int=2))
    bounced = [Point(id=POINT, preferred=True, suppressed="hard_bounce"), other]
    assert decide_on(situation(points=bounced), NOON).contact_point_id == other.id
    complained = [Point(id=POINT, suppressed="complaint"), other]
    assert decide_on(situation(points=complained), NOON).reason == "suppressed"


@pytest.mark.parametrize(
    ("cap", "times", "ends"),
    [
        (CapTerms(number=1, per="day"), ["2026-06-10 00:00"], "2026-06-11 00:00"),
        (CapTerms(number=2, per="week"), ["2026-06-08 00:00", "2026-06-09 09:00"], "2026-06-15 00:00"),
        (CapTerms(number=1, per="month"), ["2026-06-01 00:00"], "2026-07-01 00:00"),
        (CapTerms(number=2, per="hours", hours=24), ["2026-06-09 13:00", "2026-06-10 11:00"], "2026-06-10 13:00"),
        (CapTerms(number=1, per="hours", hours=24), ["2026-06-09 13:00", "2026-06-10 11:00"], "2026-06-11 11:00"),
    ],
)
def test_caps_hold_until_they_let_the_next_one_through(cap: CapTerms, times: list[str], ends: str) -> None:
    """To the second: calendars by the customer's, hours since what left."""
    found = decide_on(situation(caps=[cap], left=left(*times)), NOON)
    assert (found.outcome, found.reason, found.at) == ("later", "capped", at(ends))


@pytest.mark.parametrize(
    ("cap", "departures"),
    [
        (CapTerms(number=1, per="day"), left("2026-06-09 23:59:59")),
        (CapTerms(number=1, per="day", channel="email"), left("2026-06-10 09:00")),
        (CapTerms(number=1, per="day", channel="sms", purpose="newsletter"), left("2026-06-10 09:00")),
        (CapTerms(number=1, per="hours", hours=24), left("2026-06-09 12:00")),
        (CapTerms(number=1, per="day", channel="sms"), left("2026-06-10 09:00", channel="email")),
    ],
)
def test_caps_hold_nothing_else(cap: CapTerms, departures: list[Departure]) -> None:
    """Neither what left before, nor by another channel, nor for another purpose counts."""
    assert decide_on(situation(caps=[cap], left=departures), NOON).outcome == "now"


def test_a_cap_that_ends_at_night_is_followed_by_the_night() -> None:
    """The next instant is one at which nothing holds the message."""
    held = situation(
        caps=[CapTerms(number=1, per="day")], left=left("2026-06-10 09:00"), quiet=[parse_quiet("21:00-08:00")]
    )
    assert decide_on(held, NOON).at == at("2026-06-11 08:00")


def test_what_would_be_too_late_is_refused_at_once() -> None:
    """A message that quiet hours hold beyond its end never leaves."""
    late = situation(quiet=[parse_quiet("21:00-08:00")], expires_at=at("2026-06-11 07:00"))
    assert decide_on(late, at("2026-06-10 22:00")).reason == "expired"


departures = st.builds(
    Departure,
    channel=st.sampled_from(["sms", "email"]),
    purpose=st.sampled_from(["marketing", "newsletter"]),
    left_at=st.integers(0, 60 * 24 * 40).map(lambda minutes: NOON - timedelta(minutes=minutes)),
)
caps = st.builds(
    lambda channel, purpose, number, per: CapTerms(
        channel=channel, purpose=purpose, number=number, per=per[0], hours=per[1]
    ),
    st.sampled_from(["*", "sms", "email"]),
    st.sampled_from(["*", "marketing", "newsletter"]),
    st.integers(1, 3),
    st.sampled_from([("day", None), ("week", None), ("month", None), ("hours", 5), ("hours", 72)]),
)


@given(
    st.lists(caps, max_size=3),
    st.lists(departures, max_size=8),
    st.lists(hours, max_size=2),
    st.sampled_from(ZONES),
    st.integers(0, 10_000),
)
@settings(max_examples=200, deadline=None)
def test_later_is_exact(
    listed: list[CapTerms], gone: list[Departure], nights: list[Quiet], zone: str, probe: int
) -> None:
    """At the instant that is named the message may leave, and at no earlier one."""
    asked = situation(caps=listed, left=gone, quiet=nights, zone=zone)
    found = decide_on(asked, NOON)
    if found.outcome != "later" or found.at is None:
        return
    assert decide_on(asked, found.at).outcome == "now"
    span = (found.at - NOON).total_seconds()
    for share in (0.0, probe / 10_000):
        between = NOON + timedelta(seconds=span * share)
        if between < found.at:
            assert decide_on(asked, between).outcome == "later"
    assert decide_on(asked, found.at - timedelta(microseconds=1)).outcome == "later"


# --- zones ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "country", "province", "found"),
    [
        ("Asia/Tokyo", "US", None, "Asia/Tokyo"),
        ("Nowhere/Town", "JP", None, "Asia/Tokyo"),
        (None, "CN", "新疆", "Asia/Shanghai"),
        (None, "DE", None, "Europe/Berlin"),
        (None, "FR", None, "Europe/Paris"),
        (None, "US", None, "UTC"),
        (None, "US", "California", "America/Los_Angeles"),
        (None, "US", "NY", "America/New_York"),
        (None, "AU", "Queensland", "Australia/Brisbane"),
        (None, None, None, "UTC"),
    ],
)
def test_a_customer_lives_in_a_zone(zone: str | None, country: str | None, province: str | None, found: str) -> None:
    """The own one, else that of the country or its part, else the company's."""
    assert zone_of(zone, country, province, usual="UTC") == found
