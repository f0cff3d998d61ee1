"""Reports of reviews, agreement and drift, as they come out of what people did."""

from __future__ import annotations

import pytest

from tests.plugins.experience.reviews.base import Base

PERIOD = "2027-03-01..2027-03-31"


def calibrate(base: Base, *scores: tuple[int, int]) -> None:
    """Have Sue and Max judge as many calls, each the answer with these scores."""
    refs = [f"interaction:{each}" for each in base.calls(len(scores))]
    raters = {"sue": base.users["sue"], "max": base.users["max"]}
    base.run(
        "experience.calibration.open",
        {"title": "March", "conversations": refs, "raters": list(raters.values())},
        who="mia",
    )
    from crmkit_experience.reviews.models import Review

    for place, who in enumerate(raters):
        mine = {each.ref: each.id for each in base.all(Review, who)}
        for ref, pair in zip(refs, scores, strict=True):
            base.score(mine[ref], who, "-", pair[place])
    base.later()


def test_scores_are_told_by_person_and_category(base: Base) -> None:
    base.reviewed(base.call(who="sam"), "sue", 4, 4)
    base.reviewed(base.call(who="sam", hours=1), "sue", 0, 4)
    base.reviewed(base.call(who="sid", hours=2), "sue", 4, 1)
    rows = {row["group"]: row for row in base.report("experience.reviews", period=PERIOD)}
    assert rows["Sam"]["score"] == pytest.approx(87.5)
    assert rows["Sam"]["high"] == 100
    assert (rows["Sid"]["score"], rows["Sid"]["failed"]) == (0, 1)
    rows = {row["group"]: row for row in base.report("experience.reviews", period=PERIOD, by="category")}
    assert rows["Answer"]["score"] == pytest.approx(75)
    assert rows["Tone"]["failed"] == 1


def test_a_reviewed_person_gets_their_own_figures_alone(base: Base) -> None:
    base.reviewed(base.call(who="sam"), "sue", 4, 4)
    base.reviewed(base.call(who="sid", hours=2), "sue", 4, 1)
    assert [row["group"] for row in base.report("experience.reviews", "sam", period=PERIOD)] == ["Sam"]


def test_agreement_and_drift_come_of_calibrations(base: Base) -> None:
    calibrate(base, (4, 4), (3, 3), (2, 2), (4, 3))
    rows = {row["group"]: row for row in base.report("experience.agreement", level="nominal")}
    # Cohen by hand: the same in 3 of 4; by chance (2*1 + 1*2 + 1*1) / 16 = 5/16
    assert rows["Answer"]["kappa"] == pytest.approx((0.75 - 5 / 16) / (11 / 16))
    assert rows["Answer"]["units"] == 4
    drift = {row["rater"]: row for row in base.report("experience.reviewer_drift")}
    assert drift["Sue"]["difference"] == pytest.approx(6.25)
    assert drift["Max"]["difference"] == pytest.approx(-6.25)
    assert base.report("experience.reviews", period=PERIOD) == []


def test_checks_are_reported_apart(base: Base) -> None:
    base.reviewed(base.call(body="Hello Ada, thank you for calling."), "sue", 4, 4)
    base.reviewed(base.call(hours=1, body="Calm down."), "sue", 4, 4)
    rows = {row["group"]: row for row in base.report("experience.review_checks", period=PERIOD)}
    assert (rows["Greeting"]["passed"], rows["Greeting"]["told"]) == (1, 2)
    assert (rows["No forbidden words"]["passed"], rows["Tone"]["told"]) == (1, 1)
    assert [row["score"] for row in base.report("experience.reviews", period=PERIOD)] == [100]
