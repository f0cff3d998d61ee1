"""Asking: whom a distribution asks, once each, by chance, quota, quarantine and rules."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_feedback.asking import dispatching
from crmkit_feedback.asking.errors import CannotSend, DistributionInState
from crmkit_feedback.surveys.errors import SurveyNotOpen

from crmkit import InvalidInput, Refused
from tests.plugins.feedback.asking.studio import SYSTEM, Studio


def test_everybody_of_a_condition_is_asked_once(both: Studio) -> None:
    """Those for whom the condition holds are asked, and a second look asks nobody again."""
    both.survey()
    people = both.customers(3)
    both.distribution(condition='customer.name != "Lin 2"')
    both.work()
    both.wait(hours=1)
    assert sorted(each.customer_id for each in both.invitations()) == sorted(people[:2])
    assert both.states() == {"sent": 2}


def test_a_segment_is_asked(studio: Studio) -> None:
    """A segment is asked, and one that there is not is refused."""
    studio.survey()
    studio.customers(2)
    studio.run("segment.save", {"name": "first", "title": "First", "where": 'customer.name == "Lin 0"'})
    found = studio.distribution(segment="first", condition="")
    studio.work()
    assert studio.states(found) == {"sent": 1}
    with pytest.raises(InvalidInput):
        studio.distribution("other", segment="nowhere")


def test_the_sample_is_the_same_again(studio: Studio) -> None:
    """A part is chosen by chance that can be repeated; the others are kept with the reason."""
    studio.survey(rest_days=0)
    studio.customers(40)
    first = studio.distribution(sample_percent=50)
    studio.work()
    states = studio.states(first)
    assert states["sent"] + states["sampled_out"] == 40
    assert 8 <= states["sent"] <= 32
    chosen = {each.customer_id for each in studio.invitations(first) if each.state == "sent"}
    with studio.crm.session(SYSTEM) as session:
        from crmkit_feedback.asking.choosing import distribution_named, sampled

        again = distribution_named(session, "all")
        assert {each.customer_id for each in studio.invitations(first) if sampled(again, each.customer_id)} == chosen


def test_a_quota_that_is_full_stops_asking(both: Studio) -> None:
    """Once so many of a cell have answered, no more of it are asked; other cells go on."""
    both.survey(rest_days=0)
    people = both.customers(2)
    cells = [{"when": 'customer.name != "Zoe"', "most": 1}, {"when": 'customer.name == "Zoe"', "most": 1}]
    found = both.distribution(quotas=cells)
    both.work()
    both.answer(both.of(people[0]).id)
    late, zoe = both.customer("Late"), both.customer("Zoe")
    for each in (late, zoe):
        both.run("feedback.invitation.create", {"customer_id": each, "distribution": "all", "occasion": "later"})
    both.work()
    assert (both.of(late).reason, both.of(zoe).state) == ("quota", "sent")
    assert both.states(found)["completed"] == 1


def test_who_was_asked_rests_from_all_surveys(both: Studio) -> None:
    """Another survey asks nobody before the quarantine of the first one is over."""
    both.survey("pulse", rest_days=30)
    both.survey("other", rest_days=0)
    both.customers(2)
    both.distribution()
    both.work()
    second = both.distribution("second", "other")
    both.work()
    assert both.states(second) == {"resting": 2}
    both.wait(days=31)
    third = both.distribution("third", "other")
    both.work()
    assert both.states(third) == {"sent": 2}


def test_two_surveys_at_once_ask_one_customer_once(studio: Studio) -> None:
    """Two distributions that begin together share the quarantine."""
    studio.survey("pulse")
    studio.survey("other")
    studio.customers(3)
    studio.distribution("one", "pulse")
    studio.distribution("two", "other")
    studio.work()
    assert studio.states() == {"sent": 3, "resting": 3}


def test_rules_keep_from_being_asked(studio: Studio) -> None:
    """Whoever fulfils a rule is not asked, with the reason."""
    studio.survey()
    studio.customers(2)
    found = studio.distribution(rules=['customer.name == "Lin 1"'])
    studio.work()
    assert studio.states(found) == {"sent": 1, "rule": 1}


def test_an_event_asks_after_its_delay(both: Studio) -> None:
    """A purchase, and no other interaction, is asked about once its delay is over; each occasion once."""
    both.survey(rest_days=0)
    person = both.customer()
    found = both.distribution(event="interaction.recorded:purchase", delay_hours=24)
    bought = {"kind": "purchase", "customer_id": person, "amount": "50", "currency": "CNY"}
    both.run("interaction.record", bought)
    both.run("interaction.record", {"kind": "note", "customer_id": person, "body": "Hello"})
    both.work()
    assert both.states(found) == {"planned": 1}
    both.wait(hours=25)
    assert both.states(found) == {"sent": 1}


def test_a_batch_that_breaks_off_asks_nobody_twice(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that is killed in its middle leaves nothing behind, and everybody gets one message afterwards."""
    studio.survey()
    studio.customers(4)
    found = studio.distribution(way="mail", start=False, purpose="service")
    whole, calls = dispatching.message_for, 0

    def killed(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return whole(*given)

    monkeypatch.setattr(dispatching, "BATCH", 2)
    monkeypatch.setattr(dispatching, "message_for", killed)
    studio.run("feedback.distribution.start", target=found)
    studio.run("feedback.distribution.plan", target=found)
    studio.run("feedback.distribution.ask", target=found)
    with pytest.raises(KeyboardInterrupt):
        studio.run("feedback.distribution.ask", target=found)
    assert len(studio.messages()) == 2
    studio.work()
    messages = studio.messages()
    assert len(messages) == len({each.customer_id for each in messages}) == 4
    assert studio.states(found) == {"sent": 4}


def test_who_is_planned_already_stays_so(studio: Studio) -> None:
    """Asking a customer twice for an occasion is asking once."""
    studio.survey()
    person = studio.customer()
    for _turn in range(2):
        studio.run("feedback.invitation.create", {"customer_id": person, "survey": "pulse"}, by="sam")
    assert len(studio.invitations()) == 1


def test_states_follow_each_other(studio: Studio) -> None:
    """What is paused asks nobody; what has ended asks nobody any more."""
    studio.survey()
    studio.customers(1)
    found = studio.distribution()
    studio.run("feedback.distribution.pause", target=found)
    studio.work()
    assert not studio.invitations(found)
    studio.run("feedback.distribution.resume", target=found)
    studio.work()
    assert studio.states(found) == {"sent": 1}
    studio.run("feedback.distribution.end", target=found)
    with pytest.raises(DistributionInState):
        studio.run("feedback.distribution.resume", target=found)


@pytest.mark.parametrize(
    "wrong",
    [
        {"condition": "no.such.fact > 1"},
        {"event": "no.such.event"},
        {"reminders": [5, 3]},
        {"reminders": [30]},
        {"rules": ["1 +"]},
        {"quotas": [{"when": "nothing", "most": 1}]},
        {"name": "Not a name"},
    ],
)
def test_what_cannot_be_is_refused(studio: Studio, wrong: dict[str, Any]) -> None:
    """Conditions, events, reminders and names are judged when they are said."""
    studio.survey()
    with pytest.raises(InvalidInput):
        studio.distribution(**{"name": "all", **wrong})


def test_a_draft_of_a_survey_asks_nobody(studio: Studio) -> None:
    """A distribution begins once its survey is open."""
    studio.run("feedback.survey.create", {"name": "pulse"})
    with pytest.raises(SurveyNotOpen):
        studio.distribution()


def test_planning_is_the_frameworks(studio: Studio) -> None:
    """Nobody plans by hand, not even a manager."""
    studio.survey()
    found = studio.distribution()
    with pytest.raises(Refused):
        studio.run("feedback.distribution.plan", target=found, by="mia")


def test_mails_need_messaging(lite: Any) -> None:
    """Without plugin messaging a distribution by mail does not begin."""
    made = lite.run(SYSTEM, "feedback.survey.create", {"name": "pulse"})
    lite.run(SYSTEM, "feedback.survey.publish", target=made.id)
    found = lite.run(SYSTEM, "feedback.distribution.create", {"name": "all", "survey": "pulse", "condition": "true"})
    with pytest.raises(CannotSend):
        lite.run(SYSTEM, "feedback.distribution.start", target=found.id)


def test_facts_say_how_often_customers_were_asked(studio: Studio) -> None:
    """Facts say how often customers were asked, and when last."""
    studio.survey()
    person = studio.customer()
    studio.distribution()
    studio.work()
    from crmkit import catalogue_of, moment_of, values_of

    with studio.crm.session(SYSTEM) as session:
        refs = [catalogue_of(session).ref(name) for name in ("feedback.invited", "feedback.last_invited_at")]
        found = values_of(session, refs, [person], moment_of(session))[person]
    assert found[refs[0]] == 1
    assert found[refs[1]] == studio.of(person).sent_at
