"""Boosted trees as plain numbers: kept without any object of a library, scored and explained by themselves.

Must not know features by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from crmkit_churn.extras import library

_LEAF = -1


@frozen(kw_only=True)
class Tree:
    """One tree: for each node the column it asks, the ``bounds`` up to which it goes ``left``, and what it says.

    ``columns`` of a leaf is -1; ``says`` of any other node is the mean of the leaves below it, by the customers whom
    they were learnt from.
    """

    columns: tuple[int, ...] = field(converter=tuple)
    bounds: tuple[float, ...] = field(converter=tuple)
    left: tuple[int, ...] = field(converter=tuple)
    right: tuple[int, ...] = field(converter=tuple)
    says: tuple[float, ...] = field(converter=tuple)


@frozen(kw_only=True)
class Forest:
    """Trees that add up: log-odds are ``start`` and ``rate`` times what each tree says."""

    start: float
    rate: float
    trees: tuple[Tree, ...] = field(converter=tuple)

    @property
    def bias(self) -> float:
        """Return the log-odds before anything is known: the mean over those who were learnt from."""
        return self.start + self.rate * math.fsum(tree.says[0] for tree in self.trees)

    def log_odds(self, matrix: Any) -> Any:
        """Return the log-odds of each row."""
        return self.start + self.rate * sum(_walk(tree, matrix)[0] for tree in self.trees)

    def contributions(self, matrix: Any) -> Any:
        """Return what each column adds to each row's log-odds; with `bias` they make the log-odds, exactly.

        At each branch the column that is asked gets the difference between what the nodes below and above say (Saabas
        2014).
        """
        numpy = library("numpy")
        found = numpy.zeros(matrix.shape)
        for tree in self.trees:
            for rows, columns, change in _walk(tree, matrix)[1]:
                found[rows, columns] += self.rate * change
        return found

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return {
            "start": self.start,
            "rate": self.rate,
            "trees": [
                {
                    "columns": list(tree.columns),
                    "bounds": list(tree.bounds),
                    "left": list(tree.left),
                    "right": list(tree.right),
                    "says": list(tree.says),
                }
                for tree in self.trees
            ],
        }


def forest_of(document: Mapping[str, Any]) -> Forest:
    """Return the forest that was kept as a document."""
    return Forest(start=document["start"], rate=document["rate"], trees=[Tree(**each) for each in document["trees"]])


def fit_forest(matrix: Any, outcomes: Sequence[bool], seed: int = 0) -> Forest:
    """Return the forest that scikit-learn's gradient boosting (Friedman 2001) finds: 100 trees of depth 3, rate 0.1.

    Raises MissingExtra.
    """
    ensemble, numpy = library("sklearn.ensemble"), library("numpy")
    truth = numpy.asarray(outcomes, dtype=bool)
    fitted = ensemble.GradientBoostingClassifier(random_state=seed).fit(matrix, truth)
    rate = float(fitted.learning_rate)
    share = float(truth.mean())
    return Forest(
        start=math.log(share / (1 - share)), rate=rate, trees=[_tree(each[0].tree_) for each in fitted.estimators_]
    )


def _tree(made: Any) -> Tree:
    left, right = [int(each) for each in made.children_left], [int(each) for each in made.children_right]
    says = [float(each) for each in made.value[:, 0, 0]]
    counts = [float(each) for each in made.weighted_n_node_samples]
    # Children have higher numbers than their node.
    for node in range(len(left) - 1, -1, -1):
        if left[node] != _LEAF:
            below = (left[node], right[node])
            says[node] = sum(counts[each] * says[each] for each in below) / sum(counts[each] for each in below)
    columns = [int(each) if left[node] != _LEAF else _LEAF for node, each in enumerate(made.feature)]
    return Tree(columns=columns, bounds=[float(each) for each in made.threshold], left=left, right=right, says=says)


def _walk(tree: Tree, matrix: Any) -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """Return what the leaves say of each row, and the steps there: rows, the columns asked, and by how much each
    changed what is said."""
    numpy = library("numpy")
    # Bounds were found among values of single precision.
    values = matrix.astype(numpy.float32)
    columns, bounds = numpy.array(tree.columns), numpy.array(tree.bounds)
    left, right, says = numpy.array(tree.left), numpy.array(tree.right), numpy.array(tree.says)
    at = numpy.zeros(len(matrix), dtype=int)
    rows = numpy.arange(len(matrix))
    steps: list[tuple[Any, Any, Any]] = []
    while True:
        going = rows[columns[at] != _LEAF]
        if not len(going):
            return says[at], steps
        here = at[going]
        asked = columns[here]
        there = numpy.where(values[going, asked] <= bounds[here], left[here], right[here])
        steps.append((going, asked, says[there] - says[here]))
        at[going] = there
