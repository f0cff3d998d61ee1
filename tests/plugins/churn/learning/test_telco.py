"""The IBM Telco file, whose results are widely published: learnt and judged to the figures that are known for it."""

from __future__ import annotations

import pytest
from crmkit_churn.learning.fitting import learn

from benchmarks.churn import telco


def test_the_telco_file_gives_the_known_figures() -> None:
    """On the customers of the fixed split: 1,389 of whom 354 left, AUC at least 0.845, Brier score at most 0.140; by
    five folds AUC at least 0.835. The majority has a Brier score of 0.19."""
    train, test, kinds = telco()
    assert (len(train) + len(test), sum(train.outcomes) + sum(test.outcomes)) == (7043, 1869)
    found = learn(train, test, kinds, method="logistic")
    assert (found.quality.n, found.quality.left) == (1389, 354)
    assert found.quality.auc == pytest.approx(0.857, abs=0.002)
    assert found.quality.pr_auc == pytest.approx(0.654, abs=0.003)
    assert found.quality.lift == pytest.approx(2.936, abs=0.02)
    assert found.quality.brier == pytest.approx(0.1286, abs=0.001)
    assert found.folds.auc is not None
    assert found.folds.auc >= 0.835
    assert found.folds.brier <= 0.140
    assert found.base_quality.brier == pytest.approx(0.190, abs=0.001)
    assert found.better
