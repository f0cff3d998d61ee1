"""Rules with a schedule: when their time has come, whom they are about, and that nobody is missed or met twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crmkit import CRM
from crmkit.core.operations.tables import JobRecord
from crmkit.core.store.clock import Clock
from crmkit.engines.rules import delivering
from tests.core.operations.job_support import Hands
from tests.engines.rules.support import SYSTEM, buy, configure, customer, log, save, tag, tags, work


@pytest.fixture
def hands(crm_url: str) -> Hands:
    """The hands of the clock of ``crm``."""
    return Hands()


@pytest.fixture
def crm(crm_url: str, hands: Hands) -> Iterator[CRM]:
    """A CRM whose clock the test sets, and whose scheduler has begun."""
    crm = CRM.open(crm_url, clock=Clock(system=hands))
    configure(crm)
    work(crm)
    yield crm
    crm.close()


def pass_time(crm: CRM, hands: Hands, **length: float) -> None:
    """Let time pass, then look whose time has come."""
    hands.move(**length)
    work(crm)


def test_a_rule_runs_when_its_time_has_come(crm: CRM, hands: Hands) -> None:
    """First one period after it was seen, then each time anew; of several times that were missed only the last."""
    save(
        crm, "silent", tag("silent"), every="day", when="days_since(purchase.last_at) >= 3", once_per="customer, 5 days"
    )
    silent, active = customer(crm), customer(crm, "Ann Lee")
    buy(crm, silent)
    pass_time(crm, hands, minutes=5)
    pass_time(crm, hands, days=1)
    assert [{"matched": 0, "limited": 0}] == log(crm, "silent", "details")
    hands.move(days=3)
    buy(crm, active)
    work(crm)
    assert (["silent"], []) == (tags(crm, silent), tags(crm, active))
    pass_time(crm, hands, days=1)
    assert ["run", "run", "fired", "run"] == log(crm, "silent")
    assert {"matched": 1, "limited": 1} == log(crm, "silent", "details")[-1]


def test_a_cron_rule_runs_in_the_zone_of_the_company(crm: CRM, hands: Hands) -> None:
    """Nine in the morning of Shanghai is one in the morning in UTC."""
    save(crm, "nine", tag("nine"), cron="0 9 * * *")
    who = customer(crm)
    pass_time(crm, hands, minutes=5)
    pass_time(crm, hands, hours=15, minutes=50)
    assert [] == tags(crm, who)
    pass_time(crm, hands, minutes=6)
    assert ["nine"] == tags(crm, who)


def test_a_run_goes_in_batches_over_everybody(crm: CRM, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each customer for whom it holds is met once, in as many jobs as there are batches; those outside ``among`` and
    those who were put away are not met."""
    monkeypatch.setattr(delivering, "SIZE", 3)
    save(crm, "all", tag("met"), every="hour", among='customer.kind == "person"')
    people = [customer(crm, f"C{number}") for number in range(7)]
    firm, gone = customer(crm, "Tea & Co", kind="organization"), customer(crm, "Gone")
    crm.run(SYSTEM, "customer.delete", {}, target=gone)
    pass_time(crm, hands, minutes=5)
    pass_time(crm, hands, hours=1)
    assert [["met"]] * 7 + [[]] == [tags(crm, who) for who in (*people, firm)]
    with crm.session(SYSTEM) as session:
        query = select(func.count()).select_from(JobRecord).where(JobRecord.name == delivering.BATCH)
        assert 3 == session.scalar(query)


def test_a_customer_who_no_longer_meets_it_is_left_alone(crm: CRM, hands: Hands) -> None:
    """A condition is read again when its batch is carried out."""
    save(crm, "kind", tag("met"), every="hour", when='customer.industry == "it"')
    who = customer(crm, industry="it")
    pass_time(crm, hands, minutes=5)
    hands.move(hours=1)
    with crm.transaction(SYSTEM) as session:
        delivering.run(session, rule="kind", at=hands.now.isoformat())
    crm.run(SYSTEM, "customer.update", {"industry": "retail"}, target=who)
    work(crm)
    assert [] == tags(crm, who)


def test_a_tick_that_comes_again_repeats_nothing(crm: CRM, hands: Hands) -> None:
    """The same tick and customer is one occasion, however often it is carried out."""
    save(crm, "kind", tag("met"), every="hour")
    who = customer(crm)
    arguments = {"rule": "kind", "at": hands.now.isoformat(), "customers": [str(who)]}
    for _time in range(2):
        with crm.transaction(SYSTEM) as session:
            delivering.fire_batch(session, **arguments)
        hands.now += timedelta(seconds=1)
    assert ["fired"] == log(crm, "kind")
