"""Improvements from the problem to whether they helped."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_feedback.improving.errors import ImprovementInState, NotYetJudged
from crmkit_feedback.improving.models import Annotation, Improvement
from sqlalchemy import select

from crmkit import InvalidInput
from tests.plugins.feedback.improving.test_impact import say, theme
from tests.plugins.feedback.items.conftest import both, office
from tests.plugins.feedback.items.office import MONDAY, SYSTEM, Office
from tests.plugins.feedback.measuring.poll import respond, survey

__all__ = ["both", "office"]
PLAN = {"title": "Pack glass better", "problem": "Glass arrives broken", "cause": "Thin boxes", "action": "Thick ones"}
BEFORE, AFTER = MONDAY - timedelta(days=30), MONDAY + timedelta(days=3)
BAD, GOOD = [10] * 6 + [8] * 6 + [2] * 18, [10] * 14 + [8] * 3 + [2] * 3


def plan(office: Office, *, by: Any = "mia", **values: Any) -> UUID:
    """Plan an improvement and return its id."""
    found: UUID = office.run("feedback.improvement.create", {**PLAN, "verify_after": 20, **values}, by=by).id
    return found


def act(office: Office, name: str, item: UUID, values: Any = None, *, by: Any = "mia") -> Any:
    """Do something with an improvement."""
    return office.run(f"feedback.improvement.{name}", values, target=item, by=by)


def look(office: Office, item: UUID) -> Improvement:
    """Return an improvement as it is."""
    with office.crm.session(SYSTEM) as session:
        return session.get_one(Improvement, item)


def released(office: Office, **values: Any) -> tuple[UUID, UUID]:
    """Return a survey with bad answers of last month, and an improvement that is released today."""
    of = survey(office.crm)
    respond(office.crm, of, BAD, at=BEFORE)
    item = plan(office, survey_id=of, **values)
    act(office, "start", item)
    act(office, "release", item)
    return of, item


def test_it_is_verified_when_enough_have_answered_better(both: Office) -> None:
    """With the twentieth answer after the release it is judged by itself, and what came out is kept."""
    of, item = released(both)
    respond(both.crm, of, GOOD[:19], at=AFTER)
    both.wait(days=5)
    assert look(both, item).state == "released"
    respond(both.crm, of, [10, 0, 0], at=AFTER + timedelta(hours=1))
    both.wait(days=2)
    found = look(both, item)
    assert found.state == "verified"
    result = found.result
    assert (result["verdict"], result["by"], result["judge"]) == ("helped", "score", "answers")
    assert (result["before"]["n"], result["after"]["n"]) == (30, 20)
    assert result["before"]["value"] == pytest.approx(-0.4)
    assert result["score"]["change"] == pytest.approx(result["after"]["value"] + 0.4)
    assert result["score"]["low"] > 0
    assert result["score"]["p_value"] < 0.05
    assert "Improvement 1 has helped: Pack glass better" in both.told("mia")


def test_it_is_ineffective_when_nothing_is_shown(office: Office) -> None:
    """Answers that are as before do not show that it helped; it can be begun anew."""
    of, item = released(office)
    respond(office.crm, of, (BAD[::3] * 2)[:20], at=AFTER)
    office.wait(days=5)
    office.run("feedback.improvement.tick")
    assert look(office, item).state == "ineffective"
    assert look(office, item).result["verdict"] == "not_shown"
    act(office, "start", item)
    assert look(office, item).released_on is None


def test_answers_of_the_day_itself_are_of_neither_side(office: Office) -> None:
    """What was answered on the day of the release says nothing."""
    of, item = released(office)
    respond(office.crm, of, GOOD, at=MONDAY + timedelta(hours=3))
    office.wait(days=2)
    office.run("feedback.improvement.tick")
    assert look(office, item).state == "released"


def test_with_a_theme_bad_answers_about_it_decide(office: Office) -> None:
    """Half of the answers were bad and about the theme, none is afterwards."""
    about = theme(office.crm)
    of, item = released(office, theme_id=about)
    with office.crm.session(SYSTEM) as session:
        assert session.get_one(Improvement, item).theme_id == about
    bad = respond(office.crm, of, [1] * 20, at=BEFORE)
    say(office.crm, [about], [{"response_id": each, "received_at": BEFORE} for each in bad])
    respond(office.crm, of, [8] * 20, at=AFTER)
    office.wait(days=5)
    office.run("feedback.improvement.tick")
    result = look(office, item).result
    assert (result["by"], result["verdict"]) == ("theme", "helped")
    assert result["theme"]["change"] == pytest.approx(-0.4)
    assert result["theme"]["high"] < 0
    assert (result["before"]["bad_about"], result["after"]["bad_about"]) == (20, 0)


def test_it_waits_until_answers_are_looked_at_for_themes(office: Office) -> None:
    """Answers that nobody has looked at are not taken for answers about nothing."""
    about = theme(office.crm)
    of, item = released(office, theme_id=about)
    fresh = respond(office.crm, of, [8] * 20, at=AFTER)
    say(office.crm, [], [{"response_id": each, "received_at": AFTER, "judged": False} for each in fresh])
    with pytest.raises(NotYetJudged):
        act(office, "verify", item)


def test_a_condition_counts_only_some_customers(office: Office) -> None:
    """Only answers of customers count for whom the condition holds."""
    lin, wu = office.customer("Lin"), office.customer("Wu")
    of = survey(office.crm)
    respond(office.crm, of, BAD, at=BEFORE, customer_id=lin)
    respond(office.crm, of, GOOD, at=AFTER, customer_id=wu)
    item = plan(office, survey_id=of, condition='customer.name == "Lin"')
    act(office, "release", item)
    office.wait(days=5)
    office.run("feedback.improvement.tick")
    assert look(office, item).state == "released"
    respond(office.crm, of, GOOD, at=AFTER, customer_id=lin)
    office.wait(days=2)
    office.run("feedback.improvement.tick")
    assert look(office, item).state == "verified"


def test_a_condition_that_cannot_be_used_is_refused(office: Office) -> None:
    """An improvement is not planned among customers that nothing tells apart."""
    with pytest.raises(InvalidInput):
        plan(office, condition="nonsense > 3")


def test_somebody_may_judge_without_a_survey(office: Office) -> None:
    """Without answers to go by it is somebody's word, and kept as such."""
    item = plan(office)
    act(office, "release", item)
    with pytest.raises(NotYetJudged):
        act(office, "verify", item)
    act(office, "verify", item, {"helped": True, "note": "No glass broke in May"})
    found = look(office, item)
    assert found.state == "verified"
    assert (found.result["judge"], found.result["note"]) == ("person", "No glass broke in May")


def test_states_follow_each_other(office: Office) -> None:
    """What does not follow is refused, and a day to come is none to release on."""
    item = plan(office)
    for name in ("verify",):
        with pytest.raises(ImprovementInState):
            act(office, name, item)
    with pytest.raises(InvalidInput):
        act(office, "release", item, {"released_on": date(2040, 1, 1)})
    act(office, "drop", item)
    with pytest.raises(ImprovementInState):
        act(office, "release", item)
    act(office, "start", item)
    assert look(office, item).state == "in_progress"


def test_the_owner_is_told_once_that_it_is_late(office: Office) -> None:
    """Once for each deadline, and not before it has passed."""
    sam = office.people["sam"].user_id
    item = plan(office, owner_id=sam, due_on=MONDAY.date() + timedelta(days=2))
    late = "Improvement 1 was due on"
    assert "Improvement 1 is yours: Pack glass better" in office.told("sam")
    office.wait(days=1)
    office.run("feedback.improvement.tick")
    assert not any(late in each for each in office.told("sam"))
    office.wait(days=3)
    office.run("feedback.improvement.tick")
    office.run("feedback.improvement.tick")
    assert sum(late in each for each in office.told("sam")) == 1
    act(office, "update", item, {"due_on": MONDAY.date() + timedelta(days=8)})
    office.wait(days=5)
    office.run("feedback.improvement.tick")
    assert any(f"{late} {{'day': '2035-03-13'}}" in each for each in office.told("sam"))


def test_a_seller_plans_and_releases(office: Office) -> None:
    """Who works with customers needs no more for an improvement; the trend shows the release."""
    item = plan(office, by="sam")
    act(office, "release", item, by="sam")
    with office.crm.session(SYSTEM) as session:
        assert list(session.scalars(select(Annotation.title))) == ["Released: Pack glass better"]
    assert look(office, item).owner_id == office.people["sam"].user_id


def test_what_happened_is_written_down_and_deleted(office: Office) -> None:
    """Annotations come and go; an empty one says nothing."""
    made = office.run("feedback.annotation.create", {"day": MONDAY.date(), "title": " Strike "}, by="mia")
    assert made.title == "Strike"
    with pytest.raises(InvalidInput):
        office.run("feedback.annotation.create", {"day": MONDAY.date(), "title": " "}, by="mia")
    office.run("feedback.annotation.delete", target=made.id, by="mia")
    with office.crm.session(SYSTEM) as session:
        assert session.scalars(select(Annotation)).all() == []
