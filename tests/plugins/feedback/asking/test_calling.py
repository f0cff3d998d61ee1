"""Call lists: who is called next, attempts, and answers that are kept."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_feedback.asking.calling import MOST
from crmkit_feedback.asking.errors import NotToBeCalled

from crmkit import InvalidInput
from tests.plugins.feedback.asking.studio import Studio

SCORE = [{"field": "q.recommend", "value": "9"}]


def called(studio: Studio) -> Any:
    """Begin a call list of two, and return its id."""
    studio.survey()
    studio.customers(2)
    found = studio.distribution(way="phone")
    studio.work()
    return found


def test_two_callers_get_two_customers(both: Studio) -> None:
    """Whom somebody calls nobody else is given; the caller gets the same one again."""
    found = called(both)
    first = both.run("feedback.distribution.next_call", target=found, by="sam")
    again = both.run("feedback.distribution.next_call", target=found, by="sam")
    other = both.run("feedback.distribution.next_call", target=found, by="mia")
    assert first.id == again.id != other.id


def test_what_is_said_is_kept(both: Studio) -> None:
    """A call that reached the customer keeps the answers, and is over."""
    found = called(both)
    first = both.run("feedback.distribution.next_call", target=found, by="sam")
    both.run("feedback.invitation.call", {"outcome": "reached", "answers": SCORE}, target=first.id, by="sam")
    assert both.states(found) == {"completed": 1, "sent": 1}
    with pytest.raises(NotToBeCalled):
        both.run("feedback.invitation.call", {"outcome": "busy"}, target=first.id, by="sam")


def test_answers_have_to_be_answers(studio: Studio) -> None:
    """A score beside its scale is refused, at its field, and nothing is noted."""
    found = called(studio)
    first = studio.run("feedback.distribution.next_call", target=found, by="sam")
    wrong = [{"field": "q.recommend", "value": "11"}]
    with pytest.raises(InvalidInput) as error:
        studio.run("feedback.invitation.call", {"outcome": "reached", "answers": wrong}, target=first.id, by="sam")
    assert error.value.problems[0].field == "q.recommend"
    assert studio.states(found) == {"sent": 2}


def test_who_does_not_answer_is_tried_again_and_not_for_ever(studio: Studio) -> None:
    """Nobody is tried before the time has come, nor more often than five times."""
    studio.survey()
    person = studio.customer()
    found = studio.distribution(way="phone", expires_days=60)
    studio.work()
    for _turn in range(MOST):
        taken = studio.run("feedback.distribution.next_call", target=found, by="sam")
        studio.run("feedback.invitation.call", {"outcome": "no_answer"}, target=taken.id, by="sam")
        assert studio.run("feedback.distribution.next_call", target=found, by="sam") is None
        studio.clock.advance(days=1)
    assert (studio.of(person).state, studio.of(person).attempts) == ("failed", MOST)


def test_nobody_is_called_at_night(studio: Studio) -> None:
    """Outside the hours of the customer's day nobody is given."""
    found = called(studio)
    studio.clock.advance(hours=10)
    assert studio.run("feedback.distribution.next_call", target=found, by="sam") is None


@pytest.mark.parametrize(("outcome", "state"), [("refused", "declined"), ("wrong_number", "failed")])
def test_some_outcomes_are_the_end(studio: Studio, outcome: str, state: str) -> None:
    """Who refuses has declined; a wrong number is tried no more."""
    studio.survey()
    person = studio.customer()
    found = studio.distribution(way="phone")
    studio.work()
    taken = studio.run("feedback.distribution.next_call", target=found, by="sam")
    studio.run("feedback.invitation.call", {"outcome": outcome}, target=taken.id, by="sam")
    assert studio.of(person).state == state


def test_an_anonymous_survey_is_not_asked_by_telephone(studio: Studio) -> None:
    """Whoever calls would know who answers."""
    studio.survey(anonymous=True)
    with pytest.raises(InvalidInput):
        studio.distribution(way="phone")
