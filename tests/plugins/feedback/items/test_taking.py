"""Feedback comes in once, by whatever way, is seen by whom it may be, and is merged and erased with its customer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from crmkit_feedback.items.display import customer_panels, timeline_entries
from crmkit_feedback.items.importing import PastFeedback
from crmkit_feedback.items.models import Feedback, FeedbackEvent, LoopPolicy
from crmkit_feedback.items.scoring import LIMITS, band_of
from hypothesis import given, strategies as st
from sqlalchemy import func, select

from crmkit import CRM, InvalidInput, NotFound
from crmkit.core.store.tables import PersonalDataMap
from tests.plugins.feedback.items.office import MONDAY, SYSTEM, Office

ORDER = {"bad": 0, "middling": 1, "good": 2}


@given(st.sampled_from(sorted(LIMITS)), st.data())
def test_a_better_score_is_never_of_a_worse_band(metric: str, data: st.DataObject) -> None:
    """Bands follow scores, and every score within the limits has one."""
    low, high = LIMITS[metric]
    scores = sorted(data.draw(st.lists(st.integers(low, high), min_size=2)))
    places = [ORDER[band_of(metric, each) or ""] for each in scores]
    assert places == sorted(places)


def test_the_same_external_id_is_kept_once(both: Office) -> None:
    """What comes twice from another system is the same feedback."""
    customer = both.customer()
    values = {"source": "api", "external_source": "app", "external_id": "7"}
    assert both.said(2, customer, **values) == both.said(9, customer, **values)


def test_a_score_needs_its_measure_and_its_limits(office: Office) -> None:
    """A score of nothing, and one beside its limits, are refused."""
    for wrong in ({"score": 4}, {"score": 9, "metric": "csat"}, {"external_id": "1"}):
        with pytest.raises(InvalidInput):
            office.run("feedback.feedback.create", {"verbatim": "x", **wrong})


def test_a_mail_is_taken_as_feedback_once(office: Office) -> None:
    """What a person marks is feedback of its customer; a second time it is the same."""
    mail = {"kind": "email", "customer_id": office.customer(), "direction": "in", "subject": "Pump", "body": "It leaks"}
    recorded = office.run("interaction.record", mail).id
    first = office.run("feedback.feedback.take_interaction", {"band": "bad"}, target=recorded, by="sam")
    again = office.run("feedback.feedback.take_interaction", {}, target=recorded, by="sam")
    assert first.id == again.id
    assert (first.source, first.verbatim, first.loop) == ("mail", "Pump\nIt leaks", True)


def test_reviews_are_taken_over_once(both: Office) -> None:
    """A batch is kept once; wrong rows cost themselves alone."""
    rows = [
        {
            "external_source": "shop",
            "external_id": str(number),
            "score": str(1 + number % 5),
            "verbatim": f"Review {number}",
            "item": "Pump",
            "received_at": MONDAY - timedelta(days=number),
        }
        for number in range(40)
    ]
    wrong = [
        {"score": "2.5"},
        {"score": "6"},
        {"source": "moon", "score": "1"},
        {},
        {"customer_id": UUID(int=1), "score": "1"},
    ]
    with both.crm.transaction(SYSTEM) as session:
        done = session.run_many("feedback.feedback.import", [*rows, *wrong])
    assert [each.ok for each in done] == [True] * 40 + [False] * 5
    with both.crm.transaction(SYSTEM) as session:
        again = session.run_many("feedback.feedback.import", rows)
        assert [each.result.id for each in again] == [each.result.id for each in done[:40]]
    with both.crm.session(SYSTEM) as session:
        found = session.scalars(select(Feedback).order_by(Feedback.number)).all()
        assert len(found) == 40
        assert [each.number for each in found] == list(range(1001, 1041))
        assert {each.source for each in found} == {"review"}
        recent = [each for each in found if each.band == "bad" and MONDAY - each.received_at <= timedelta(days=14)]
        assert {each.id for each in found if each.loop} == {each.id for each in recent}


def test_a_row_is_made_of_what_it_says() -> None:
    """Without a measure a score counts in stars."""
    assert PastFeedback(score=Decimal(3)).metric == ""


def test_whoever_does_not_see_the_customer_does_not_see_the_feedback(office: Office) -> None:
    """A seller of another team sees neither; whose feedback is nobody's is seen by those who see all, and its team."""
    hers = office.said(2)
    anonymous = office.run("feedback.feedback.create", {"verbatim": "Bad", "band": "bad"}).id
    with office.crm.session(office.people["joe"]) as session:
        assert session.scalars(select(Feedback)).all() == []
        assert session.scalars(select(FeedbackEvent)).all() == []
    with pytest.raises(NotFound):
        office.act("note", hers, {"note": "x"}, by="joe")
    with office.crm.session(office.people["sam"]) as session:
        assert [each.id for each in session.scalars(select(Feedback))] == [hers]
    with office.crm.session(SYSTEM) as session:
        assert {each.id for each in session.scalars(select(Feedback))} == {hers, anonymous}


def test_a_policy_gives_anonymous_feedback_to_a_team(office: Office) -> None:
    """The members of the team see what nobody said, and take it."""
    values = {"name": "unknown", "title": "Unknown", "position": 1, "bands": ("bad",), "hours": 8}
    office.run("feedback.loop_policy.create", {**values, "team_id": office.team})
    item = office.run("feedback.feedback.create", {"verbatim": "Bad", "band": "bad"}).id
    with office.crm.session(office.people["sam"]) as session:
        assert session.get(Feedback, item) is not None
    office.act("contact", item, by="sam")
    assert office.item(item).owner_id == office.people["sam"].user_id


def test_a_merge_moves_and_an_erasure_removes(both: Office) -> None:
    """Feedback goes with its customer, with its history; of an erased one nothing is left."""
    first, second = both.customer("Lin"), both.customer("Lin Two")
    item = both.said(2, second)
    both.run("customer.merge", {"absorb": second}, target=first)
    assert both.item(item).customer_id == first
    with both.crm.session(SYSTEM) as session:
        query = select(func.count(FeedbackEvent.id)).where(FeedbackEvent.customer_id == second)
        assert session.scalar(query) == 0
    both.run("privacy.erase", {"reason": "asked"}, target=first)
    with both.crm.session(SYSTEM) as session:
        assert session.scalars(select(Feedback)).all() == []
        assert session.scalars(select(FeedbackEvent)).all() == []


def test_facts_know_what_was_when(both: Office) -> None:
    """Today's facts and those of the past are told by the history."""
    customer = both.customer()
    both.said(9, customer)
    both.clock.advance(days=1)
    item = both.said(2, customer)
    names = ("feedback.count", "feedback.bad", "feedback.open", "feedback.last_band", "feedback.bad_90_days")
    assert both.facts(customer, *names) == (2, 1, 1, "bad", 1)
    both.clock.advance(days=1)
    both.act("resolve", item, {"resolution": "Done", "ask": False}, by="sam")
    assert both.facts(customer, "feedback.open", "feedback.unverified") == (0, 1)
    before = both.clock.instant - timedelta(hours=12)
    assert both.facts(customer, *names, as_of=before) == (2, 1, 1, "bad", 1)
    assert both.facts(customer, "feedback.count", "feedback.open", as_of=MONDAY + timedelta(hours=1)) == (1, 0)
    assert both.facts(customer, "feedback.last_resolved_at") == (both.clock.instant,)


def test_a_second_bad_score_is_told(office: Office) -> None:
    """The shipped rule tells who looks after the customer."""
    customer = office.customer()
    office.said(2, customer)
    office.work()
    office.said(3, customer)
    office.work()
    assert any("needs your attention" in each for each in office.told("sam"))


def test_without_a_policy_the_rule_sees_to_bad_scores(office: Office) -> None:
    """A bad score that no policy says anything about comes into the loop by the shipped rule."""
    with office.crm.session(SYSTEM) as session:
        policy = session.scalars(select(LoopPolicy)).one()
    office.run("feedback.loop_policy.delete", {}, target=policy)
    item = office.said(2)
    assert not office.item(item).loop
    office.work()
    assert office.item(item).loop


def response(office: Office, score: int, **values: Any) -> None:
    """Let a response come in from another system, and do what follows."""
    given = {"survey": "after_visit", "metric": "nps", "score": score, "answered_at": office.clock.instant, **values}
    office.run("feedback.response.create", given)
    office.work()


def test_a_response_becomes_feedback(both: Office) -> None:
    """Its score, its text and its customer are those of the response; once."""
    customer = both.customer()
    for _time in range(2):
        response(both, 2, customer_id=customer, comment="Too slow", external_source="x", external_id="1")
    with both.crm.session(SYSTEM) as session:
        (item,) = session.scalars(select(Feedback)).all()
    assert (item.source, item.score, item.band, item.metric, item.loop) == ("survey", 2, "bad", "nps", True)
    assert (item.customer_id, item.verbatim) == (customer, "Too slow")
    assert both.task(item.id) is not None


def test_many_responses_become_feedback_at_once(both: Office) -> None:
    """A file of last year's responses is taken in without a loop."""
    rows = [
        {
            "survey": "last_year",
            "metric": "nps",
            "score": number % 11,
            "answered_at": MONDAY - timedelta(days=300),
            "customer_id": both.customer(),
            "external_source": "file",
            "external_id": str(number),
        }
        for number in range(22)
    ]
    with both.crm.transaction(SYSTEM) as session:
        assert all(each.ok for each in session.run_many("feedback.response.import", rows))
    both.work()
    with both.crm.session(SYSTEM) as session:
        found = session.scalars(select(Feedback)).all()
    assert len(found) == 22
    assert not any(each.loop for each in found)
    assert sum(each.band == "bad" for each in found) == 14


def test_a_rating_of_a_case_becomes_feedback(office: Office) -> None:
    """With plugin service, how a case was rated is feedback about it."""
    office.crm.enable("service")
    customer = office.customer()
    with CRM.open(office.crm.settings, clock=office.clock.as_clock()) as crm:
        served = evolve(office, crm=crm)
        case = served.run("service.case.create", {"customer_id": customer, "subject": "Pump", "body": "It leaks."}).id
        served.run("service.case.reply", {"body": "Sorry", "channel": "phone", "state": "resolved"}, target=case)
        served.run("service.case.rate", {"score": 1, "comment": "Too late"}, target=case)
        served.work()
        with crm.session(SYSTEM) as session:
            (item,) = session.scalars(select(Feedback)).all()
    assert (item.source, item.metric, item.score, item.band, item.verbatim) == ("case", "csat", 1, "bad", "Too late")
    assert (item.customer_id, item.about, item.loop) == (customer, f"service.case:{case}", True)


def test_what_a_customer_said_is_given_out_with_their_data(office: Office) -> None:
    """The map of personal data names both tables of feedback by their customer."""
    with office.crm.session(SYSTEM) as session:
        names = set(session.scalars(select(PersonalDataMap.table_name).where(PersonalDataMap.plugin == "feedback")))
    assert {"feedback_feedback", "feedback_event"} <= names


def test_the_customers_page_and_timeline_tell_of_it(office: Office) -> None:
    """A panel has the last feedback, the timeline what came in and what became of it."""
    customer = office.customer()
    item = office.said(2, customer)
    office.act("resolve", item, {"resolution": "Done", "ask": False}, by="sam")
    with office.crm.session(SYSTEM) as session:
        (panel,) = customer_panels(session, [customer])
        told = [each.kind for each in timeline_entries(session, [customer], None, None)]
    assert panel.link == "The pump leaks"
    assert told == ["feedback.received", "feedback.resolved"]
