"""Reports, facts, staffing and commands over real cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_service.cases.models import Case
from crmkit_service.measures.arrivals import arrivals_of, plan_for
from crmkit_service.measures.staffing import Goal
from sqlalchemy import select

from crmkit import Actor, InvalidInput, moment_of
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from crmkit.engines.facts.frame import frame
from crmkit.engines.reports.running import run
from tests.conftest import ENGINES, Templates
from tests.plugins.service.cases.conftest import Time
from tests.plugins.service.conftest import enabled

SYSTEM = Actor.system("a test")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@define
class House:
    """A business whose clock can be set, with two teams."""

    crm: CRM
    time: Time
    customers: list[UUID]

    def run(self, name: str, values: Any = None, **more: Any) -> Any:
        """Run an operation."""
        return self.crm.run(SYSTEM, name, values or {}, **more)

    def at(self, hours: float) -> None:
        """Set the clock to some hours after Monday at nine."""
        self.time.now = MONDAY + timedelta(hours=hours)

    def case(self, hours: float, customer: int = 0, **values: Any) -> UUID:
        """Open a case with a message of the customer."""
        self.at(hours)
        given = {"customer_id": self.customers[customer], "subject": "Kettle", "body": "It leaks.", **values}
        found: UUID = self.run("service.case.create", given).id
        return found

    def answer(self, hours: float, case: UUID, state: str | None = None) -> None:
        """Answer in a case."""
        self.at(hours)
        self.run("service.case.reply", {"body": "Sorry.", "channel": "phone", "state": state}, target=case)

    def report(self, name: str, *, as_of: Any = None, **parameters: Any) -> dict[str, dict[str, Any]]:
        """Run a report over the first two weeks of March, and return its rows by the titles of their groups."""
        given = {"period": "2026-03-01..2026-03-14", **parameters}
        with self.crm.session(SYSTEM) as session:
            found = run(session, name, given, as_of=as_of)
        names = [column.name for column in found.columns]
        rows = [{key: cell.value for key, cell in zip(names, row.cells, strict=True)} for row in found.rows]
        return {str(row.get("group", row.get("step"))): row for row in rows}


@pytest.fixture(params=ENGINES)
def house(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[House]:
    """A business of its own, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    time = Time(now=MONDAY)
    with CRM.open(url, clock=Clock(system=time)) as crm:
        crm.run(SYSTEM, "business.configure", {"name": "Tea", "base_currency": "EUR", "zone": "UTC"})
        customers = [crm.run(SYSTEM, "customer.create", {"name": name}).id for name in ("Ada", "Bo")]
        yield House(crm=crm, time=time, customers=customers)


@pytest.fixture
def two(house: House) -> House:
    """One case that is answered and solved and rated, one that is open."""
    first = house.case(0, channel="phone")
    house.answer(1, first)
    house.answer(3, first, "resolved")
    house.run("service.case.rate", {"score": 5}, target=first)
    house.case(4, 1, channel="form", type="complaint")
    house.at(300)
    return house


def test_reports_agree_with_the_log(two: House) -> None:
    """By channel: how soon answered and solved, what is open, how satisfied."""
    answers = two.report("service.answers", by="channel")
    assert {name: (row["opened"], row["answered"], row["first_calendar"]) for name, row in answers.items()} == {
        "Telephone": (1, 1, 1.0),
        "Form": (1, 0, None),
    }
    solutions = two.report("service.solutions", by="channel")
    assert (solutions["Telephone"]["solved"], solutions["Telephone"]["calendar"]) == (1, 3.0)
    assert (solutions["Telephone"]["fcr"], solutions["Telephone"]["reopen_rate"]) == (0, 0)
    open_ = two.report("service.backlog", by="type")
    assert list(open_) == ["Complaint"]
    assert open_["Complaint"]["open"] == 1
    satisfied = two.report("service.satisfaction", by="all")
    assert (satisfied["All cases"]["csat"], satisfied["All cases"]["score"]) == (1, 5)


def test_a_report_of_the_past_is_what_it_was(two: House) -> None:
    """As of the first hours the case is open still."""
    found = two.report("service.backlog", period="2026-03-02", by="all", as_of=MONDAY + timedelta(hours=2))
    assert (found["All cases"]["open"], found["All cases"]["age"]) == (1, 0.1)


def test_labels_need_their_dimension(two: House) -> None:
    """And then tell cases apart by what customers are."""
    with pytest.raises(InvalidInput):
        two.report("service.answers", by="label")
    assert list(two.report("service.answers", by="label", dimension="activity_level"))


def test_the_trend_has_limits(house: House) -> None:
    """Days of the period, with what chance alone keeps them within; a day that stands out is marked."""
    for day in range(12):
        for number in range(20 if day == 11 else 2 + day % 2):
            house.case(day * 24 + number / 10)
    house.at(12 * 24)
    given = {"period": "2026-03-02..2026-03-13", "measure": "opened", "step": "day"}
    rows = list(house.report("service.trend", **given).values())
    assert [row["value"] for row in rows] == [2, 3] * 5 + [2, 20]
    assert [bool(row["signal"]) for row in rows] == [False] * 11 + [True]


def test_promises_are_counted_when_they_are_decided(house: House) -> None:
    """One first answer in time, one late; each with its interval."""
    house.run(
        "service.sla_policy.create",
        {
            "name": "test",
            "title": "Test",
            "level": "contract",
            "terms": "first_response: 2h",
            "calendar": "always",
        },
    )
    quick, slow = house.case(0), house.case(0)
    house.answer(1, quick)
    house.at(3)
    house.crm.worker().run_until_idle()
    house.answer(5, slow)
    house.at(20)
    found = house.report("service.attainment", by="clock")
    row = found["First response"]
    assert (row["judged"], row["kept"], row["late"], row["rate"]) == (2, 1, 1, 0.5)


def test_what_service_costs_is_known_of_each_customer(two: House) -> None:
    """Noted time counts, else the usual time of each answer; at what an hour cost then."""
    two.run("service.cost.set", {"since": date(2026, 1, 1), "hourly_minor": 6000, "usual_minutes": 5})
    two.run("service.cost.set", {"since": date(2026, 6, 1), "hourly_minor": 99_999})
    with two.crm.session(SYSTEM) as session:
        second = session.scalars(select(Case.id).where(Case.channel == "form")).one()
    two.run("service.case.log_time", {"minutes": 90}, target=second)
    with two.crm.session(SYSTEM) as session:
        names = ["service.cost", "service.handling_minutes", "service.csat", "service.ratings"]
        rows = {row[0]: tuple(row[1:]) for row in frame(session, names).rows()}
        before = frame(session, ["service.cost"], moment=moment_of(session, MONDAY + timedelta(hours=2))).rows()
    assert rows[two.customers[0]] == (Decimal("10.00"), 10, 5.0, 1)
    assert rows[two.customers[1]] == (Decimal("90.00"), 90, None, 0)
    assert {row[0]: row[1] for row in before}[two.customers[0]] == Decimal("5.00")
    report = two.report("service.costs", by="channel", period="2026-03-01..2026-03-31")
    assert {name: (row["cost"], row["hours"]) for name, row in report.items()} == {
        "Form": (9000, 1.5),
        "Telephone": (1000, 0.2),
    }


def test_staffing_follows_what_came_in(house: House) -> None:
    """Contacts by half hours of the week, in the company's zone, and the people that they take."""
    house.run("business.configure", {"zone": "Asia/Shanghai"})
    for week in range(2):
        for number in range(6):
            house.case(week * 168 + number / 20, channel="phone")
    house.at(13 * 24 + 13)
    with house.crm.session(SYSTEM) as session:
        arrivals = arrivals_of(session, weeks=2, channel="phone")
    assert (arrivals.total, arrivals.notes, arrivals.handling) == (12, 0, 300)
    # Nine o'clock in UTC is 17:00 in Shanghai.
    assert {place: contacts for place, contacts in enumerate(arrivals.contacts) if contacts} == {34: 6.0}
    found = plan_for(arrivals, Goal(), shrinkage=0.3)
    (interval,) = found.intervals
    assert (interval.staffing.agents, interval.rostered, found.hours) == (3, 5, 1.5)
