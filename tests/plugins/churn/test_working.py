"""Working against churn: departures, health, warnings, playbooks, who is held out and what it changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_analytics.api import fit_now, runs_of
from crmkit_churn.commands import delays, parted
from crmkit_churn.errors import TooCostly, WrongStep
from crmkit_churn.health.calculating import Group, Measure, health_of
from crmkit_churn.health.models import HealthScore
from crmkit_churn.health.operations import judge_all
from crmkit_churn.retention.models import Treatment
from crmkit_churn.scoring.drifting import check_fit, learn_anew
from crmkit_churn.scoring.explaining import latest_of, told
from crmkit_churn.scoring.models import ChurnScore, Departure
from crmkit_churn.scoring.running import look, shifts
from crmkit_churn.showing.quality import quality_of_warnings
from crmkit_churn.watching.models import ChurnWarning
from crmkit_work.api import Task
from crmkit_work.notices.models import Notice
from sqlalchemy import func, select

from crmkit import CRM, Conflict, Figure, InvalidInput, Refused, catalogue_of, moment_of, values_of
from crmkit.engines.reports.running import rows_behind, run
from crmkit.errors import UnknownFigure
from tests.plugins.churn.company import SYSTEM, TODAY, House

SILENT = {"name": "silent", "title": "Silent", "when": "days_since(purchase.last_at) > 40", "cause": "silence"}


def days(start: date, *gaps: int) -> list[date]:
    """Return a day and those that follow it after each gap in days."""
    found = [start]
    for gap in gaps:
        found.append(found[-1] + timedelta(days=gap))
    return found


def weeks(until: date, n: int = 6) -> list[date]:
    """Return so many days, a week apart, the last being a given one."""
    return [until - timedelta(days=7 * (n - 1 - each)) for each in range(n)]


def later(house: House, days: int) -> None:
    """Let some days pass."""
    house.at(house.today + timedelta(days=days))


def watch(crm: CRM) -> Any:
    """Keep watch once."""
    return crm.run(SYSTEM, "churn.warning.watch", {})


def warnings(crm: CRM) -> list[ChurnWarning]:
    """Return all warnings, the oldest first."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(ChurnWarning).order_by(ChurnWarning.opened_at, ChurnWarning.id)))


def fact(crm: CRM, who: UUID, name: str, as_of: date | None = None) -> Any:
    """Return a fact of a customer."""
    with crm.session(SYSTEM) as session:
        ref = catalogue_of(session).ref(name)
        return values_of(session, [ref], [who], moment_of(session, as_of))[who][ref]


def score(crm: CRM, who: UUID, probability: float, at: datetime | None = None) -> None:
    """Say how probably a customer leaves, as the job does."""
    item = {"customer_id": who, "probability": probability, "reasons": []}
    moment = at or datetime.combine(TODAY, datetime.min.time(), UTC)
    crm.run(SYSTEM, "churn.score.keep", {"run_id": UUID(int=1), "as_of": moment, "horizon": 90, "items": [item]})


def test_who_leaves_and_comes_back_is_noted(crm: CRM) -> None:
    """A departure is noted once, ends when they buy again, and is a fact as of any day."""
    house = House(crm=crm)
    who = house.who("Li Na")
    house.buys(who, *weeks(date(2026, 4, 1)))
    house.define()
    assert look(crm, SYSTEM) == (1, 0)
    assert look(crm, SYSTEM) == (0, 0)
    assert (fact(crm, who, "churn.gone"), fact(crm, who, "churn.gone_since")) == (True, date(2026, 5, 2))
    later(house, 1)
    house.buys(who, house.today)
    assert look(crm, SYSTEM) == (0, 1)
    assert fact(crm, who, "churn.gone") is False
    with crm.session(SYSTEM) as session:
        (row,) = session.scalars(select(Departure))
        assert row.returned_on == house.today


def test_an_exit_survey_is_asked_and_answered(lite: CRM) -> None:
    """Asking gives the owner a task; the answer is kept with the departure."""
    house = House(crm=lite)
    who = house.who("Li Na")
    house.buys(who, *weeks(date(2026, 4, 1)))
    house.define()
    look(lite, SYSTEM)
    with lite.session(SYSTEM) as session:
        departure = session.scalars(select(Departure.id)).one()
    lite.run(SYSTEM, "churn.departure.ask", {}, target=departure)
    lite.run(
        SYSTEM, "churn.departure.explain", {"reason": "rival", "rival": "Acme", "said": "Cheaper"}, target=departure
    )
    with lite.session(SYSTEM) as session:
        row = session.scalars(select(Departure)).one()
        assert (row.reason, row.rival) == ("rival", "Acme")
        assert session.scalar(select(func.count()).select_from(Task).where(Task.customer_id == who)) == 1


def test_health_counts_what_is_known() -> None:
    """What is not known, and what is too old, counts neither way: the others' weights grow."""
    groups = [
        Group(
            title="Use",
            measures=[
                Measure(title="Uses", value="uses", worst=0, best=10),
                Measure(title="Seats", value="seats", worst=0, best=100, as_of="counted", stale_days=30),
            ],
        ),
        Group(title="Money", weight=3, measures=[Measure(title="Late", value="late", worst=60, best=0)]),
    ]
    values = {"uses": 5.0, "seats": 90.0, "counted": 45.0}
    found = health_of(groups, values.get)
    assert (found.points, found.known) == (50.0, 0.25)
    assert health_of(groups, {**values, "counted": 3.0}.get).points == 70.0
    assert health_of(groups, {**values, "late": 30.0}.get).points == 50.0
    assert health_of(groups, {}.get).points is None


def test_health_of_who_has_left_stays_as_it_was(lite: CRM) -> None:
    """Nothing that is settled after a departure makes a customer look healthy again."""
    house = House(crm=lite)
    who = house.who("Li Na")
    house.buys(who, *weeks(date(2026, 4, 1)))
    house.define()
    judge_all(lite, SYSTEM)
    before = fact(lite, who, "churn.health")
    look(lite, SYSTEM)
    call = {"kind": "call", "customer_id": who, "direction": "in"}
    lite.run(SYSTEM, "interaction.record", {**call, "occurred_at": datetime(2026, 7, 1, tzinfo=UTC)})
    later(house, 5)
    judge_all(lite, SYSTEM)
    assert before is not None
    assert fact(lite, who, "churn.health") == before


def test_what_a_person_says_of_health_ends(lite: CRM) -> None:
    """An override counts until its end; then what is computed counts again."""
    house = House(crm=lite)
    who = house.who("Li Na")
    house.buys(who, TODAY)
    until = datetime(2026, 7, 10, tzinfo=UTC)
    lite.run(SYSTEM, "churn.health.override", {"customer_id": who, "points": 10, "until": until, "reason": "Angry"})
    judge_all(lite, SYSTEM)
    assert fact(lite, who, "churn.health") == 10
    house.at(date(2026, 7, 12))
    judge_all(lite, SYSTEM)
    assert fact(lite, who, "churn.health") > 50
    assert fact(lite, who, "churn.health", date(2026, 7, 5)) == 10
    with lite.session(SYSTEM) as session:
        assert session.scalars(select(HealthScore.cause).order_by(HealthScore.as_of)).all() == ["override", "computed"]


def test_what_was_said_is_told_as_of_any_day(crm: CRM) -> None:
    """The probability is a fact with history, and so is its change in thirty days."""
    house = House(crm=crm)
    who = house.who("Li Na")
    score(crm, who, 0.2)
    later(house, 40)
    score(crm, who, 0.7, datetime(2026, 8, 9, tzinfo=UTC))
    assert fact(crm, who, "churn.probability") == pytest.approx(0.7)
    assert fact(crm, who, "churn.probability", date(2026, 7, 20)) == pytest.approx(0.2)
    assert fact(crm, who, "churn.change") == pytest.approx(0.5)


def test_scores_that_stay_are_not_written_again(lite: CRM) -> None:
    """A change of less than half a percent is none."""
    house = House(crm=lite)
    who = house.who("Li Na")
    score(lite, who, 0.2)
    score(lite, who, 0.203, datetime(2026, 7, 2, tzinfo=UTC))
    with lite.session(SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(ChurnScore)) == 1


def test_risk_is_a_dimension_that_does_not_flap(lite: CRM) -> None:
    """Whoever is at high risk stays so until the probability is clearly below the cut."""
    house = House(crm=lite)
    who = house.who("Li Na")
    for day, probability, label in ((1, 0.65, "high"), (2, 0.58, "high"), (3, 0.5, "medium")):
        house.at(date(2026, 8, day))
        score(lite, who, probability, datetime(2026, 8, day, tzinfo=UTC))
        lite.run(SYSTEM, "classification.run", {"dimensions": ["churn_risk"]})
        assert fact(lite, who, "label.churn_risk") == label


def test_a_warning_is_given_once_and_again_only_after_it_was_over(crm: CRM) -> None:
    """No second one while one is open, nor after it was settled, until the customer was well and time has passed."""
    house = House(crm=crm)
    who = house.who("Li Na")
    house.buys(who, *weeks(date(2026, 5, 1)))
    crm.run(SYSTEM, "churn.warning_rule.create", {**SILENT, "cooldown_days": 10})
    assert watch(crm).opened == 1
    assert watch(crm).opened == 0
    (warning,) = warnings(crm)
    crm.run(SYSTEM, "churn.warning.settle", {"to": "false_alarm"}, target=warning.id)
    later(house, 20)
    assert watch(crm).opened == 0
    house.buys(who, house.today)
    watch(crm)
    later(house, 45)
    assert watch(crm).opened == 1


def test_an_owner_gets_no_more_than_they_can_look_after(lite: CRM) -> None:
    """Those at the greatest risk come first; the others wait until there is room."""
    house = House(crm=lite)
    owner = house.actor("ann", "seller")
    people = [house.who(f"Customer {each}") for each in range(4)]
    for place, who in enumerate(people):
        lite.run(SYSTEM, "customer.assign", {"owner_id": owner.user_id}, target=who)
        house.buys(who, *weeks(date(2026, 5, 1)))
        score(lite, who, 0.2 * place)
    lite.run(SYSTEM, "churn.warning_rule.create", {**SILENT, "per_owner": 2})
    found = watch(lite)
    assert (found.opened, found.waiting) == (2, 2)
    assert {each.customer_id for each in warnings(lite)} == {people[2], people[3]}


def test_a_warning_that_nobody_sees_is_escalated_once(lite: CRM) -> None:
    """After its hours it is marked as such; one that was seen is not."""
    house = House(crm=lite)
    for name in ("Seen", "Unseen"):
        house.buys(house.who(name), *weeks(date(2026, 5, 1)))
    lite.run(SYSTEM, "churn.warning_rule.create", {**SILENT, "escalate_hours": 24})
    watch(lite)
    lite.run(SYSTEM, "churn.warning.acknowledge", {}, target=warnings(lite)[0].id)
    later(house, 2)
    assert watch(lite).escalated == 1
    assert watch(lite).escalated == 0


def test_a_settled_warning_cannot_be_worked_on(lite: CRM) -> None:
    """States go one way."""
    house = House(crm=lite)
    house.buys(house.who("Li Na"), *weeks(date(2026, 5, 1)))
    lite.run(SYSTEM, "churn.warning_rule.create", SILENT)
    watch(lite)
    (warning,) = warnings(lite)
    lite.run(SYSTEM, "churn.warning.settle", {"to": "saved"}, target=warning.id)
    with pytest.raises(WrongStep):
        lite.run(SYSTEM, "churn.warning.act", {}, target=warning.id)


def test_warnings_are_judged_by_who_left(lite: CRM) -> None:
    """Precision, recall, lead time and the cost of false alarms, once the days are over."""
    house = House(crm=lite)
    leaves, stays, unforeseen = (house.who(name) for name in ("Leaves", "Stays", "Unforeseen"))
    house.define(least_gap_days=60)
    for who in (leaves, stays):
        house.buys(who, *weeks(date(2026, 5, 15)))
    house.buys(unforeseen, *weeks(date(2026, 6, 28)))
    lite.run(SYSTEM, "churn.warning_rule.create", {**SILENT, "expires_days": 60, "cost_minor": 500})
    watch(lite)
    house.buys(stays, *weeks(date(2026, 8, 30), 9))
    house.at(date(2026, 8, 30))
    look(lite, SYSTEM)
    lite.run(SYSTEM, "churn.warning_rule.update", {"active": False}, target=warnings(lite)[0].rule_id)
    watch(lite)
    house.at(date(2026, 9, 5))
    watch(lite)
    with lite.session(SYSTEM) as session:
        found = quality_of_warnings(session)
    assert (found.whole.warnings, found.waiting) == (2, 0)
    assert found.whole.precision.value == 0.5
    assert found.whole.recall.value == 0.5
    assert found.whole.lead_days == (date(2026, 7, 15) - TODAY).days
    assert (found.whole.false_alarms, found.whole.false_cost_minor) == (1, 500)
    assert {each.state for each in warnings(lite)} == {"lost", "expired"}


def book(crm: CRM, **values: Any) -> None:
    """Add a playbook of one step."""
    given = {"name": "call", "title": "Call", "steps": [{"title": "Call them", "due": "+2wd"}], "holdout": 0.0}
    crm.run(SYSTEM, "churn.playbook.create", {**given, **values})


def test_a_playbook_gives_tasks_and_takes_up_the_warning(crm: CRM) -> None:
    """Its steps become tasks of the owner; it is not carried out again before it is judged."""
    house = House(crm=crm)
    who = house.who("Li Na")
    house.buys(who, *weeks(date(2026, 5, 1)))
    crm.run(SYSTEM, "churn.warning_rule.create", SILENT)
    watch(crm)
    book(crm)
    made = crm.run(SYSTEM, "churn.playbook.start", {"playbook": "call", "customer_id": who})
    assert made.arm == "treated"
    assert warnings(crm)[0].state == "acting"
    with crm.session(SYSTEM) as session:
        assert session.scalars(select(Task.title).where(Task.customer_id == who)).all() == ["Call them"]
    with pytest.raises(Conflict):
        crm.run(SYSTEM, "churn.playbook.start", {"playbook": "call", "customer_id": who})


def test_an_offer_stays_within_what_it_may_cost(lite: CRM) -> None:
    """More than the playbook allows is refused."""
    house = House(crm=lite)
    who = house.who("Li Na")
    book(lite, cost_minor=1000, most_minor=2000)
    with pytest.raises(TooCostly):
        lite.run(SYSTEM, "churn.playbook.start", {"playbook": "call", "customer_id": who, "cost_minor": 2500})


def test_others_have_to_agree_where_a_chain_says_so(lite: CRM) -> None:
    """A playbook that costs much waits for approval, as the chain of work has it."""
    house = House(crm=lite)
    who = house.who("Li Na")
    house.actor("max", "manager")
    chain = {"name": "offers", "title": "Offers", "operation": "churn.playbook.start", "condition": "cost_minor > 1000"}
    steps = [{"title": "Manager", "who": "role", "name": "manager"}]
    lite.run(SYSTEM, "work.approval_chain.create", {**chain, "steps": steps})
    book(lite, cost_minor=5000)
    with pytest.raises(Refused):
        lite.run(SYSTEM, "churn.playbook.start", {"playbook": "call", "customer_id": who})


def test_who_is_held_out_is_left_alone_and_written_down(lite: CRM) -> None:
    """About the share that was asked for has nothing done to it; the same ones each time; both groups are judged."""
    house = House(crm=lite)
    people = [house.who(f"Customer {each}") for each in range(60)]
    for who in people:
        house.buys(who, *weeks(date(2026, 6, 20)))
    house.define()
    book(lite, holdout=0.4, horizon_days=60)
    for who in people:
        lite.run(SYSTEM, "churn.playbook.start", {"playbook": "call", "customer_id": who})
    with lite.session(SYSTEM) as session:
        arms = dict(session.execute(select(Treatment.customer_id, Treatment.arm)).all())
        tasks = set(session.scalars(select(Task.customer_id)))
    held = {who for who, arm in arms.items() if arm == "control"}
    assert 12 <= len(held) <= 36
    assert tasks == set(people) - held
    for who in sorted(set(people) - held)[:20]:
        house.buys(who, *weeks(date(2026, 8, 30), 9))
    house.at(date(2026, 9, 5))
    look(lite, SYSTEM)
    assert lite.run(SYSTEM, "churn.playbook.judge", {}) == 60
    with lite.session(SYSTEM) as session:
        from crmkit_churn.retention.reading import effect_of

        found = effect_of(session)
    assert (found.treated, found.control) == (60 - len(held), len(held))
    assert found.uplift.value == pytest.approx(20 / (60 - len(held)))


def test_playbooks_begin_with_those_whom_they_persuade(lite: CRM) -> None:
    """With room for one, the undecided goes before who has all but left."""
    house = House(crm=lite)
    undecided, lost = house.who("Undecided"), house.who("Lost")
    for who, probability in ((undecided, 0.5), (lost, 0.97)):
        house.buys(who, *weeks(date(2026, 5, 1)))
        score(lite, who, probability)
    lite.run(SYSTEM, "churn.warning_rule.create", SILENT)
    watch(lite)
    book(lite)
    assert lite.run(SYSTEM, "churn.playbook.run", {"most": 1}) == [undecided]


def test_what_the_framework_does_nobody_does_by_hand(lite: CRM) -> None:
    """Scores are kept in system scope alone."""
    house = House(crm=lite)
    analyst = house.actor("eve", "analyst")
    with pytest.raises(Refused):
        lite.run(
            analyst,
            "churn.score.keep",
            {"run_id": UUID(int=1), "as_of": datetime(2026, 7, 1, tzinfo=UTC), "horizon": 90, "items": []},
        )


def test_customers_who_become_other_ones_are_noticed() -> None:
    """A feature and the probability that shift are named with their index."""
    from crmkit_churn.learning.calibration import Calibration
    from crmkit_churn.learning.drift import reference
    from crmkit_churn.learning.encoding import Encoder
    from crmkit_churn.learning.scorer import Scorer

    scorer = Scorer(
        method="rate",
        encoder=Encoder(features=()),
        calibration=Calibration(),
        reference={"x": reference([float(n % 10) for n in range(100)]), "": reference([0.1, 0.2, 0.3, 0.4] * 25)},
    )
    found = shifts(scorer, {"x": [9.0] * 50}, [0.1, 0.2, 0.3, 0.4])
    assert found["x"] > 0.25
    assert found[""] == 0


def test_a_drift_has_the_model_learnt_anew(lite: CRM) -> None:
    """Once customers have become other ones, a new run waits for somebody to adopt it; who may is told, and the doctor
    says so."""
    house = House(crm=lite)
    house.history(400)
    house.define()
    ann = house.actor("ann", "analyst")
    house.actor("sam", "seller")
    made_run = fit_now(lite, SYSTEM, "churn.risk", {"definition": "silent", "method": "logistic"})
    lite.run(SYSTEM, "analytics.model_run.adopt", {}, target=made_run.id)
    done = {"as_of": datetime(2026, 7, 1, tzinfo=UTC), "horizon": 60, "scored": 9, "written": 9, "expected": 1.0}
    shifted = {**done, "drift": {"purchase.count": 0.4, "": 0.1}, "counts": [9] + [0] * 9}
    made = lite.run(SYSTEM, "churn.score.finish", {"run_id": made_run.id, **shifted})
    assert (made.standing, made.worst) == ("act", 0.4)
    with lite.transaction(SYSTEM) as session:
        learn_anew(session, None)
    with lite.session(SYSTEM) as session:
        assert [each.state for each in runs_of(session, "churn.risk", 5)] == ["queued", "adopted"]
        assert session.scalars(select(Notice.user_id).where(Notice.kind == "churn.drift")).all() == [ann.user_id]
        (finding,) = check_fit(session)
    assert (finding.level, finding.values["worst"]) == ("warning", "purchase.count 0.40, score 0.10")


def test_options_are_read_as_they_are_meant() -> None:
    """Features with commas in brackets stay whole, and delays are read by source."""
    given = ("days_since(purchase.last_at), purchase.count@90d", 'customer.city in ["a", "b"]')
    assert parted(given) == ["days_since(purchase.last_at)", "purchase.count@90d", 'customer.city in ["a", "b"]']
    assert delays(("purchase=2", "usage=0")) == {"purchase": 2, "usage": 0}
    with pytest.raises(InvalidInput):
        delays(("purchase",))


def test_reasons_are_masked_for_who_may_not_see_such_facts(lite: CRM) -> None:
    """The values of features are as personal as what they are made of: who sees those masked is told no reasons."""
    house = House(crm=lite)
    who = house.who("Li Na")
    item = {"feature": "customer.city", "value": "Hangzhou", "log_odds": 0.4}
    given = {"run_id": UUID(int=1), "as_of": datetime(2026, 7, 1, tzinfo=UTC), "horizon": 90}
    said = {"customer_id": who, "probability": 0.7, "reasons": [item]}
    lite.run(SYSTEM, "churn.score.keep", {**given, "items": [said]})
    role = lite.run(SYSTEM, "role.create", {"name": "counter", "title": "Counter"})
    for resource in ("customer", "churn.score"):
        lite.run(SYSTEM, "role.grant", {"resource": resource, "action": "read", "scope": "all"}, target=role.id)
    reader = house.actor("eve", "counter")
    with lite.session(SYSTEM) as session:
        assert [each.shown for each in told(session, latest_of(session, [who])[who].reasons)] == ["Hangzhou"]
    with lite.session(reader) as session:
        seen = latest_of(session, [who])[who]
        assert (round(seen.probability, 2), told(session, seen.reasons)) == (0.7, [])


def test_the_customers_behind_what_a_report_says(lite: CRM) -> None:
    """Who left in a month, in all of them, for a reason; a month that is not in the report is said."""
    house = House(crm=lite)
    early, late = house.who("Early"), house.who("Late")
    house.buys(early, *days(date(2025, 12, 1), 7, 7, 7, 7))
    house.buys(late, *days(date(2026, 3, 1), 7, 7, 7, 7))
    house.define()
    look(lite, SYSTEM)
    values = {"period": "2026-01-01..2026-06-30"}
    with lite.session(SYSTEM) as session:

        def names(report: str, row: str, column: str) -> list[str]:
            listed = rows_behind(session, report, Figure(row=row, column=column), values)
            return [str(each.cells[0].value) for each in listed.rows]

        found = run(session, "churn.retention", values)
        assert names("churn.retention", "2026-04", "left") == ["Late"]
        assert names("churn.retention", "total", "left") == ["Late", "Early"]
        assert sum(row.cells[2].value for row in found.rows) == 2
        assert names("churn.retention", "total", "returned") == []
        assert names("churn.reasons", "unknown", "left") == ["Late", "Early"]
        with pytest.raises(UnknownFigure):
            names("churn.retention", "2020-01", "left")
