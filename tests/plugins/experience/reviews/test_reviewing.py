"""Drawing, doing, disputing and calibrating reviews, and who sees which."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_experience.reviews.errors import NotPublished, NotYours, ReviewInState, TooLate
from crmkit_experience.reviews.models import Calibration, Draw, Review, Scorecard

from crmkit import CrmkitError, InvalidInput, NotFound
from tests.plugins.experience.reviews.base import Base


def draw(base: Base, *reviewers: str, who: str = "mia", **more: Any) -> Draw:
    """Draw conversations of this week."""
    values = {
        "reviewers": [base.users[each] for each in reviewers],
        "first": "2027-03-01",
        "last": "2027-03-02",
        **more,
    }
    found: Draw = base.run("experience.review.draw", values, who=who)
    return found


def test_the_same_seed_draws_the_same_conversations(both: Base) -> None:
    both.calls(12)
    made = draw(both, "sue", "sid", size=4, seed=3)
    assert (made.among, made.drawn, made.nobody) == (12, 4, 0)
    drawn = both.all(Review)
    assert {both.names[each.owner_id] for each in drawn} == {"sam"}
    assert sorted(both.names[each.reviewer_id] for each in drawn) == ["sid", "sid", "sue", "sue"]
    again = draw(both, "sue", size=99, seed=3)
    assert again.among == 8  # what is in the queue is not drawn again


def test_nobody_is_given_a_conversation_of_their_own(base: Base) -> None:
    base.calls(3)
    assert draw(base, "sam", size=3).nobody == 3
    with pytest.raises(NotYours):
        base.reviewed(base.call(), "sam", 3, 3)


def test_risky_conversations_are_drawn_alone(base: Base) -> None:
    base.calls(5)
    base.call(hours=5, duration=3600, outcome="complaint")
    base.call(hours=6, customer="Bob", duration=3600)
    assert draw(base, "sue", method="risk", size=10).drawn == 2
    first = next(each for each in base.all(Review) if len(each.risks) == 2)
    assert first.risks == ["long", "outcome"]
    base.call(hours=7, customer="Bob")
    assert draw(base, "sue", method="risk", size=10, facts='customer.name == "Bob"').drawn == 1


def test_what_cannot_be_drawn_is_said(base: Base) -> None:
    with pytest.raises(InvalidInput):
        draw(base, "sue", size=0)
    with pytest.raises(InvalidInput):
        draw(base)
    with pytest.raises(NotFound):
        draw(base, "sue", scorecard="nothing")
    base.run("experience.scorecard.create", {"name": "draft"})
    with pytest.raises(NotPublished):
        draw(base, "sue", scorecard="draft")


def test_a_review_comes_to_its_weighted_score_and_is_a_fact(both: Base) -> None:
    review = both.reviewed(both.call(), "sue", 3, 4)
    assert both.get(Review, review).score == pytest.approx(93.75)
    both.reviewed(both.call(hours=1), "sue", "-", 1)
    assert both.fact("experience.review_score") == pytest.approx(93.75 / 2)
    assert both.fact("experience.reviews_failed") == 1
    assert both.fact("experience.review_score", "Bob") is None


@pytest.mark.parametrize(
    "scores", [["tone=5", "answer=1"], ["tone=1"], ["tone=1", "answer=-"], ["x=1"], ["tone=1"] * 2]
)
def test_scores_off_the_card_are_refused(base: Base, scores: list[str]) -> None:
    asked = base.run(
        "experience.review.ask",
        {"conversation": f"interaction:{base.call()}", "reviewer_id": base.users["sue"]},
        who="mia",
    )
    with pytest.raises(InvalidInput):
        base.run("experience.review.score", {"scores": scores}, target=asked.id, who="sue")
    with pytest.raises(CrmkitError):
        base.score(asked.id, "sid", 1, 1)


def test_a_review_can_be_changed_for_some_days(base: Base) -> None:
    review = base.reviewed(base.call(), "sue", 3, 4)
    base.score(review, "sue", 4, 4)
    base.clock.advance(days=4)
    with pytest.raises(TooLate):
        base.score(review, "sue", 0, 4)
    assert base.get(Review, review).score == 100


def test_a_dispute_is_decided_by_somebody_else_and_both_scores_stay(base: Base) -> None:
    review = base.reviewed(base.call(), "max", 0, 2)
    with pytest.raises(CrmkitError):
        base.run("experience.review.dispute", {"reason": "No"}, target=review, who="sid")
    base.run("experience.review.dispute", {"reason": "I did answer"}, target=review, who="sam")
    settle = {"accept": True, "reason": "True", "scores": ["tone=4", "answer=4"]}
    with pytest.raises(NotYours):
        base.run("experience.review.settle", settle, target=review, who="max")
    with pytest.raises(InvalidInput):
        base.run("experience.review.settle", settle | {"scores": []}, target=review, who="mia")
    base.run("experience.review.settle", settle, target=review, who="mia")
    found = base.get(Review, review)
    assert (found.score, found.first_score, found.verdict) == (100, 37.5, "accepted")
    with pytest.raises(ReviewInState):
        base.run("experience.review.settle", settle, target=review, who="mia")


def test_disputes_come_in_time(base: Base) -> None:
    review = base.reviewed(base.call(), "sue", 0, 2)
    base.clock.advance(days=15)
    with pytest.raises(TooLate):
        base.run("experience.review.dispute", {"reason": "Late"}, target=review, who="sam")


def test_everybody_sees_their_own_reviews_alone_and_who_leads_all(both: Base) -> None:
    about_sam = both.reviewed(both.call(who="sam"), "sue", 3, 4)
    about_sid = both.reviewed(both.call(who="sid", hours=1), "sue", 3, 4)
    both.run(
        "experience.review.ask",
        {"conversation": f"interaction:{both.call(who='sam', hours=2)}", "reviewer_id": both.users["max"]},
        who="mia",
    )
    assert [each.id for each in both.all(Review, "sam")] == [about_sam]  # what waits is not shown to who is reviewed
    assert [each.id for each in both.all(Review, "sid")] == [about_sid]
    assert {each.id for each in both.all(Review, "sue")} == {about_sam, about_sid}
    assert len(both.all(Review, "mia")) == 3
    assert both.all(Review, "ann") == []


def test_a_calibration_is_blind_until_all_are_done(both: Base) -> None:
    refs = [f"interaction:{each}" for each in both.calls(2)]
    made = both.run(
        "experience.calibration.open",
        {"title": "March", "conversations": refs, "raters": [both.users["sue"], both.users["max"]]},
        who="mia",
    )
    mine = {who: both.all(Review, who) for who in ("sue", "max", "mia", "sam")}
    assert {who: len(found) for who, found in mine.items()} == {"sue": 2, "max": 2, "mia": 0, "sam": 0}
    for each in mine["sue"]:
        both.score(each.id, "sue", 4, 4)
    both.score(mine["max"][0].id, "max", 2, 4)
    both.later()
    assert len(both.all(Review, "max")) == 2
    both.score(mine["max"][1].id, "max", 2, 4)
    both.later()
    assert both.get(Calibration, made.id).state == "closed"
    assert len(both.all(Review, "mia")) == 4
    with pytest.raises(ReviewInState):
        both.score(mine["max"][0].id, "max", 4, 4)
    assert both.fact("experience.review_score") is None  # calibrations do not count


def test_a_calibration_can_be_compared_early(base: Base) -> None:
    made = base.run(
        "experience.calibration.open",
        {
            "title": "x",
            "conversations": [f"interaction:{base.call()}"],
            "raters": [base.users["sue"], base.users["max"]],
        },
        who="mia",
    )
    base.run("experience.calibration.close", target=made.id, who="mia")
    base.later()
    assert base.all(Review) == []
    assert base.get(Calibration, made.id).state == "closed"


def test_publishing_leaves_reviews_by_the_version_they_were_made_by(base: Base) -> None:
    review = base.reviewed(base.call(), "sue", 3, 4)
    (card,) = base.all(Scorecard)
    base.run(
        "experience.scorecard.update",
        {"categories": [{"key": "other", "title": "Other"}]},
        target=card.id,
        who="mia",
    )
    base.run("experience.scorecard.publish", target=card.id, who="mia")
    assert base.get(Scorecard, card.id).number == 2
    base.score(review, "sue", 4, 4)
    assert base.get(Review, review).score == 100
