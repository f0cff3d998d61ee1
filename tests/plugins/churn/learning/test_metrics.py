"""Figures of models, held to values that others publish or that can be counted by hand."""

from __future__ import annotations

import pytest
from crmkit_churn.learning.calibration import Calibration, calibrate, calibration_of, isotonic, platt
from crmkit_churn.learning.drift import psi, reference, reference_of, standing
from crmkit_churn.learning.metrics import auc, average_precision, brier, ece, gain, lift_at, quality, quality_of
from hypothesis import given, settings, strategies as st
from sklearn import metrics as peer

SCORES = [0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.6]
LEFT = [False, False, True, True, True, True, False, False]

pairs = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=4, max_size=60).filter(
    lambda rows: 0 < sum(left for _score, left in rows) < len(rows)
)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_figures_are_those_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    """AUC, average precision and the Brier score are what scikit-learn says, ties included."""
    scores, left = [score / 20 for score, _left in rows], [left for _score, left in rows]
    assert auc(scores, left) == pytest.approx(peer.roc_auc_score(left, scores))
    assert average_precision(scores, left) == pytest.approx(peer.average_precision_score(left, scores))
    assert brier(scores, left) == pytest.approx(peer.brier_score_loss(left, scores))


def test_the_published_example_of_scikit_learn() -> None:
    """Four customers: AUC 0.75 and average precision 0.8333, as its documentation has them."""
    assert auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert average_precision([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == pytest.approx(5 / 6)


def test_without_two_outcomes_there_is_no_ranking() -> None:
    """Where everybody stayed, AUC and lift are not known."""
    assert (auc([0.1, 0.2], [False, False]), lift_at([0.1, 0.2], [False, False])) == (None, None)


def test_lift_counts_ties_at_the_cut_by_their_part() -> None:
    """Of ten customers with one score each tenth has the average: lift 1; a perfect order gives 1 ÷ rate."""
    assert lift_at([0.5] * 10, [True] * 3 + [False] * 7) == pytest.approx(1.0)
    assert lift_at([0.9] + [0.1] * 9, [True] + [False] * 4 + [True] + [False] * 4) == pytest.approx(5.0)


def test_calibration_error_by_hand() -> None:
    """Two bands: 0.25 said of four of whom one left (no error), 0.75 of four of whom one left (0.5): 0.25 in all."""
    assert ece([0.25] * 4 + [0.75] * 4, [True, False, False, False] * 2) == pytest.approx(0.25)


def test_a_model_is_better_only_beyond_chance() -> None:
    """The interval of the gain excludes nothing for a good model, and does not for the base line itself."""
    left = [True, False] * 60
    good = [0.9 if each else 0.1 for each in left]
    assert gain(good, [0.5] * 120, left).certain
    assert not gain([0.5] * 120, [0.5] * 120, left).certain


def test_figures_are_kept_and_read_back() -> None:
    """A document gives the same figures again."""
    found = quality(SCORES, LEFT)
    assert quality_of(found.document()) == found


def test_the_curve_is_what_logistic_regression_finds() -> None:
    """Platt's curve is the logistic regression on the score, for outcomes a little less than sure."""
    from numpy import array, concatenate, repeat
    from sklearn.linear_model import LogisticRegression

    scores, left = [x / 10 - 3 for x in range(60)], [x % 7 > 3 or x > 45 for x in range(60)]
    many, few = sum(left), 60 - sum(left)
    sure = array([(many + 1) / (many + 2) if y else 1 / (few + 2) for y in left])
    peer_fit = LogisticRegression(C=1e10, max_iter=5000, tol=1e-10).fit(
        array(scores * 2).reshape(-1, 1), repeat([1, 0], 60), concatenate([sure, 1 - sure])
    )
    found = platt(scores, left)
    assert found.slope == pytest.approx(peer_fit.coef_[0][0], rel=1e-3)
    assert found.shift == pytest.approx(peer_fit.intercept_[0], rel=1e-3)


def test_a_score_that_is_the_wrong_way_round_says_only_the_rate() -> None:
    """Where those with low scores leave, every probability is the rate."""
    found = platt([float(x) for x in range(40)], [x < 20 for x in range(40)])
    assert found.probability(0) == found.probability(39) == pytest.approx(0.5)


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_steps_are_those_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    """Isotonic regression agrees with scikit-learn, but for the half customer at either end."""
    from sklearn.isotonic import IsotonicRegression

    scores, left = [float(score) for score, _left in rows], [left for _score, left in rows]
    fitted = IsotonicRegression(out_of_bounds="clip").fit(scores, [float(each) for each in left])
    found = isotonic(scores, left)
    edge = 0.5 / len(rows)
    for score in range(-1, 22):
        wanted = float(fitted.predict([score])[0])
        assert found.probability(score) == pytest.approx(wanted, abs=edge + 1e-9)


def test_few_outcomes_get_a_curve_in_place_of_steps() -> None:
    """Steps from few customers would follow chance."""
    assert calibrate(SCORES, LEFT, "isotonic").way == "platt"
    assert calibrate(SCORES, LEFT, "none") == Calibration()
    made = isotonic(SCORES, LEFT)
    assert calibration_of(made.document()) == made


def test_shift_by_hand() -> None:
    """Halves that become 0.8 and 0.2: (0.3)·ln 1.6 + (−0.3)·ln 0.4 = 0.4159."""
    then = reference([0.0] * 50 + [1.0] * 50, 2)
    assert psi([0.0] * 50 + [1.0] * 50, then) == 0
    assert psi([0.0] * 80 + [1.0] * 20, then) == pytest.approx(0.41589, abs=1e-4)
    assert standing(0.4159) == "act"
    assert (standing(0.05), standing(0.2)) == ("stable", "watch")


def test_what_is_missing_and_what_is_new_shift_too() -> None:
    """A value that was never there, and values that are missing now, count as bins."""
    then = reference(["a"] * 60 + ["b"] * 40)
    assert psi(["a"] * 60 + ["b"] * 40, then) == 0
    assert psi(["a"] * 60 + ["c"] * 40, then) > 0.25
    assert psi(["a"] * 60 + [None] * 40, then) > 0.25
    assert reference_of(then.document()) == then
