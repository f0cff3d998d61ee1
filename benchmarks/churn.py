"""Churn: learning beside a bare fit by scikit-learn, scoring of all customers in constant memory, and how often the
interval of a known effect covers it."""

from __future__ import annotations

import csv
import lzma
import random
import tracemalloc
from pathlib import Path
from typing import Any

from benchmarks.measure import Bench, seconds
from crmkit import CRM, Actor

ACTOR = Actor.system("benchmark")
DATA = Path(__file__).parents[1] / "tests" / "plugins" / "churn" / "data" / "telco.csv.xz"
NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen")
SEEDS = 1000
EFFECT = 0.12


def run(bench: Bench) -> None:
    """Measure learning and intervals once, scoring on each engine."""
    _learning(bench)
    _covering(bench)
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            _scoring(bench, crm, engine)


def telco() -> tuple[Any, Any, dict[str, Any]]:
    """Return the examples that teach, those that judge, and the kinds of the features, of the Telco file."""
    from crmkit_churn.learning.fitting import Examples
    from crmkit_churn.training.gathering import is_judging

    with lzma.open(DATA, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in ("customerID", "Churn")]

    def examples(some: list[dict[str, str]]) -> Examples:
        columns = {
            name: [(float(row[name]) if row[name].strip() else None) if name in NUMBERS else row[name] for row in some]
            for name in names
        }
        return Examples(columns=columns, outcomes=[row["Churn"] == "Yes" for row in some])

    judging = [row for row in rows if is_judging(row["customerID"])]
    teaching = [row for row in rows if not is_judging(row["customerID"])]
    kinds: dict[str, Any] = {name: "number" if name in NUMBERS else "text" for name in names}
    return examples(teaching), examples(judging), kinds


def _learning(bench: Bench) -> None:
    from crmkit_churn.learning.encoding import learn_encoder
    from crmkit_churn.learning.fitting import learn
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    train, test, kinds = telco()
    matrix = learn_encoder(train.columns, kinds).matrix(train.columns)
    peers = {"logistic": LogisticRegression(max_iter=3000), "boosting": GradientBoostingClassifier(random_state=0)}
    for method, peer in peers.items():
        found: list[Any] = []
        took = seconds(lambda m=method, f=found: f.append(learn(train, test, kinds, method=m)))  # type: ignore[misc]

        def bare(peer: Any = peer) -> None:
            cross_val_predict(peer, matrix, train.outcomes, cv=5, method="decision_function")
            peer.fit(matrix, train.outcomes)

        bench.note(f"churn: learn and judge, {method}", "-", took, seconds(bare), floor_name="scikit-learn", bar=None)
        quality, folds = found[0].quality, found[0].folds
        bench.note(f"churn: AUC, {method}", "-", 0.845, quality.auc, floor_name="AUC", bar=1.0, unit="")
        bench.note(f"churn: five-fold AUC, {method}", "-", 0.835, folds.auc, floor_name="AUC", bar=1.0, unit="")
        bench.note(f"churn: Brier score, {method}", "-", quality.brier, 0.140, floor_name="most", bar=1.0, unit="")


def _covering(bench: Bench) -> None:
    """Say in how many simulated histories the interval misses the effect, against the 5 in 100 that it may."""
    from crmkit_churn.retention.effects import Tried, effect

    missed = 0
    for seed in range(SEEDS):
        chance = random.Random(seed)
        tried: list[Tried] = []
        for _each in range(600):
            treated, risk = chance.random() < 0.7, 0.2 + 0.4 * chance.random()
            left = chance.random() < risk - (EFFECT if treated else 0.0)
            tried.append(Tried(treated=treated, left=left, probability=risk))
        uplift = effect(tried).uplift
        missed += not (uplift.low or 0) <= EFFECT <= (uplift.high or 0)
    share = missed / SEEDS
    bench.note("churn: intervals that miss a known effect", "-", share, 0.05, floor_name="aim", bar=1.4, unit="")
    bench.note("churn: intervals are no wider than said", "-", 0.03, share, floor_name="missed", bar=1.0, unit="")


def _scoring(bench: Bench, crm: CRM, engine: str) -> None:
    """Score many customers by a model, and say how much memory that takes against half of them."""
    from crmkit_churn.learning.fitting import Examples, fit
    from crmkit_churn.learning.scorer import Scorer

    crm.enable("churn")
    crm.run(ACTOR, "business.configure", {"base_currency": "EUR", "zone": "UTC"})
    chance = random.Random(0)
    names = ["days_since(customer.created_at)", "purchase.count", "interaction.count", "customer.kind"]
    rows = 500
    columns: dict[str, Any] = {name: [float(chance.randint(0, 50)) for _row in range(rows)] for name in names[:3]}
    columns[names[3]] = [chance.choice(["person", "organization"]) for _row in range(rows)]
    outcomes = [chance.random() < 0.3 for _row in range(rows)]
    kinds: dict[str, Any] = {**dict.fromkeys(names[:3], "number"), names[3]: "text"}
    scorer: Scorer = fit(Examples(columns=columns, outcomes=outcomes), kinds, "logistic")
    peaks: list[int] = []
    half = bench.rows // 2
    for _part in range(2):
        for begin in range(0, half, 10_000):
            items = [{"name": f"Customer {begin + each}"} for each in range(min(10_000, half - begin))]
            crm.run_many(ACTOR, "customer.create", items)
        tracemalloc.start()
        _pass(crm, scorer)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    took = seconds(lambda: _pass(crm, scorer))
    bench.note(f"churn: score {bench.rows} customers", engine, took, took, floor_name="itself", bar=None)
    mib = 1 << 20
    bench.note(
        "churn: memory for twice as many",
        engine,
        peaks[1] / mib,
        peaks[0] / mib,
        floor_name="half",
        bar=1.1,
        unit="MiB",
    )


def _pass(crm: CRM, scorer: Any) -> int:
    """Read features, score them and keep what was said, as the job does."""
    from crmkit_churn.defining.features import Cut, features_of, read
    from crmkit_churn.scoring.running import said

    from crmkit import moment_of, new_id

    total, run_id = 0, new_id()
    with crm.session(ACTOR) as session:
        moment = moment_of(session)
        for batch in read(session, features_of(session, scorer.names), Cut(moment=moment)):
            found = scorer.score(batch.columns)
            items = [said(who, each) for who, each in zip(batch.ids, found, strict=True)]
            values = {"run_id": run_id, "as_of": moment.as_of, "horizon": 90, "items": items}
            crm.run(ACTOR, "churn.score.keep", values)
            total += len(items)
    return total
