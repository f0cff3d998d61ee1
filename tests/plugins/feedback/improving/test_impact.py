"""What themes do to the score, by hand and by SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.improving.impact import impact_of, impacts
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.repeating import repeat_rates
from crmkit_feedback.measuring.scores import SCALES, figure_of
from crmkit_feedback.surveys.models import Survey
from hypothesis import given, settings, strategies as st

from crmkit import CRM
from tests.plugins.feedback.measuring.poll import START, SYSTEM, customers, put, respond, survey

NPS = SCALES["nps"]
BANDS = st.fixed_dictionaries({10: st.integers(0, 40), 7: st.integers(0, 40), 2: st.integers(0, 40)})


def say(crm: CRM, themes: Sequence[UUID], rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Add feedback about themes and return its ids."""
    first = {"source": "survey", "state": "new", "state_since": START, "received_at": START, "loop": False}
    known = {"judged": True, "reopened": 0, "attributes": {}, "metric": "nps", **first}
    number = crm.clock.now().microsecond * 1000
    items = put(crm, Feedback, [{**known, "number": number + place, **row} for place, row in enumerate(rows)])
    put(
        crm,
        FeedbackTheme,
        [
            {"feedback_id": item, "theme_id": theme, "state": "on", "way": "person"}
            for item in items
            for theme in themes
        ],
    )
    return items


def theme(crm: CRM, name: str = "glass") -> UUID:
    """Add a theme and return its id."""
    return put(crm, Theme, [{"name": name, "title": name.title(), "words": [], "active": True}])[0]


def test_impact_is_as_worked_out_by_hand() -> None:
    """Of 100 answers (50 promoters, 30 detractors: NPS 20) 20 are about it (4 and 12: NPS -40).

    Impact: 20 (-0.4 - 0.2) / 80 = -0.15, as 0.2 less the 0.35 of the others. Its variance: with 3/4 added on each side
    0.639887 / 23 = 0.0278212 and 0.675352 / 83 = 0.00813677, so 0.04 * 0.0359580 + 0.75² * 0.16 / 100 = 0.00233832.
    """
    found = impact_of({10: 4, 7: 4, 3: 12}, {10: 50, 7: 20, 3: 30}, NPS)
    assert (found.n, found.total) == (20, 100)
    assert found.value == pytest.approx(-0.4)
    assert found.others == pytest.approx(0.35)
    assert found.impact == pytest.approx(-0.15)
    assert found.error == pytest.approx(0.00233832**0.5, rel=1e-5)
    assert found.low == pytest.approx(-0.15 - 1.959964 * 0.0483562, rel=1e-5)
    assert found.high == pytest.approx(-0.15 + 1.959964 * 0.0483562, rel=1e-5)
    assert found.p_value == pytest.approx(0.001923, abs=2e-5)


@settings(deadline=None)
@given(about=BANDS, rest=BANDS)
def test_impact_is_the_score_of_all_less_that_of_the_others(about: dict[int, int], rest: dict[int, int]) -> None:
    """The formula is leave-one-out, whatever the answers are."""
    everything = {score: about[score] + rest[score] for score in about}
    found = impact_of(about, everything, NPS)
    if not sum(about.values()) or not sum(rest.values()):
        assert found.impact is None
        return
    whole, others = figure_of(everything, NPS).value, figure_of(rest, NPS).value
    assert whole is not None
    assert others is not None
    assert found.impact is not None
    assert found.impact == pytest.approx(whole - others, abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.impact < found.high


def test_a_share_is_counted_by_the_satisfied() -> None:
    """For CSAT the impact is in the share of the satisfied: 0.6 of all, 0.7 of the others."""
    found = impact_of({5: 2, 1: 8}, {5: 48, 1: 32}, SCALES["csat"])
    assert found.impact == pytest.approx(48 / 80 - 46 / 70)


def test_counts_come_from_answers_and_their_themes(crm: CRM) -> None:
    """Answers are joined to feedback and its themes in SQL; what somebody said it is not about does not count."""
    of, glass, price = survey(crm), theme(crm), theme(crm, "price-tag")
    about = respond(crm, of, [10] * 4 + [7] * 4 + [3] * 12)
    rest = respond(crm, of, [10] * 46 + [7] * 16 + [3] * 18)
    say(crm, [glass], [{"response_id": each} for each in about])
    few = say(crm, [price], [{"response_id": each} for each in rest[:3]])
    off = {"feedback_id": few[0], "theme_id": glass, "state": "off", "way": "person"}
    put(crm, FeedbackTheme, [off])
    with crm.session(SYSTEM) as session:
        found = impacts(session, session.get_one(Survey, of))
        none = impacts(session, session.get_one(Survey, of), START.date() + timedelta(days=1))
    assert [(each.key, each.n, each.hidden) for each in found] == [("glass", 20, False), ("price-tag", 3, True)]
    assert found[0].impact == pytest.approx(-0.15)
    assert found[1].impact is None
    assert found[1].value is None
    assert none == ()


def test_few_others_are_not_told_apart(lite: CRM) -> None:
    """Where nearly all answers are about a theme, the rest would be said of a few."""
    of, glass = survey(lite), theme(lite)
    say(lite, [glass], [{"response_id": each} for each in respond(lite, of, [10] * 20)])
    respond(lite, of, [0, 0])
    with lite.session(SYSTEM) as session:
        (found,) = impacts(session, session.get_one(Survey, of))
    assert found.hidden
    assert found.others is None


def test_who_comes_back_with_a_theme_is_counted(crm: CRM) -> None:
    """Of three who spoke of it long enough ago one did again within ninety days; what is recent does not count."""
    glass = theme(crm)
    one, two = customers(crm, 2)
    days = [(one, 0), (one, 80), (two, 0), (two, 190)]
    say(crm, [glass], [{"customer_id": who, "received_at": START + timedelta(days=day)} for who, day in days])
    begin, end = START - timedelta(days=1), START + timedelta(days=300)
    with crm.session(SYSTEM) as session:
        rates = repeat_rates(session, begin, end, now=START + timedelta(days=200))
    assert rates["glass"].n == rates[""].n == 3
    assert rates["glass"].value == pytest.approx(1 / 3)
