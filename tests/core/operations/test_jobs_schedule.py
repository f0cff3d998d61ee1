"""Periodic jobs: which ticks are due, and that each is queued exactly once and in order."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from crmkit import CRM, CrmSession, Job
from crmkit.core.operations.schedule import MOST_MISSED, Scheduler, due, period
from crmkit.core.store.clock import Clock
from crmkit.errors import ContributionError
from tests.core.operations.job_support import START, Hands, declare, jobs, make_team, teams


def nothing(session: CrmSession, *, tick: datetime) -> None:
    """Do nothing at a tick."""


HOURLY = Job(name="test.hourly", acts_as="system", handler=nothing, every="hour")


@pytest.fixture
def hands() -> Hands:
    """The hands of the system's clock."""
    return Hands()


@pytest.fixture
def shop(crm_url: str, hands: Hands) -> Iterator[CRM]:
    """A CRM whose clock the test sets."""
    with CRM.open(crm_url, clock=Clock(fixed=datetime(2011, 12, 10, tzinfo=UTC), system=hands)) as crm:
        yield crm


def cron(expression: str, catch_up: str = "all") -> Job:
    """Return a job by cron."""
    return Job(name="test.cron", acts_as="system", handler=make_team, cron=expression, catch_up=catch_up)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    """Return an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- which ticks -----------------------------------------------------------------------------------------------------


def test_periods_are_read() -> None:
    """A number may precede the unit, which may be plural."""
    found = [period(text) for text in ("second", "15 minutes", "1 hour", "2 days", "week")]
    assert found == [
        timedelta(seconds=1),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(days=2),
        timedelta(weeks=1),
    ]


@pytest.mark.parametrize("text", ["", "0 hours", "-1 hour", "fortnight", "1.5 hours", "month", "hourly"])
def test_what_is_no_period_is_refused(text: str) -> None:
    """A period that cannot be read is an error that shows how one is written."""
    with pytest.raises(ContributionError, match="15 minutes"):
        period(text)


def test_cron_follows_the_companys_zone() -> None:
    """Half past six in Shanghai is half past ten at night in UTC, the day before."""
    found = due(cron("30 6 * * *"), at("2026-03-01 00:00"), at("2026-03-02 23:00"), "Asia/Shanghai")
    assert found.ticks == (at("2026-03-01 22:30"), at("2026-03-02 22:30"))
    assert found.next == at("2026-03-03 22:30")


def test_an_hour_that_summer_time_leaves_out_has_its_tick() -> None:
    """02:30 does not exist on that night in Berlin: the tick comes at 03:00 summer time."""
    found = due(cron("30 2 * * *"), at("2026-03-28 12:00"), at("2026-03-29 12:00"), "Europe/Berlin")
    assert found.ticks == (at("2026-03-29 01:00"),)


def test_an_hour_that_comes_twice_has_one_tick() -> None:
    """02:30 exists twice on that night in Berlin, and the job runs once."""
    found = due(cron("30 2 * * *"), at("2026-10-24 12:00"), at("2026-10-25 12:00"), "Europe/Berlin")
    assert len(found.ticks) == 1


def test_a_wrong_cron_expression_is_refused() -> None:
    """An expression that cannot be read is an error with an example."""
    with pytest.raises(ContributionError, match="five fields"):
        due(cron("61 * * * *"), START, START + timedelta(days=1), "UTC")


def test_only_the_newest_missed_ticks_are_made_up_for() -> None:
    """After a long time the newest 1,000 ticks remain, and the others are counted."""
    for job in (Job(name="test.m", acts_as="system", handler=make_team, every="minute"), cron("* * * * *")):
        found = due(job, START, START + timedelta(minutes=1500), "UTC")
        assert (len(found.ticks), found.left_out) == (MOST_MISSED, 500)
        assert (found.ticks[0], found.ticks[-1]) == (START + timedelta(minutes=501), START + timedelta(minutes=1500))


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.integers(1, 600),
    stops=st.lists(st.integers(0, 3000), min_size=1, max_size=6).map(sorted),
    by_cron=st.booleans(),
)
def test_looking_often_or_seldom_gives_the_same_ticks(minutes: int, stops: list[int], by_cron: bool) -> None:
    """However the time is cut into looks, the same ticks come out, in order, none twice."""
    job = (
        cron("*/17 */2 * * *")
        if by_cron
        else Job(name="test.m", acts_as="system", handler=make_team, every=f"{minutes} minutes")
    )
    last, pieces = START, []
    for stop in stops:
        ticks = due(job, last, START + timedelta(minutes=stop), "Europe/Berlin").ticks
        pieces.extend(ticks)
        last = ticks[-1] if ticks else last
    whole = due(job, START, START + timedelta(minutes=stops[-1]), "Europe/Berlin")
    assert tuple(pieces)[-MOST_MISSED:] == whole.ticks
    assert pieces == sorted(set(pieces))


# --- into the queue --------------------------------------------------------------------------------------------------


def test_the_first_tick_is_one_period_after_the_job_was_seen(shop: CRM, hands: Hands) -> None:
    """A new job has nothing to catch up with."""
    declare(shop, HOURLY)
    scheduler = Scheduler(shop.gate)
    scheduler.tick()
    hands.move(minutes=59)
    scheduler.tick()
    assert jobs(shop, "run_at") == []
    hands.move(minutes=1)
    scheduler.tick()
    assert jobs(shop, "run_at") == [START + timedelta(hours=1)]


def test_missed_ticks_are_caught_up_in_order(shop: CRM, hands: Hands) -> None:
    """After three hours without a worker the three ticks are carried out, oldest first, each with its own instant."""
    seen: list[datetime] = []

    def handler(session: CrmSession, *, tick: datetime) -> None:
        seen.append(tick)
        session.run("team.create", {"name": tick.isoformat()})

    declare(shop, Job(name="test.hourly", acts_as="system", handler=handler, every="hour"))
    shop.worker().run_until_idle()
    hands.move(hours=3, minutes=30)
    shop.worker().run_until_idle()
    assert seen == [START + timedelta(hours=number) for number in (1, 2, 3)]
    assert len(teams(shop)) == 3


def test_the_latest_tick_alone_can_be_made_up_for(shop: CRM, hands: Hands) -> None:
    """A job that only brings something up to date says so, and runs once."""
    declare(shop, Job(name="test.hourly", acts_as="system", handler=make_team, every="hour", catch_up="latest"))
    Scheduler(shop.gate).tick()
    hands.move(hours=3, minutes=30)
    Scheduler(shop.gate).tick()
    assert jobs(shop, "run_at") == [START + timedelta(hours=3)]


def test_several_schedulers_queue_a_tick_once(shop: CRM, hands: Hands) -> None:
    """Workers that look at the same time put every tick there once, finished ones included."""
    declare(shop, HOURLY)
    one, two = Scheduler(shop.gate), Scheduler(shop.gate)
    one.tick()
    two.tick()
    hands.move(hours=2)
    assert [one.tick() >= 2, two.tick()] == [True, 0]
    shop.worker().run_until_idle()
    two.tick()
    assert jobs(shop, "run_at") == [START + timedelta(hours=1), START + timedelta(hours=2)]


def test_a_scheduler_that_read_before_another_wrote_queues_nothing(shop: CRM, hands: Hands) -> None:
    """The move of the last tick is conditional, so a slow worker with an old reading is too late."""
    declare(shop, HOURLY)
    one, two = Scheduler(shop.gate), Scheduler(shop.gate)
    one.tick()
    hands.move(hours=1)
    found = due(HOURLY, START, hands.now, "UTC")
    assert one._queue(HOURLY, START, found) is True
    assert two._queue(HOURLY, START, found) is False
    assert len(jobs(shop, "id")) == 1


def test_the_business_clock_drives_no_job(shop: CRM, hands: Hands) -> None:
    """Ticks come by the system's clock, though the business's stands still in 2011."""
    declare(shop, HOURLY)
    Scheduler(shop.gate).tick()
    hands.move(hours=1)
    Scheduler(shop.gate).tick()
    assert jobs(shop, "run_at") == [START + timedelta(hours=1)]


def test_a_period_that_cannot_be_read_costs_its_job_alone(
    shop: CRM, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are scheduled; the log names the one that is not, once."""
    declare(shop, HOURLY, Job(name="test.bad", acts_as="system", handler=make_team, every="blue moon"))
    scheduler = Scheduler(shop.gate)
    with caplog.at_level(logging.WARNING, "crmkit.jobs"):
        for _ in range(3):
            scheduler.tick()
            hands.move(hours=1)
    assert jobs(shop, "name") == ["test.hourly", "test.hourly"]
    assert len([line for line in caplog.messages if "test.bad" in line]) == 1


def test_a_tick_that_fails_is_tried_again_without_stopping_the_next(shop: CRM, hands: Hands) -> None:
    """A tick is a job like any other: its failure is its own."""
    declare(
        shop, Job(name="test.hourly", acts_as="system", handler=make_team, every="hour")
    )  # takes no tick, so it always fails
    shop.worker().run_until_idle()
    hands.move(hours=2)
    shop.worker().run_until_idle()
    assert jobs(shop, "state", "attempts") == [("queued", 1), ("queued", 1)]
