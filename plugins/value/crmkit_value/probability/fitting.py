"""Finding the parameters that make what happened likeliest. Must not know any model, only its likelihood and slope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from crmkit_value.extras import library

BOUND = 12.0
"""How far the logarithm of a parameter may go from nought: beyond it the data no longer tells one from another."""

Objective = Callable[[Any], tuple[float, Any]]
"""From parameters to the log-likelihood and its slope in each of them."""


@frozen(kw_only=True)
class Maximum:
    """The likeliest parameters, the log-likelihood there, whether the search ended well, and how many steps it took.

    ``determined`` is whether all parameters lie within their bounds. Where one does not, the data says no more than
    that it is very large or very small (customers hardly differ in it); expectations hold all the same.
    """

    parameters: tuple[float, ...]
    log_likelihood: float
    converged: bool
    determined: bool
    evaluations: int


def maximise(objective: Objective, start: Sequence[float], upper: float = BOUND) -> Maximum:
    """Return the parameters, all positive, that maximise an objective, from a starting point.

    The search runs over logarithms, so that no parameter can become nought or less; ``upper`` bounds them.
    """
    np, optimize = library("numpy"), library("scipy.optimize")
    scale: list[float] = []

    def loss(logs: Any) -> tuple[float, Any]:
        values = np.exp(logs)
        likelihood, slope = objective(values)
        if not scale:
            scale.append(max(1.0, abs(likelihood)))
        return -likelihood / scale[0], -(slope * values) / scale[0]

    found = optimize.minimize(
        loss,
        np.clip(np.log(np.asarray(start, dtype=float)), -BOUND, upper),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-BOUND, upper)] * len(start),
        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9},
    )
    likelihood = -float(found.fun) * scale[0]
    inside = (found.x < upper - 1e-6) & (found.x > 1e-6 - BOUND)
    flat = float(np.max(np.abs(np.where(inside, found.jac, 0.0)))) < 1e-5
    return Maximum(
        parameters=tuple(float(each) for each in np.exp(found.x)),
        log_likelihood=likelihood,
        converged=(bool(found.success) or flat) and bool(np.isfinite(likelihood)),
        determined=bool(inside.all()),
        evaluations=int(found.nfev),
    )
