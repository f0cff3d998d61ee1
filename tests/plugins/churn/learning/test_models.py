"""Models: fitted as the libraries fit them, kept as numbers, explained by parts that add up."""

from __future__ import annotations

import json
import random

import pytest
from crmkit_churn.errors import CannotLearn
from crmkit_churn.learning.cox import fit_cox, hazard_until
from crmkit_churn.learning.encoding import encoder_of, learn_encoder
from crmkit_churn.learning.fitting import Examples, fit, learn
from crmkit_churn.learning.scorer import Scorer, scorer_of
from crmkit_churn.learning.trees import fit_forest, forest_of

KINDS = {"months": "number", "plan": "text", "spent": "number"}
METHODS = ["logistic", "boosting", "hazard", "points"]
# Freireich et al. (1963), Blood 21, 699-716: weeks of remission with 6-MP and with placebo; 0 is censored.
MERCAPTOPURINE = (
    [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
)
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def people(n: int, seed: int = 0) -> Examples:
    """Return customers who leave the more probably the shorter they were there, and on plan "monthly"."""
    chance = random.Random(seed)
    months = [chance.randint(1, 70) for _each in range(n)]
    plans = [chance.choice(["monthly", "yearly"]) for _each in range(n)]
    spent = [None if chance.random() < 0.05 else chance.gauss(50, 10) for _each in range(n)]
    left = [
        chance.random() < (0.55 if plan == "monthly" else 0.15) * (1 - month / 90)
        for month, plan in zip(months, plans, strict=True)
    ]
    columns = {"months": [float(each) for each in months], "plan": plans, "spent": spent}
    return Examples(columns=columns, outcomes=left, days=[chance.randint(1, 90) if y else 90.0 for y in left])


@pytest.mark.parametrize(("ties", "weight"), [("breslow", 1.509), ("efron", 1.572)])
def test_cox_gives_the_published_hazard_of_placebo(ties: str, weight: float) -> None:
    """The weights that textbooks give for the trial of Freireich, by both ways to treat ties."""
    times, left = MERCAPTOPURINE
    found = fit_cox([[0.0]] * 21 + [[1.0]] * 21, times + PLACEBO, left + [1] * 21, ties=ties)  # type: ignore[arg-type]
    assert found.weights[0] == pytest.approx(weight, abs=5e-4)
    assert found.errors[0] == pytest.approx(0.41, abs=0.005)


def test_hazards_without_features_are_those_of_nelson_and_aalen() -> None:
    """With a feature that says nothing, the cumulated hazard is the sum of deaths ÷ at risk."""
    found = fit_cox([[0.0], [1.0], [0.0], [1.0]], [1, 1, 2, 2], [True, True, False, False], ties="breslow")
    assert hazard_until(found.times, found.cumulated, 2) == pytest.approx(0.5)
    assert hazard_until(found.times, found.cumulated, 0.5) == 0


def test_a_feature_that_separates_is_refused() -> None:
    """Weights that grow without end are no model."""
    with pytest.raises(CannotLearn):
        fit_cox([[float(x)] for x in range(20)], [20 - x for x in range(20)], [True] * 20)


def test_nobody_left_teaches_nothing() -> None:
    """Hazards need somebody who left."""
    with pytest.raises(CannotLearn):
        fit_cox([[1.0], [0.0]], [1, 2], [False, False])


def test_trees_are_kept_as_numbers_and_say_the_same() -> None:
    """The forest read back from JSON gives scikit-learn's own probabilities, to the last digits."""
    from numpy import allclose, log
    from sklearn.ensemble import GradientBoostingClassifier

    given = people(400)
    matrix = learn_encoder(given.columns, KINDS).matrix(given.columns)
    peer = GradientBoostingClassifier(random_state=3).fit(matrix, given.outcomes)
    forest = forest_of(json.loads(json.dumps(fit_forest(matrix, given.outcomes, 3).document())))
    share = peer.predict_proba(matrix)[:, 1]
    assert allclose(forest.log_odds(matrix), log(share / (1 - share)), atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_reasons_add_up_to_the_score(method: str) -> None:
    """What features add, and an ordinary customer's score, make each score, by every method."""
    given = people(300)
    scorer = fit(given, KINDS, method)  # type: ignore[arg-type]
    names, parts, usual = scorer.contributions(given.columns)
    assert sorted(names) == sorted(KINDS)
    for row, score in enumerate(scorer.raw(given.columns)):
        assert sum(parts[row]) + usual == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_model_is_kept_as_json_and_says_the_same(method: str) -> None:
    """A scorer read back from its document scores alike."""
    given = people(300)
    scorer = fit(given, KINDS, method)  # type: ignore[arg-type]
    again: Scorer = scorer_of(json.loads(json.dumps(scorer.document())))
    assert again.probabilities(given.columns) == pytest.approx(scorer.probabilities(given.columns))


def test_a_model_beats_the_base_line_on_those_it_had_not_seen() -> None:
    """Customers whose leaving follows from what is known are told apart, with probabilities to be believed."""
    found = learn(people(1500), people(800, 1), KINDS, method="logistic")
    assert found.better
    assert found.base == "majority"
    assert found.quality.ece < 0.06


def test_a_model_of_noise_is_no_better() -> None:
    """Where leaving follows from nothing, the model does not beat the rate."""
    chance = random.Random(5)
    noise = [
        Examples(
            columns={"x": [chance.random() for _each in range(500)]},
            outcomes=[chance.random() < 0.3 for _each in range(500)],
        )
        for _part in range(2)
    ]
    assert not learn(*noise, {"x": "number"}, method="logistic").better


def test_the_base_line_is_recency_where_that_is_known() -> None:
    """With a feature that says how recently a customer was there, the base line uses it alone."""
    found = learn(people(600), people(400, 1), KINDS, method="logistic", recency="months")
    assert found.base == "recency"
    assert found.base_quality.auc is not None
    assert found.base_quality.auc > 0.5


def test_too_few_who_left_are_refused() -> None:
    """From a handful nothing is learnt."""
    few = people(40)
    with pytest.raises(CannotLearn):
        learn(few, few, KINDS)


def test_points_that_somebody_says_are_added_up() -> None:
    """Given points count for features that are 1, and nothing else is learnt."""
    given = Examples(columns={"late": [0.0, 1.0] * 50}, outcomes=[False, True] * 50)
    scorer = fit(given, {"late": "number"}, "points", points={"late": 20})
    assert scorer.card is not None
    assert scorer.card.total({"late": 1.0}) == 20
    low, high = scorer.raw({"late": [0.0, 1.0]})
    assert high - low == pytest.approx(0.6931, abs=1e-4)


def test_names_and_constants_are_dropped() -> None:
    """A text with many values, and what is the same for all, teach nothing, and are named."""
    columns = {"name": [f"n{each}" for each in range(100)], "same": [1.0] * 100, "x": [float(e) for e in range(100)]}
    encoder = learn_encoder(columns, {"name": "text", "same": "number", "x": "number"})
    assert encoder.dropped == ("name", "same")
    assert encoder_of(json.loads(json.dumps(encoder.document()))) == encoder


def test_a_value_never_seen_is_none_of_the_levels() -> None:
    """What a text says for the first time adds nothing, and what is missing is the median."""
    given = people(200)
    encoder = learn_encoder(given.columns, KINDS)
    matrix = encoder.matrix({"months": [None], "plan": ["weekly"], "spent": [None]})
    assert encoder.owners == [0, 1, 1, 2, 2]
    assert matrix[0][1:3].tolist() == [0.0, 0.0]
