"""Limits: how often a rule fires for a customer and in a day, who is held out, and that races do not exceed them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from crmkit import CRM, InvalidInput
from crmkit.core.store.clock import Clock
from crmkit.core.store.ids import new_id
from crmkit.engines.rules.limits import Length, limits_of, take
from crmkit.engines.statistics.hashing import held_out
from crmkit.hooks.rules import Rule
from tests.core.operations.job_support import Hands
from tests.engines.rules.support import SYSTEM, buy, configure, customer, log, save, tag, work


@pytest.fixture
def hands(crm_url: str) -> Hands:
    """The hands of the clock of ``crm``."""
    return Hands()


@pytest.fixture
def crm(crm_url: str, hands: Hands) -> CRM:
    """A CRM whose clock the test sets."""
    crm = CRM.open(crm_url, clock=Clock(system=hands))
    configure(crm)
    yield crm
    crm.close()


def buys_on(crm: CRM, hands: Hands, who: object, *days: float) -> None:
    """Have a customer buy after so many days, one after the other."""
    for days_later in days:
        hands.move(days=days_later)
        buy(crm, who)  # type: ignore[arg-type]
        work(crm)


def test_a_rule_fires_once_in_its_period(crm: CRM, hands: Hands) -> None:
    """A customer buys on 2 March, an hour later, on 31 March and on 20 April: the log says which purchases counted."""
    periods: dict[str, tuple[str | None, str | None, str]] = {
        "unlimited": (None, None, "ffff"),
        "event": ("event", None, "ffff"),
        "ever": ("customer", None, "flll"),
        "length": ("customer, 30 days", None, "fllf"),
        "day": ("customer, day", None, "flff"),
        "month": ("customer, month", None, "fllf"),
        "cooldown": ("event", "12 hours", "flff"),
        "both": ("customer, quarter", "2 weeks", "fllf"),
    }
    for name, (once_per, cooldown, _expected) in periods.items():
        save(crm, name, tag("x"), on="interaction.recorded", once_per=once_per, cooldown=cooldown)
    buys_on(crm, hands, customer(crm), 0, 1 / 24, 29.2, 20)
    found = {name: "".join(outcome[0] for outcome in log(crm, name)) for name in periods}
    assert {name: expected for name, (*_limits, expected) in periods.items()} == found


def test_a_daily_cap_ends_with_the_day_of_the_company(crm: CRM, hands: Hands) -> None:
    """The day is the company's: at 09:00 UTC it is 17:00 in Shanghai, and seven hours later it is another day."""
    save(crm, "capped", tag("x"), on="interaction.recorded", daily_cap=2)
    buys_on(crm, hands, customer(crm), 0, 0, 6.9 / 24, 0.2 / 24)
    assert ["fired", "fired", "capped", "fired"] == log(crm, "capped")


def test_a_failure_gives_its_limits_back(crm: CRM, hands: Hands) -> None:
    """A firing that was undone counts neither for the customer nor for the day."""
    save(crm, "once", {"operation": "customer.convert"}, on="interaction.recorded", once_per="customer", daily_cap=1)
    who = customer(crm, standing="customer")
    buys_on(crm, hands, who, 0, 0)
    other = customer(crm, "Ann Lee")
    buys_on(crm, hands, other, 0)
    assert ["failed", "failed", "fired"] == log(crm, "once")


def test_the_control_group_is_left_alone(crm: CRM, hands: Hands) -> None:
    """A share of the customers, always the same, is held out; the log says when it would have fired for them."""
    save(crm, "half", tag("x"), on="interaction.recorded", control=0.5)
    who = [customer(crm, f"C{number}") for number in range(12)]
    for each in who:
        buy(crm, each)
    work(crm)
    expected = {each: "held_out" if held_out("half", 0.5, each) else "fired" for each in who}
    assert expected == dict(log(crm, "half", "customer_id", "outcome"))
    assert {"held_out", "fired"} == set(expected.values())


def test_races_do_not_exceed_limits(crm: CRM, hands: Hands) -> None:
    """Workers that carry out the same rule at once fire it once for a customer, and no more than the cap in a day."""
    save(crm, "first", tag("first"), on="interaction.recorded", once_per="customer")
    save(crm, "some", tag("some"), on="interaction.recorded", daily_cap=4, priority=-1)
    who = [customer(crm, f"C{number}") for number in range(3)]
    for each in who * 4:
        buy(crm, each)
    workers = [threading.Thread(target=work, args=(crm,)) for _number in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    hands.move(hours=2)
    work(crm)
    assert sorted(who) == sorted(row[0] for row in log(crm, "first", "customer_id", "outcome") if row[1] == "fired")
    assert 4 == log(crm, "some").count("fired")
    assert 12 == len(log(crm, "some"))


def test_only_one_of_two_transactions_takes_a_limit(crm: CRM, hands: Hands) -> None:
    """While one transaction has taken it, another waits; it gets it when the first is undone, and not otherwise."""
    limits = limits_of(Rule(name="x", title="x", on="customer.created", once_per="customer, 30 days"))
    who = customer(crm)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    taken: list[bool] = []
    holding, undo = threading.Event(), threading.Event()

    def first() -> None:
        with pytest.raises(KeyError), crm.transaction(SYSTEM) as session:  # noqa: PT012
            taken.append(take(session, "x", limits, who, now, "UTC"))
            holding.set()
            undo.wait(10)
            raise KeyError

    def second() -> None:
        holding.wait(10)
        with crm.transaction(SYSTEM) as session:
            taken.append(take(session, "x", limits, who, now, "UTC"))

    threads = [threading.Thread(target=each) for each in (first, second)]
    for each in threads:
        each.start()
    holding.wait(10)
    assert [True] == taken
    undo.set()
    for each in threads:
        each.join()
    with crm.transaction(SYSTEM) as session:
        taken.append(take(session, "x", limits, who, now + timedelta(days=29), "UTC"))
        taken.append(take(session, "x", limits, who, now + timedelta(days=30), "UTC"))
    assert [True, True, False, True] == taken


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("once_per", "person"),
        ("once_per", "customer,"),
        ("once_per", "customer, fortnight"),
        ("once_per", "event, day"),
        ("cooldown", "soon"),
        ("cooldown", "0 days"),
        ("daily_cap", 0),
    ],
)
def test_limits_that_cannot_be_read_are_named(field: str, value: object) -> None:
    """The problem names the field."""
    with pytest.raises(InvalidInput) as caught:
        limits_of(Rule(name="x", title="x", on="customer.created", **{field: value}))  # type: ignore[arg-type]
    assert [field] == [problem.field for problem in caught.value.problems]


def test_a_schedule_has_no_event_to_count_by() -> None:
    """Once per event makes no sense without one."""
    with pytest.raises(InvalidInput, match="schedule"):
        limits_of(Rule(name="x", title="x", every="day", once_per="event"))


@given(days=st.integers(1, 400), minutes=st.integers(0, 60 * 24 * 400), zone=st.sampled_from(["UTC", "Asia/Shanghai"]))
def test_days_are_days_of_the_calendar(days: int, minutes: int, zone: str) -> None:
    """So many days have passed when the calendar has moved on by as many, whatever the time of day was."""
    from zoneinfo import ZoneInfo

    then = datetime(2026, 1, 1, tzinfo=UTC)
    now = then + timedelta(minutes=minutes)
    passed = (now.astimezone(ZoneInfo(zone)).date() - then.astimezone(ZoneInfo(zone)).date()).days
    assert (passed >= days) == (then < Length(days=days).before(now, zone))


def test_a_share_is_told_by_the_name_of_the_rule() -> None:
    """Two rules hold out different customers."""
    ids = [new_id() for _number in range(300)]
    groups = [{each for each in ids if held_out(name, 0.5, each)} for name in ("a", "b")]
    assert groups[0] != groups[1]
