"""How a model is fitted to a base without anybody saying which pairs are duplicates.

Fellegi and Sunter, A Theory for Record Linkage (1969): u is counted on pairs drawn at random, of which nearly none are
duplicates; m and the share of duplicates are found by expectation and maximisation (Dempster, Laird and Rubin 1977;
Winkler 1988) over the patterns of the candidates. A third class of pairs, people who share a household or an office,
keeps them from being taken for one (Larsen and Rubin 2001 fit such mixtures). All estimates begin at the shipped
figures, which count as much as some pairs do: a base of five customers keeps them, one of thousands forgets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve

from crmkit_quality.matching.columns import RecordTable
from crmkit_quality.matching.comparisons import Comparison, comparisons_of, custom_comparison
from crmkit_quality.matching.model import (
    ComparisonModel,
    KindModel,
    LevelModel,
    pairs_of,
)
from crmkit_quality.matching.patterns import Patterns, patterns_of
from crmkit_quality.matching.shipped import shipped_kind

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

RANDOM_PAIRS = 300_000
"""Pairs drawn for u: each share is then known to a thousandth."""
SHIPPED_RANDOM, SHIPPED_PAIRS, SHIPPED_VALUES = 2000, 20, 300
"""What the shipped figures for u, m and the frequency of values count as much as: pairs, duplicates, customers."""
ROUNDS = 30
FREQUENT = 5
"""A value that fewer customers have is not kept with a model."""
MOST_TERMS = 5000
CUSTOM_FIELDS = 12
"""Custom fields that are compared: those with the most different values."""
LEAST_FILLED = 0.1
SEED = 20_071


def comparisons_for(table: RecordTable) -> tuple[Comparison, ...]:
    """Return the comparisons that a table has values for: the shipped ones, and its custom fields."""
    number = len(table)
    if number < 30:
        return comparisons_of(table.kind)
    varied = sorted(
        (-len(column.vocabulary.texts), name)
        for name, column in table.custom.items()
        if len(column.vocabulary.texts) > 2 and (column.numbers > 0).sum() >= LEAST_FILLED * number
    )
    return (
        *comparisons_of(table.kind),
        *(custom_comparison(name) for name in sorted(name for _values, name in varied[:CUSTOM_FIELDS])),
    )


def random_pairs(number: int) -> tuple[Numbers, Numbers]:
    """Return pairs of rows drawn at random, all of them where there are not many; always the same for a number."""
    import numpy as np

    if pairs_of(number) <= RANDOM_PAIRS:
        return np.triu_indices(number, 1)
    draw = np.random.default_rng(SEED)
    first = draw.integers(0, number, RANDOM_PAIRS)
    second = (first + draw.integers(1, number, RANDOM_PAIRS)) % number
    return np.minimum(first, second), np.maximum(first, second)


def fit_kind(table: RecordTable, patterns: Patterns, comparisons: Sequence[Comparison]) -> KindModel:
    """Return the model of a table whose candidates have these patterns."""
    import numpy as np

    number = len(table)
    shipped = shipped_kind(table.kind, number, tuple(comparisons)[len(comparisons_of(table.kind)) :])
    if number < 2:
        return shipped
    left, right = random_pairs(number)
    drawn = patterns_of(table, left, right, comparisons)
    model = shipped
    for _round in range(2):
        # Some of the pairs drawn are duplicates after all, in a small base: they are left out of u the second time.
        apart = drawn.counts * (1 - posteriors(model, drawn.levels)) if _round else drawn.counts.astype(np.float64)
        model = _with_chance(model, shipped, drawn.levels, apart)
        model = _maximised(model, shipped, patterns)
    return _with_terms(_ordered(model, comparisons), table, comparisons)


def posteriors(model: KindModel, levels: Numbers) -> Numbers:
    """Return how probable it is for each pattern that a pair is one customer."""
    import numpy as np

    likely, home = ratios(model, levels)
    return 1 / (1 + (1 - model.prior) / model.prior * np.exp2(-likely) * (1 + _odds(model) * np.exp2(home)))


def _odds(model: KindModel) -> float:
    return model.homes / max(1 - model.prior - model.homes, 0.5)


def ratios(model: KindModel, levels: Numbers) -> tuple[Numbers, Numbers]:
    """Return for each pattern log2 of how much more probable it is for duplicates than by chance, and for those who
    live together than by chance."""
    import numpy as np

    likely = np.zeros(len(levels))
    home = np.zeros(len(levels))
    for place, comparison in enumerate(model.comparisons):
        # The last entry is for -1: what is not known is no evidence.
        weights = np.array([*(level.weight for level in comparison.levels), 0.0])
        homes = np.array([*(np.log2(level.home / level.u) for level in comparison.levels), 0.0])
        likely += weights[levels[:, place]]
        home += homes[levels[:, place]]
    return likely, home


def _with_chance(model: KindModel, shipped: KindModel, levels: Numbers, counts: Numbers) -> KindModel:
    """Return a model with u as counted; what was seen never, or once, is taken as seldom as half a pair."""
    import numpy as np

    found: list[ComparisonModel] = []
    for place, comparison in enumerate(model.comparisons):
        own = levels[:, place]
        seen = np.array([counts[own == level].sum() for level in range(len(comparison.levels))])
        total = float(seen.sum())
        usual = np.array([level.u for level in shipped.comparisons[place].levels])
        given = SHIPPED_RANDOM * usual
        least = 0.5 * total / (total + SHIPPED_RANDOM)
        chance = seen + np.maximum(given, least)
        chance /= chance.sum()
        home = [
            level.home if before.home != before.u else float(share)
            for level, before, share in zip(comparison.levels, shipped.comparisons[place].levels, chance, strict=True)
        ]
        found.append(
            evolve(
                comparison,
                levels=tuple(
                    evolve(level, u=float(share), home=at_home)
                    for level, share, at_home in zip(comparison.levels, chance, home, strict=True)
                ),
            )
        )
    return evolve(model, comparisons=tuple(found))


def _maximised(model: KindModel, shipped: KindModel, patterns: Patterns) -> KindModel:
    """Return a model with m and the shares of duplicates and households under which the candidates are most probable.

    Pairs that are no candidates count as no duplicates, in the share alone: they agree in nothing.
    """
    import numpy as np

    pairs = pairs_of(model.customers)
    expected, at_home = shipped.prior, shipped.homes
    levels, counts = patterns.levels, patterns.counts
    belongs = [
        [levels[:, place] == level for level in range(len(comparison.levels))]
        for place, comparison in enumerate(model.comparisons)
    ]
    for _round in range(ROUNDS):
        _likely, home = ratios(model, levels)
        duplicates = posteriors(model, levels) * counts
        together = _odds(model) * np.exp2(home)
        shared = (counts - duplicates) * together / (1 + together)
        # One pair in as many as are usual for one: a prior of the least strength that there is.
        prior = float((duplicates.sum() + 1) / (pairs + 1 / expected))
        homes = float((shared.sum() + 1) / (pairs + 1 / at_home))
        found: list[ComparisonModel] = []
        for place, comparison in enumerate(model.comparisons):
            given = np.array([level.m for level in shipped.comparisons[place].levels]) * SHIPPED_PAIRS
            share_of = given + np.array([duplicates[here].sum() for here in belongs[place]])
            share_of /= share_of.sum()
            found.append(
                evolve(
                    comparison,
                    levels=tuple(
                        evolve(level, m=float(each)) for level, each in zip(comparison.levels, share_of, strict=True)
                    ),
                )
            )
        moved = abs(prior - model.prior) / model.prior
        model = evolve(model, prior=min(prior, 0.25), homes=min(homes, 0.25), comparisons=tuple(found))
        if moved < 1e-5:
            break
    return model


# --- the last touch --------------------------------------------------------------------------------------------------


def _ordered(model: KindModel, comparisons: Sequence[Comparison]) -> KindModel:
    """Return a model in which agreeing better is never worth less: neighbours that are in the wrong order share what
    they are worth (pooling adjacent violators; Barlow and others 1972)."""
    return evolve(
        model,
        comparisons=tuple(
            evolve(each, levels=_monotone(each.levels, [level.free for level in comparison.levels]))
            for each, comparison in zip(model.comparisons, comparisons, strict=True)
        ),
    )


def _monotone(levels: Sequence[LevelModel], free: Sequence[bool]) -> tuple[LevelModel, ...]:
    pools: list[tuple[float, float, list[int]]] = []
    for place, level in enumerate(levels):
        if free[place]:
            continue
        pools.append((level.m, level.u, [place]))
        while len(pools) > 1 and pools[-1][0] * pools[-2][1] > pools[-2][0] * pools[-1][1]:
            (m, u, last), (more, chance, before) = pools.pop(), pools.pop()
            pools.append((m + more, u + chance, before + last))
    found = list(levels)
    for m, u, places in pools:
        if len(places) > 1:
            for place in places:
                found[place] = evolve(levels[place], m=min(levels[place].u * m / u, 1.0))
    return tuple(found)


def _with_terms(model: KindModel, table: RecordTable, comparisons: Sequence[Comparison]) -> KindModel:
    """Return a model that knows how frequent the frequent values are."""
    import numpy as np

    number = len(table)
    rows = np.arange(number)
    found: list[ComparisonModel] = []
    for each, comparison, before in zip(
        model.comparisons, comparisons, shipped_kind(model.kind, number).comparisons, strict=False
    ):
        levels: list[LevelModel] = []
        for level, spec, usual in zip(each.levels, comparison.levels, before.levels, strict=True):
            if spec.terms is None or usual.usual is None:
                levels.append(level)
                continue
            whole = number + SHIPPED_VALUES
            terms: dict[str, float] = {}
            if not spec.private:
                values, texts = spec.terms(table, rows, rows)
                counts = np.bincount(values[values > 0], minlength=1)
                order = np.lexsort((np.arange(len(counts)), -counts))[:MOST_TERMS]
                for value in order[counts[order] >= FREQUENT]:
                    text = texts[int(value)]
                    given = usual.terms.get(text, usual.usual)
                    terms[text] = float((counts[value] - 1 + SHIPPED_VALUES * given) / whole)
                for text, given in usual.terms.items():
                    terms.setdefault(text, (1 + SHIPPED_VALUES * given) / whole)
            levels.append(evolve(level, usual=(1 + SHIPPED_VALUES * usual.usual) / whole, terms=terms))
        found.append(evolve(each, levels=tuple(levels)))
    return evolve(model, comparisons=(*found, *model.comparisons[len(found) :]))
