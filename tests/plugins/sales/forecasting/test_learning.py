"""Win probability: features that see nothing of later, models against figures by hand, and whether they are to be
believed."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from crmkit_sales.forecasting.calibration import Said, brier, evaluate, evaluation_of, reliability, split_in_time
from crmkit_sales.forecasting.learning import Learnt, bayes, learn, learnt_of, logistic
from crmkit_sales.forecasting.past import Example, Past, Step, examples_of, features_at
from hypothesis import given, strategies as st

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def example(number: int, won: bool, day: int = 0, **features: str) -> Example:
    """Return an example that was looked at on a day and closed ten days later."""
    at = NOON + day * DAY
    return Example(
        opportunity_id=UUID(int=number),
        cut_off=at,
        closed_at=at + 10 * DAY,
        features=features,
        stage=features.get("stage", "proposal"),
        typed=0.5,
        won=won,
    )


def step(day: int, stage: str = "proposal", kind: str = "open", **values: object) -> Step:
    """Return how an opportunity stood from a day on."""
    given_values = {"typed": 0.5, "value": 1000.0, "expected_close": date(2026, 3, 1), **values}
    return Step(since=NOON + day * DAY, kind=kind, stage=stage, **given_values)  # type: ignore[arg-type]


PAST = Past(
    opportunity_id=UUID(int=1),
    opened_at=NOON,
    source="fair",
    steps=[
        step(0, "qualification", value=None, expected_close=None),
        step(10, "proposal", value=4000.0),
        step(40, "proposal", value=4000.0, expected_close=date(2026, 4, 1)),
        step(70, "won", kind="won"),
    ],
    contacts=[NOON + day * DAY for day in (1, 11, 30, 39, 69)],
)


def test_features_by_hand() -> None:
    """On day 41: 31 days in the stage, put off once, two contacts within 30 days, expected in 49 days."""
    assert features_at(PAST, NOON + 41 * DAY) == {
        "stage": "proposal",
        "amount": "3162+",
        "source": "fair",
        "age": "31-90",
        "in_stage": "31-90",
        "due": "90",
        "pushed": "1",
        "touched": "1-2",
    }


def test_examples_are_taken_at_changes_and_every_four_weeks() -> None:
    """Opened on day 0, changed on 10 and 40, closed on 70: looked at on 0, 10, 38, 40, 68; they weigh 1."""
    found = examples_of(PAST)
    assert [(each.cut_off - NOON).days for each in found] == [0, 10, 38, 40, 68]
    assert sum(each.weight for each in found) == pytest.approx(1)
    assert {each.won for each in found} == {True}
    assert examples_of(PAST.until(NOON + 69 * DAY)) == []


@given(
    cut=st.integers(0, 69),
    later=st.lists(
        st.builds(
            step,
            st.integers(1, 100),
            st.sampled_from(["proposal", "won", "lost"]),
            st.sampled_from(["open", "won", "lost"]),
            value=st.floats(0, 1e9),
            expected_close=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        ),
        max_size=4,
    ),
    contacts=st.lists(st.integers(1, 100), max_size=5),
)
def test_nothing_later_shows_in_a_feature(cut: int, later: list[Step], contacts: list[int]) -> None:
    """Whatever is written after the cut-off, what a model sees of the opportunity stays the same."""
    at = NOON + cut * DAY
    known = PAST.until(at)
    after = [
        Step(**{**{f: getattr(s, f) for f in Step.__slots__ if not f.startswith("_")}, "since": at + (i + 1) * DAY})
        for i, s in enumerate(later)
    ]
    changed = Past(
        opportunity_id=PAST.opportunity_id,
        opened_at=NOON,
        source="fair",
        steps=[*known.steps, *after],
        contacts=[*known.contacts, *(at + day * DAY for day in contacts)],
    )
    assert features_at(changed, at) == features_at(PAST, at)


def test_naive_bayes_by_hand() -> None:
    """3 won (2 hot, 1 cold), 2 lost (cold): with 1 added hot says (3/5) ÷ (1/4), cold (2/5) ÷ (3/4), first 4 ÷ 3."""
    seen = [("hot", True), ("hot", True), ("cold", True), ("cold", False), ("cold", False)]
    model = bayes([example(number, won, heat=heat) for number, (heat, won) in enumerate(seen)])
    odds = 4 / 3 * (3 / 5) / (1 / 4)
    assert model.probability({"heat": "hot"}) == pytest.approx(odds / (1 + odds))
    assert model.weights["heat"]["cold"] == pytest.approx(math.log((2 / 5) / (3 / 4)))
    assert model.probability({"heat": "never seen"}) == pytest.approx(4 / 7)


@given(st.floats(-800, 800), st.floats(-800, 800))
def test_log_odds_become_probabilities(one: float, other: float) -> None:
    """Between 0 and 1, in the same order, and those of the opposite are the rest."""
    assert 0 <= logistic(one) <= 1
    assert (one <= other) or logistic(one) >= logistic(other)
    assert logistic(one) + logistic(-one) == pytest.approx(1)


def test_brier_and_reliability_by_hand() -> None:
    """(0.8 − 1)² and (0.3 − 0)² have a mean of 0.065; one of two was won."""
    assert brier([(0.8, True, 1), (0.3, False, 1)]) == pytest.approx(0.065)
    said = [Said(stage="a", typed=0.5, model=0.8, won=True), Said(stage="a", typed=0.5, model=0.3, won=False)]
    found = reliability("a", said)
    assert (found.n, found.won, found.typed, found.model) == (2, 0.5, 0.5, pytest.approx(0.55))
    assert (found.brier_typed, found.brier_model) == (pytest.approx(0.25), pytest.approx(0.065))
    assert 0 < found.low < 0.5 < found.high < 1


def made_history(count: int, seed: int = 7) -> list[Example]:
    """Return examples in which heat and region decide by known odds: 70 % and 20 %, doubled odds in the south."""
    random = Random(seed)
    found = []
    for number in range(count):
        heat, region = random.choice(["hot", "cold"]), random.choice(["north", "south"])
        odds = {"hot": 7 / 3, "cold": 1 / 4}[heat] * {"north": 1, "south": 2}[region]
        found.append(example(number, random.random() < odds / (1 + odds), number, heat=heat, region=region))
    return found


@pytest.mark.parametrize("method", ["bayes", "logistic"])
def test_a_model_learns_what_decides(method: str) -> None:
    """From 8,000 opportunities, each probability to within 0.05; better than what was typed; the same each time."""
    examples = made_history(8000)
    older, newer, cut = split_in_time(examples)
    assert max(each.closed_at for each in older) < cut <= min(each.cut_off for each in newer)
    model = learn(older, method)  # type: ignore[arg-type]
    for heat, region, odds in [
        ("hot", "north", 7 / 3),
        ("cold", "north", 1 / 4),
        ("hot", "south", 14 / 3),
        ("cold", "south", 1 / 2),
    ]:
        assert model.probability({"heat": heat, "region": region}) == pytest.approx(odds / (1 + odds), abs=0.05)
    found = evaluate(model, newer)
    assert found.brier_model < found.brier_typed == pytest.approx(0.25)
    assert all(band.low - 0.06 <= band.model <= band.high + 0.06 for band in found.bands)
    assert learn(older, method) == model  # type: ignore[arg-type]


def test_what_was_learnt_can_be_kept() -> None:
    """As JSON, and comes back the same, the evaluation too."""
    examples = made_history(200)
    model = learn(examples, "logistic")
    assert learnt_of(json.loads(json.dumps(model.document()))) == model
    found = evaluate(model, examples, "2026-01-01")
    assert evaluation_of(json.loads(json.dumps(found.document()))) == found


def test_the_largest_shares_explain() -> None:
    """What weighs most against an ordinary opportunity comes first; the shares say which way."""
    model = Learnt(
        method="bayes",
        intercept=0.0,
        weights={"heat": {"hot": 2.0, "cold": -1.0}, "region": {"north": 0.1}},
        usual={"heat": 0.5, "region": 0.1},
        slope=0.5,
    )
    shares = model.shares({"heat": "cold", "region": "north", "age": "new"})
    assert [(each.feature, each.log_odds) for each in shares] == [("heat", -0.75), ("age", 0.0), ("region", 0.0)]


def test_a_model_that_is_wrong_the_other_way_is_not_believed() -> None:
    """Where the newest history says the opposite of what was learnt, the rate alone counts."""
    old = [example(n, n % 2 == 0, n, heat="hot" if n % 2 == 0 else "cold") for n in range(120)]
    new = [example(n, n % 2 == 1, n, heat="hot" if n % 2 == 0 else "cold") for n in range(120, 160)]
    model = learn([*old, *new], "bayes")
    assert model.probability({"heat": "hot"}) == pytest.approx(0.5, abs=0.05)
    assert model.slope == 0
