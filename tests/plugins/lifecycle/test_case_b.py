"""An internet service, end to end: customers of high, medium and low activity; a dedicated agent who answers fast,
calls and mails, or nothing; usage and retention measured against the control group.

What customers do afterwards is simulated with effects that are known, so that the measures can be held to them;
everything else is the product's own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import pytest
from crmkit_lifecycle.measuring.chain import estimate
from crmkit_lifecycle.measuring.reading import visits_of, ways_of
from crmkit_lifecycle.passages.models import StageInterval
from sqlalchemy import select

from crmkit import CRM, Actor, Settings, frame
from crmkit.engines.experiments.results import experiment_result
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.plugins.lifecycle.house import MONDAY, SYSTEM, House, fill as fill_house

USES = {"high": 20, "medium": 1, "low": 0}
"""Uses of the last 30 days by activity."""
STAYS = {"none": 0.5, "follow_up": 0.65, "agent": 0.85}
"""Who goes on using within 30 days, by how they are looked after."""
TIMES = {"none": 3, "follow_up": 4, "agent": 9}
"""How often they use then, on average."""
STAGES: tuple[dict[str, Any], ...] = (
    {"name": "signed", "title": "Signed up", "kind": "entry", "enter": "usage.count > 0", "label": "new"},
    {
        "name": "cared",
        "title": "Has an agent",
        "enter": '"agent" in customer.tags',
        "label": "new",
        "limit_minutes": 2400,
        "accept_minutes": 30,
        "moves": ["renewed", "left"],
    },
    {"name": "renewed", "title": "Stays", "kind": "good", "enter": '"stays" in customer.tags', "label": "mature"},
    {"name": "left", "title": "Has left", "kind": "bad", "enter": '"left" in customer.tags', "label": "lost"},
)
EXPERIMENT = {
    "name": "care",
    "title": "Agent, follow-up or nothing",
    "arms": [{"name": "none", "share": 0.34}, {"name": "follow_up", "share": 0.33}, {"name": "agent", "share": 0.33}],
    "metrics": [
        {"name": "stays", "value": "usage.count", "kind": "share", "effect": 0.2},
        {"name": "uses", "value": "usage.count", "kind": "mean", "effect": 2.0},
    ],
    "method": "fixed",
    "planned": 390,
}


def fill(crm: CRM) -> Any:
    """Enable what the service uses."""
    found = fill_house(crm)
    crm.enable("analytics")
    return found


@pytest.fixture
def service(templates: Templates, tmp_path: Path) -> Iterator[House]:
    """The service's base, with its clock and its people."""
    url, (users, team) = templates.copy_filled("sqlite", tmp_path, fill)
    clock = MovableClock()
    clock.set(MONDAY)
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        people = {name: Actor.user(id, name.title()) for name, id in users.items()}
        yield House(crm=crm, clock=clock, people=people, team=team)


def users_of(house: House) -> dict[UUID, str]:
    """Add customers, a third of each activity, with what they have used in the last month."""
    chance = random.Random(3)
    meant = [name for name in USES for _turn in range(130)]
    mine = {"owner_id": house.people["sam"].user_id, "team_id": house.team}
    added = [{"name": f"{name} {n}", **mine} for n, name in enumerate(meant)]
    ids = [each.result for each in house.crm.run_many(SYSTEM, "customer.create", added)]
    uses: list[dict[str, Any]] = []
    for id, name in zip(ids, meant, strict=True):
        whens = [chance.uniform(1, 28) for _turn in range(USES[name])] or [70.0]
        uses += [use(house, id, -days) for days in whens]
    record(house, uses)
    return dict(zip(ids, meant, strict=True))


def use(house: House, customer: UUID, days: float) -> dict[str, Any]:
    """Return a use of the service, so many days from now."""
    when = house.clock.instant + timedelta(days=days)
    return {"kind": "usage", "customer_id": customer, "occurred_at": when, "payload": {"feature": "stream"}}


def record(house: House, done: list[dict[str, Any]]) -> None:
    """Record what was done."""
    answers = house.crm.run_many(SYSTEM, "interaction.record", done)
    assert [each.problems for each in answers if not each.ok] == []


def look_after(house: House, arms: dict[UUID, str | None]) -> list[float]:
    """Give agents to those of that arm, who accept within minutes; call and mail the others of theirs. Returns the
    minutes of working time until agents have accepted."""
    agents = [id for id, arm in arms.items() if arm == "agent"]
    for id in agents:
        house.tag(id, "agent")
    house.refresh(*agents)
    house.clock.advance(minutes=12)
    for id in agents:
        house.run("lifecycle.passage.answer", {"customer_id": id, "answer": "accepted"}, by="sam")
    house.work()
    calls = [
        {"kind": kind, "customer_id": id, "direction": "out", "occurred_at": house.clock.instant}
        for id, arm in arms.items()
        if arm == "follow_up"
        for kind in ("call", "email")
    ]
    record(house, calls)
    with house.crm.session(SYSTEM) as session:
        query = select(StageInterval.waited_seconds).where(StageInterval.answer == "accepted")
        return [seconds / 60 for seconds in session.scalars(query) if seconds is not None]


def test_activity_to_care_to_usage_and_retention(service: House) -> None:
    """From how active customers are to what an agent and a follow-up have brought, with intervals that hold the known
    effects."""
    stages = [{**each, "hand_to_team_id": service.team} if each["name"] == "cared" else each for each in STAGES]
    service.model(*stages, name="subscription")
    activity = users_of(service)
    service.run("classification.run", {})
    service.refresh()

    # High, medium and low activity are found from usage.
    with service.crm.session(SYSTEM) as session:
        labels = {row[0]: row[1] for row in frame(session, ["label.activity_level"]).rows()}
    assert labels == activity

    # Chance deals out who is looked after how; an agent has everybody within half an hour of working time.
    service.run("experiment.save", {"experiment": EXPERIMENT})
    service.run("experiment.start", {"name": "care"})
    asked = [{"experiment": "care", "customer_id": id} for id in activity]
    answers = service.crm.run_many(SYSTEM, "experiment.expose", asked)
    arms = {id: each.result for id, each in zip(activity, answers, strict=True)}
    waited = look_after(service, arms)
    assert len(waited) == Counter(arms.values())["agent"]
    assert median(waited) <= 30

    # A month later: who still uses, and how much.
    used: list[dict[str, Any]] = []
    for arm in STAYS:
        mine = [id for id, other in arms.items() if other == arm]
        for place, id in enumerate(mine[: round(STAYS[arm] * len(mine))]):
            times = TIMES[arm] + place % 3 - 1
            used += [use(service, id, 1 + 26 * turn / times) for turn in range(times)]
    stays = {each["customer_id"] for each in used}
    service.clock.advance(days=30)
    record(service, used)
    for id, arm in arms.items():
        if arm is not None:
            service.tag(id, "stays" if id in stays else "left")
    service.refresh()
    with service.crm.session(SYSTEM) as session:
        found = experiment_result(session, "care")
    assert (found.trusted, found.verdict) == (True, "better")
    retention, usage = found.metrics
    compared = {each.arm: each for each in retention.compared}
    for arm in ("agent", "follow_up"):
        interval = compared[arm].difference
        assert interval.low < STAYS[arm] - STAYS["none"] < interval.high, arm
    assert compared["agent"].difference.low > 0
    more = {each.arm: each.difference for each in usage.compared}
    truth = {arm: STAYS[arm] * TIMES[arm] - STAYS["none"] * TIMES["none"] for arm in ("agent", "follow_up")}
    assert all(more[arm].low < truth[arm] < more[arm].high for arm in truth)
    assert more["agent"].low > more["follow_up"].value

    # The lifecycle says the same of those who have an agent: the chance to stay, with its interval.
    with service.crm.session(SYSTEM) as session:
        visits, states, ends = visits_of(ways_of(session, "subscription"))
    chain = estimate(visits, states, ends, resamples=200)
    chance_of = chain.from_state["cared"].chances["renewed"]
    assert (chance_of.low or 0) < STAYS["agent"] < (chance_of.high or 1)
    assert set(chain.ends) == {"renewed", "left"}
