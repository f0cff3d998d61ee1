"""Buckets that are counted in each process and shared by the database."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import text

from crmkit import CRM
from crmkit.errors import ConfigurationError
from crmkit.security.limiting.buckets import KEPT, Buckets
from crmkit.security.limiting.rates import Rate, rates_of, read_rate
from crmkit.settings import Settings
from crmkit.web.http.limits import limits_of


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


class Alone:
    """A CRM whose database is away: each process goes by its own count."""

    def __getattr__(self, name: str) -> Any:
        from sqlalchemy.exc import OperationalError

        raise OperationalError("away", None, Exception())


def let_through(take: Callable[[], Any], times: int) -> int:
    """Return how many of some calls are let through."""
    return sum(take().allowed for _time in range(times))


def test_processes_together_let_through_the_limit_and_a_tenth_for_each(crm: CRM) -> None:
    """However calls are spread over processes, together they let through no more than the limit and what each keeps to
    itself, and no less than the limit."""
    rate = Rate(100, 3600)
    processes = [Buckets(crm, patience=20_000) for _process in range(4)]
    passed = sum(processes[number % 4].take("api", "sam", rate).allowed for number in range(1000))
    assert 100 <= passed <= 100 + 4 * 100 * KEPT


def test_processes_at_once_do_not_lose_counts(crm: CRM) -> None:
    """Calls that are counted in several processes at the same time are all counted."""
    rate = Rate(50, 3600)
    passed: list[int] = []
    processes = [Buckets(crm, patience=20_000) for _process in range(4)]
    threads = [
        threading.Thread(target=lambda each=each: passed.append(let_through(lambda: each.take("api", "x", rate), 100)))
        for each in processes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 50 <= sum(passed) <= 50 + 4 * (50 * KEPT + 1)


def test_buckets_empty_again_with_time() -> None:
    """After the time of the limit as much is let through again, and after a part of it that part."""
    clock = Clock()
    buckets = Buckets(Alone(), clock=clock)  # type: ignore[arg-type]
    rate = Rate(60, 60)
    assert let_through(lambda: buckets.take("api", "x", rate), 100) == 60
    clock.now += 10
    assert 9 <= let_through(lambda: buckets.take("api", "x", rate), 100) <= 10
    clock.now += 600
    assert let_through(lambda: buckets.take("api", "x", rate), 100) == 60


def test_a_refusal_says_when_to_come_again() -> None:
    """Whoever waits for as long as he is told is let through."""
    clock = Clock()
    buckets = Buckets(Alone(), clock=clock)  # type: ignore[arg-type]
    rate = Rate(3, 60)
    assert let_through(lambda: buckets.take("api", "x", rate), 3) == 3
    refused = buckets.take("api", "x", rate)
    assert not refused.allowed
    assert 0 < refused.wait <= 20
    clock.now += refused.wait
    assert buckets.take("api", "x", rate).allowed


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 40), st.integers(1, 20)), max_size=30),
    st.integers(1, 50),
    st.integers(1, 100),
)
def test_no_pattern_of_calls_gets_more_than_the_limit(
    calls: list[tuple[float, int]], number: int, seconds: int
) -> None:
    """In any stretch of time no more is let through than what may come at once, and the rate for that long, with the
    tenth that a process forgets by itself."""
    clock = Clock()
    buckets = Buckets(Alone(), clock=clock)  # type: ignore[arg-type]
    rate = Rate(number, seconds)
    begin, passed = clock.now, 0
    for wait, times in calls:
        clock.now += wait
        passed += let_through(lambda: buckets.take("api", "x", rate), times)
    most = number + (clock.now - begin) / rate.interval * (1 + KEPT) + 1
    assert passed <= most


def test_one_caller_does_not_use_up_what_is_anothers() -> None:
    """Budgets and callers are counted apart."""
    buckets = Buckets(Alone(), clock=Clock())  # type: ignore[arg-type]
    rate = Rate(2, 60)
    assert let_through(lambda: buckets.take("api", "sam", rate), 5) == 2
    assert let_through(lambda: buckets.take("api", "mia", rate), 5) == 2
    assert let_through(lambda: buckets.take("search", "sam", rate), 5) == 2


def test_a_writer_does_not_keep_calls_waiting(crm: CRM) -> None:
    """While another transaction writes for long, calls are let through by the process's own count."""
    buckets = Buckets(crm)
    rate = Rate(10, 3600)
    with crm.engines.system_write.connect() as connection, connection.begin():
        connection.execute(text("DELETE FROM crm_throttle"))
        assert let_through(lambda: buckets.take("api", "x", rate), 20) <= 10 + 1


def test_shared_buckets_name_nobody(crm: CRM) -> None:
    """Who is counted cannot be read out of the database."""
    buckets = Buckets(crm)
    for _time in range(5):
        buckets.take("api", "address:192.0.2.7", Rate(10, 3600))
    with crm.engines.system_read.connect() as connection:
        keys = connection.execute(text("SELECT key FROM crm_throttle WHERE key LIKE 'rate:%'")).scalars().all()
    assert len(keys) == 1
    assert "192.0.2" not in keys[0]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("off", None), ("60/hour", Rate(60, 3600)), ("2/second", Rate(2, 1)), ("9/day", Rate(9, 86_400))],
)
def test_limits_are_read_from_settings(said: str, meant: Rate | None) -> None:
    """A limit is a number and a time."""
    found = Settings.from_mapping({"database": "sqlite:///x.db", "rate_limit_api": said})
    assert read_rate(found.rate_limit_api) == rates_of(found)["api"] == meant


@pytest.mark.parametrize("wrong", ["", "0/hour", "many", "5/week", "-1/hour", "5", "5 / hour", "1e3/hour"])
def test_what_is_no_limit_is_refused(wrong: str) -> None:
    """A setting that cannot be read is named, instead of being no limit."""
    with pytest.raises(ConfigurationError, match="rate_limit_search"):
        Settings.from_mapping({"database": "sqlite:///x.db", "rate_limit_search": wrong})


def test_limits_do_not_keep_their_crm(crm_url: str) -> None:
    """A CRM that nobody uses any more is let go of, though its doors counted calls."""
    crm = CRM.open(crm_url)
    limits = limits_of(crm)
    limits.check({"type": "http"}, crm.system("a test"), None)
    crm.close()
    gone = weakref.ref(crm)
    del crm, limits
    gc.collect()
    assert gone() is None
