"""Customer value: BG/NBD beside a bare fit by numpy and scipy and beside the objective of the library lifetimes; RFM
scores of all customers beside hand-written SQL; scoring in constant memory."""

from __future__ import annotations

import csv
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import text

from benchmarks.measure import Bench, in_turn
from crmkit import CRM, Actor, Interaction, new_id

ACTOR = Actor.system("benchmark")
ROUNDS = 7
EACH = 10
"""Purchases of a customer."""
DATA = Path(__file__).parents[1] / "tests" / "plugins" / "value" / "data" / "cdnow.csv"
BY_HAND = """
    WITH sums AS (
        SELECT customer_id, max(occurred_at) AS last, count(*) AS number, sum(amount_minor) AS amount
        FROM crm_interaction WHERE kind = 'purchase' AND customer_id IS NOT NULL GROUP BY customer_id
    )
    SELECT customer_id, 6 - ntile(5) OVER (ORDER BY last DESC), ntile(5) OVER (ORDER BY number),
           ntile(5) OVER (ORDER BY amount) FROM sums
"""


def run(bench: Bench) -> None:
    """Measure fits once, and RFM and scoring on each engine."""
    _fits(bench)
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            crm.enable("value")
            crm.run(ACTOR, "business.configure", {"base_currency": "EUR", "zone": "UTC"})
            _fill(crm, bench.rows)
            scored, plain = in_turn(lambda crm=crm: _scored(crm), lambda crm=crm: _by_hand(crm), rounds=3)
            bench.note(
                f"RFM of {bench.rows:,} customers, {bench.rows * EACH:,} purchases",
                engine,
                scored * 1000,
                plain * 1000,
                floor_name="hand-written SQL ntile",
                bar=1.5,
                unit="ms",
            )
            small, large = _peak(crm, 500), _peak(crm, 4000)
            bench.note(
                "memory of scoring eight times as many",
                engine,
                large / 2**20,
                small / 2**20,
                floor_name="scoring 500 customers",
                bar=2.0,
                unit="MB",
            )


def _fits(bench: Bench) -> None:
    import numpy as np
    from crmkit_value.probability import bg_nbd
    from crmkit_value.probability.histories import histories

    with DATA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T")]
    ours, bare = in_turn(lambda: bg_nbd.fit(histories(*columns)), lambda: _bare(*columns), rounds=ROUNDS)
    bench.note("BG/NBD on CDNOW", "-", ours * 1000, bare * 1000, floor_name="bare numpy and scipy", bar=1.5, unit="ms")
    many = _simulated(bench.rows)
    ours, theirs = in_turn(lambda: bg_nbd.fit(histories(*many)), lambda: _as_lifetimes(*many), rounds=3)
    bench.note(
        f"BG/NBD on {bench.rows:,} customers",
        "-",
        ours * 1000,
        theirs * 1000,
        floor_name="what lifetimes 0.11.3 minimises",
        bar=0.5,
        unit="ms",
    )


def _bare(x: Any, t_x: Any, T: Any) -> Any:
    """Fit as one would by hand: unique rows, L-BFGS-B over logarithms, slopes by differences."""
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import gammaln

    (x, t_x, T), weight = _unique(x, t_x, T)

    def loss(logs: Any) -> float:
        r, alpha, a, b = np.exp(logs)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        here = -(r + x) * np.log(alpha + T)
        gone = np.where(x > 0, np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + t_x), -np.inf)
        return -float((weight * (common + np.logaddexp(here, gone))).sum())

    return minimize(loss, np.zeros(4), method="L-BFGS-B")


def _as_lifetimes(x: Any, t_x: Any, T: Any) -> Any:
    """Do what lifetimes 0.11.3 does: minimise the mean of the negative log-likelihood over all rows, over logarithms
    from 0.1, with time scaled, by scipy's usual method with the exact slope.

    The library takes that slope by tracing each step in Python (autograd) and works out second derivatives afterwards:
    it takes longer than this. It needs packages that are no longer kept, so that it is not asked itself.
    """
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import digamma, gammaln

    scale = 1.0 / T.max()
    t_x, T = t_x * scale, T * scale
    again, bought = x > 0, np.maximum(x, 1)

    def loss(logs: Any) -> tuple[float, Any]:
        r, alpha, a, b = np.exp(logs)
        first = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        second = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        third = -(r + x) * np.log(alpha + T)
        fourth = np.log(a) - np.log(b + bought - 1) - (r + x) * np.log(t_x + alpha)
        largest = np.maximum(third, fourth)
        here, gone = np.exp(third - largest), np.exp(fourth - largest) * again
        whole = here + gone
        value = -(first + second + np.log(whole) + largest).mean()
        here, gone = here / whole, gone / whole
        slope = np.array(
            [
                (digamma(r + x) - digamma(r) + np.log(alpha)).mean()
                - (here * np.log(alpha + T) + gone * np.log(alpha + t_x)).mean(),
                r / alpha - ((r + x) * (here / (alpha + T) + gone / (alpha + t_x))).mean(),
                digamma(a + b) - digamma(a + b + x).mean() + gone.mean() / a,
                digamma(a + b)
                - digamma(b)
                + (digamma(b + x) - digamma(a + b + x)).mean()
                - (gone / (b + bought - 1)).mean(),
            ]
        )
        return float(value), -slope * np.exp(logs)

    return minimize(loss, np.full(4, 0.1), jac=True, tol=1e-7)


def _unique(*columns: Any) -> tuple[Any, Any]:
    import numpy as np

    rows, weight = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    return rows.T, weight


def _simulated(number: int) -> tuple[Any, Any, Any]:
    """Return histories that a BG/NBD of CDNOW's parameters would make, by day, of a year and a half."""
    import numpy as np

    random = np.random.Generator(np.random.PCG64(7))
    rate, leaves = random.gamma(0.243, 1 / 4.414, number), random.beta(0.793, 2.426, number)
    T = random.integers(182, 546, number) / 7
    x, t_x, here, now = np.zeros(number), np.zeros(number), np.ones(number, dtype=bool), np.zeros(number)
    while here.any():
        now[here] += random.exponential(1 / np.maximum(rate[here], 1e-9))
        here &= now <= T
        x[here] += 1
        t_x[here] = np.round(now[here] * 7) / 7
        here &= random.random(number) >= leaves
    return x, np.minimum(t_x, T), T


def _fill(crm: CRM, number: int) -> None:
    import numpy as np
    from sqlalchemy import insert

    from crmkit import Customer

    random = np.random.Generator(np.random.PCG64(3))
    first = crm.run(ACTOR, "customer.create", {"name": "First"}).id
    made = crm.run(
        ACTOR, "interaction.record", {"kind": "purchase", "customer_id": first, "amount": "10", "currency": "EUR"}
    )
    customers, stream = (cast(Any, model).__table__ for model in (Customer, Interaction))
    with crm.engines.system_write.begin() as connection:
        whom = dict(connection.execute(customers.select().where(customers.c.id == first)).mappings().one())
        what = dict(connection.execute(stream.select().where(stream.c.id == made.id)).mappings().one())
        now = what["occurred_at"].astimezone(UTC) if isinstance(what["occurred_at"], datetime) else datetime.now(UTC)
        for start in range(0, number, 2000):
            ids = [new_id() for _place in range(min(2000, number - start))]
            connection.execute(insert(customers), [{**whom, "id": each} for each in ids])
            rows = []
            for each in ids:
                span = float(random.random())
                bought = 1 + int(random.poisson(EACH - 1))
                for _number in range(bought):
                    at = now - timedelta(days=1 + 700 * span * float(random.random()))
                    amount = int(random.integers(500, 50_000))
                    rows.append(
                        {**what, "id": new_id(), "customer_id": each, "occurred_at": at, "amount_minor": amount}
                    )
            connection.execute(insert(stream), rows)


def _scored(crm: CRM) -> int:
    from crmkit_value.policy.operations import usual
    from crmkit_value.rfm.computing import bought, rules_of, scored

    from crmkit import moment_of

    with crm.session(ACTOR) as session:
        values = list(bought(session, moment_of(session)))
        return sum(1 for _row in scored(values, rules_of(usual(), values)))


def _by_hand(crm: CRM) -> int:
    with crm.engines.system_read.connect() as connection:
        return len(connection.execute(text(BY_HAND)).all())


def _peak(crm: CRM, size: int) -> int:
    """Return the most memory in bytes that scoring so many customers takes, in batches of 500."""
    from crmkit_analytics.api import adopted, fit_now
    from crmkit_value.lifetimes.scoring import BUYING

    with crm.session(ACTOR) as session:
        known = adopted(session, BUYING[1])
    if known is None:
        run = fit_now(crm, ACTOR, BUYING[1], {"draws": 25})
        if run.state != "done":
            return 1
        crm.run(ACTOR, "analytics.model_run.adopt", {}, target=run.id)
    scoring = crm.run(ACTOR, "value.score.begin", {})
    after, done = None, 0
    tracemalloc.start()
    while done < size:
        after = crm.run(ACTOR, "value.score.batch", {"scoring_id": scoring.id, "after": after, "size": 500})
        done += 500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
