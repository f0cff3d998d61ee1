"""Learning a model from examples, and judging it on others against what is known without a model.

Calibration is learnt from customers whom the model had not seen, within those it learns from; what it is judged by is
touched once. Must not know the database.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import evolve, field, frozen

from crmkit import texts
from crmkit_churn.errors import CannotLearn
from crmkit_churn.extras import library
from crmkit_churn.learning.calibration import Calibration, Way, calibrate
from crmkit_churn.learning.cox import fit_cox, hazard_until
from crmkit_churn.learning.drift import Reference, reference
from crmkit_churn.learning.encoding import Columns, Encoder, Kind, Value, learn_encoder
from crmkit_churn.learning.metrics import Gain, Quality, gain, quality
from crmkit_churn.learning.points import learn_card
from crmkit_churn.learning.scorer import Method, Scorer
from crmkit_churn.learning.trees import fit_forest

_ = texts("crmkit_churn")

Asked = Literal["best", "logistic", "boosting", "hazard", "points", "alive"]
FOLDS = 5
FEWEST, FEWEST_TO_JUDGE = 30, 15
"""So many customers have to have left, and so many stayed, among those who teach and those who judge."""
MOST_FOR_TREES = 20_000
"""Trees are learnt from at most so many examples, taken by chance: more cost time and change little."""
SCORE = ""
"""The name of the probability among references."""


@frozen(kw_only=True, eq=False)
class Examples:
    """Customers as they stood at a day, and what became of them: a column for each feature, whether each left within
    the horizon, and after how many days (those who stayed: how long they were watched)."""

    columns: Columns
    outcomes: Sequence[bool]
    days: Sequence[float] = ()

    def __len__(self) -> int:
        return len(self.outcomes)

    def take(self, rows: Sequence[int]) -> Examples:
        """Return some of them, by their places."""
        return Examples(
            columns={name: [values[row] for row in rows] for name, values in self.columns.items()},
            outcomes=[self.outcomes[row] for row in rows],
            days=[self.days[row] for row in rows] if len(self.days) else (),
        )


@frozen(kw_only=True, eq=False)
class Learnt:
    """What was learnt: the model, how good it is on examples that it had not seen, and by cross-validation within those
    it learnt from; the base line's figures on the same examples, and by how much it beats that one."""

    scorer: Scorer
    quality: Quality
    folds: Quality
    base: str
    base_quality: Quality
    gain: Gain
    seconds: float
    cpu_seconds: float
    tried: Mapping[str, Quality] = field(factory=dict[str, Quality])

    @property
    def better(self) -> bool:
        """Say whether it beats the base line beyond what chance explains."""
        return self.gain.certain


def learn(
    train: Examples,
    test: Examples,
    kinds: Mapping[str, Kind],
    *,
    method: Asked = "best",
    recency: str | None = None,
    horizon: float = 90.0,
    points: Mapping[str, int] | None = None,
    way: Way = "platt",
    seed: int = 0,
) -> Learnt:
    """Return the model that examples teach, judged by others.

    ``kinds`` are the features; ``recency`` names the one that says how long ago a customer was last there, from which
    alone the base line is made, else that is everybody's rate. Of "best" the method with the least error in
    cross-validation is taken, the simpler one of nearly equal ones. Raises CannotLearn, MissingExtra.
    """
    began, worked = time.perf_counter(), time.process_time()
    _check(train, FEWEST)
    _check(test, FEWEST_TO_JUDGE)
    names = {name: kinds[name] for name in kinds}
    methods: list[Method] = ["logistic", "boosting"] if method == "best" else [method]
    tried: dict[str, tuple[Quality, list[float]]] = {}
    for each in methods:
        raw = _unseen(train, names, each, horizon, points, seed)
        found = calibrate(raw, train.outcomes, way)
        tried[each] = (quality([found.probability(score) for score in raw], train.outcomes), raw)
    best: Method = methods[0]
    for each in methods[1:]:
        if tried[each][0].log_loss < tried[best][0].log_loss * 0.995:
            best = each
    scorer = fit(train, names, best, horizon=horizon, points=points, seed=seed)
    scorer = evolve(scorer, calibration=calibrate(tried[best][1], train.outcomes, way))
    said = scorer.probabilities(test.columns)
    base = _base_line(train, kinds, recency, seed)
    base_said = base.probabilities(test.columns)
    references: dict[str, Reference] = {name: reference(list(train.columns[name])) for name in scorer.names}
    references[SCORE] = reference(list(scorer.probabilities(train.columns)))
    scorer = evolve(scorer, reference=references)
    return Learnt(
        scorer=scorer,
        quality=quality(said, test.outcomes),
        folds=tried[best][0],
        base="recency" if base.method == "logistic" else "majority",
        base_quality=quality(base_said, test.outcomes),
        gain=gain(said, base_said, test.outcomes, seed=seed),
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - worked,
        tried={name: pair[0] for name, pair in tried.items()},
    )


def fit(
    examples: Examples,
    kinds: Mapping[str, Kind],
    method: Method,
    *,
    horizon: float = 90.0,
    points: Mapping[str, int] | None = None,
    seed: int = 0,
) -> Scorer:
    """Return a model that is not calibrated yet. Raises CannotLearn, MissingExtra."""
    numpy = library("numpy")
    if method == "points":
        card = learn_card({name: examples.columns[name] for name in kinds}, examples.outcomes, points)
        return Scorer(method=method, encoder=Encoder(features=()), calibration=Calibration(), card=card)
    encoder = learn_encoder(examples.columns, kinds)
    if not encoder.features:
        raise CannotLearn(_("None of the features tells customers apart."))
    matrix, truth = encoder.matrix(examples.columns), numpy.asarray(examples.outcomes, dtype=bool)
    if method == "boosting":
        rows = numpy.arange(len(truth))
        if len(rows) > MOST_FOR_TREES:
            rows = numpy.sort(numpy.random.default_rng(seed).choice(rows, MOST_FOR_TREES, replace=False))
        forest = fit_forest(matrix[rows], truth[rows], seed)
        return Scorer(method=method, encoder=encoder, calibration=Calibration(), forest=forest)
    if method == "hazard":
        if not len(examples.days):
            raise CannotLearn(_("A hazard model needs to know after how many days each customer left."))
        found = fit_cox(matrix, examples.days, truth, ridge=1.0)
        cumulated = max(hazard_until(found.times, found.cumulated, horizon), 1e-12)
        return Scorer(
            method=method,
            encoder=encoder,
            calibration=Calibration(),
            start=math.log(cumulated),
            weights=found.weights,
            cumulated=cumulated,
        )
    linear_model = library("sklearn.linear_model")
    fitted = linear_model.LogisticRegression(C=1.0, max_iter=3000, random_state=seed).fit(matrix, truth)
    return Scorer(
        method=method,
        encoder=encoder,
        calibration=Calibration(),
        start=float(fitted.intercept_[0]),
        weights=[float(each) for each in fitted.coef_[0]],
    )


def folds_of(outcomes: Sequence[bool], seed: int = 0, folds: int = FOLDS) -> list[list[int]]:
    """Return the places of examples in so many parts, each with nearly the same share that left."""
    numpy = library("numpy")
    chance = numpy.random.default_rng(seed)
    found: list[list[int]] = [[] for _fold in range(folds)]
    for wanted in (True, False):
        rows = [row for row, outcome in enumerate(outcomes) if bool(outcome) == wanted]
        for place, row in enumerate(chance.permutation(rows).tolist()):
            found[place % folds].append(int(row))
    return [sorted(each) for each in found]


def _unseen(
    train: Examples,
    kinds: Mapping[str, Kind],
    method: Method,
    horizon: float,
    points: Mapping[str, int] | None,
    seed: int,
) -> list[float]:
    """Return the score of each example by a model that had not seen it."""
    found = [0.0] * len(train)
    for rows in folds_of(train.outcomes, seed):
        inside = set(rows)
        others = train.take([row for row in range(len(train)) if row not in inside])
        scorer = fit(others, kinds, method, horizon=horizon, points=points, seed=seed)
        for row, score in zip(rows, scorer.raw(train.take(rows).columns), strict=True):
            found[row] = score
    return found


def _base_line(train: Examples, kinds: Mapping[str, Kind], recency: str | None, seed: int) -> Scorer:
    """Return what is known without a model: by recency alone, or the rate of all."""
    known: Sequence[Value] = train.columns[recency] if recency is not None else ()
    if recency is not None and len({each for each in known if each is not None}) > 1:
        return fit(train, {recency: kinds.get(recency, "number")}, "logistic", seed=seed)
    rate = sum(map(bool, train.outcomes)) / len(train)
    start = math.log(rate / (1 - rate))
    return Scorer(method="rate", encoder=Encoder(features=()), calibration=Calibration(), start=start)


def _check(examples: Examples, fewest: int) -> None:
    left = sum(map(bool, examples.outcomes))
    stayed = len(examples) - left
    if min(left, stayed) < fewest:
        raise CannotLearn(
            _("{left} customers left and {stayed} stayed: too few to learn from, or to judge by."),
            fix=_("It takes {fewest} of each."),
            left=left,
            stayed=stayed,
            fewest=fewest,
        )
