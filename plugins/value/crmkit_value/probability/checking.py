"""How good a model is on time that it has not seen, next to the base line that everybody goes on as before.

What models of buying say is an expectation, so they are judged by the deviance of Poisson, which only the true
expectation makes smallest. The mean absolute error does not do: of counts that are mostly nought the median, nought,
makes it smallest, and whoever says nought of everybody wins. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from crmkit_value.extras import library

LEAST = 1e-6
"""The least expectation that the deviance is computed for."""


@frozen(kw_only=True)
class Decile:
    """A tenth of the customers, the most promising first: how many, and what was expected and happened on average."""

    number: int
    customers: int
    expected: float
    happened: float


@frozen(kw_only=True)
class Check:
    """What was expected of held-out time against what happened.

    ``deviance`` is the mean deviance of Poisson per customer (None where amounts are told, not counts), ``mae`` the
    mean absolute error and ``rmse`` the root of the mean squared one, ``bias`` the relative error of the total; those
    of the base line are named alike. ``gain_low`` and ``gain_high`` bound by how much less the model errs than the base
    line, customer by customer, with 95 % confidence: in deviance, for amounts in absolute error.
    """

    customers: int
    expected: float
    happened: float
    deviance: float | None
    mae: float
    rmse: float
    bias: float | None
    baseline_deviance: float | None
    baseline_mae: float
    baseline_rmse: float
    baseline_expected: float
    gain_low: float
    gain_high: float
    deciles: Sequence[Decile]

    @property
    def better(self) -> bool:
        """Return whether the model is better than the base line, beyond chance."""
        return self.gain_low > 0


def check(expected: Any, happened: Any, baseline: Any, *, counts: bool = True) -> Check:
    """Return how good expectations were, each array with one place a customer; of ``counts``, else of amounts."""
    np = library("numpy")
    said, did, usual = (np.asarray(each, dtype=float) for each in (expected, happened, baseline))
    count = len(said)
    wrong, usually = np.abs(said - did), np.abs(usual - did)
    of_model, of_baseline = (deviances(did, each) for each in (said, usual)) if counts else (None, None)
    low, high = _gain(usually - wrong if of_model is None else of_baseline - of_model)
    order = np.argsort(-said, kind="stable")
    deciles = [
        Decile(
            number=number,
            customers=len(part),
            expected=float(said[part].mean()),
            happened=float(did[part].mean()),
        )
        for number, part in enumerate(np.array_split(order, 10), 1)
        if len(part)
    ]
    total = float(did.sum())
    return Check(
        customers=count,
        expected=float(said.sum()),
        happened=total,
        deviance=_mean(of_model),
        mae=float(wrong.mean()) if count else 0.0,
        rmse=float(np.sqrt((wrong**2).mean())) if count else 0.0,
        bias=float(said.sum()) / total - 1 if total else None,
        baseline_deviance=_mean(of_baseline),
        baseline_mae=float(usually.mean()) if count else 0.0,
        baseline_rmse=float(np.sqrt((usually**2).mean())) if count else 0.0,
        baseline_expected=float(usual.sum()),
        gain_low=low,
        gain_high=high,
        deciles=deciles,
    )


def deviances(happened: Any, expected: Any) -> Any:
    """Return the deviance of Poisson of each customer, 2·(y·log(y/μ) − y + μ): a proper score for counts.

    An expectation below a millionth counts as one: what was said to be impossible and happens costs much, not
    everything.
    """
    np, special = library("numpy"), library("scipy.special")
    y = np.asarray(happened, dtype=float)
    mean = np.maximum(np.asarray(expected, dtype=float), LEAST)
    return 2 * (special.xlogy(y, y / mean) - y + mean)


def _mean(values: Any) -> float | None:
    return None if values is None else float(values.mean()) if len(values) else 0.0


def _gain(gain: Any) -> tuple[float, float]:
    """Return between what the mean of paired differences lies, by the normal interval of the mean."""
    np = library("numpy")
    if len(gain) < 2:
        return 0.0, 0.0
    mean, spread = float(gain.mean()), float(gain.std(ddof=1)) / float(np.sqrt(len(gain)))
    return mean - 1.959964 * spread, mean + 1.959964 * spread
