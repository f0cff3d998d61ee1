"""Finding the pairs of a base that are probably one customer, and judging single pairs.

Puts blocking, comparing, fitting and judging together. Must not know where customers come from, nor what becomes of
the pairs.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen

from crmkit_quality.matching.blocking import Candidates, candidates, keys_of
from crmkit_quality.matching.columns import RecordTable, table_of
from crmkit_quality.matching.comparisons import Comparison, comparison_named
from crmkit_quality.matching.fitting import comparisons_for, fit_kind, ratios
from crmkit_quality.matching.judging import Judgement
from crmkit_quality.matching.model import KINDS, KindModel, MatchingRules, Model
from crmkit_quality.matching.patterns import Patterns, patterns_of
from crmkit_quality.matching.records import record_of
from crmkit_quality.matching.values import CandidatePair, Figures, Found

if TYPE_CHECKING:
    from crmkit import CustomerProfile

Progress = Callable[[int, int], None]
"""Is told how much is done, of how much."""
HOPELESS = 24.0
"""Bits that rare values can add to a pair beyond the usual at most: who lacks more is not judged one by one."""


@frozen(kw_only=True)
class _Read:
    """The records of one kind, with the pairs of them that are compared."""

    table: RecordTable
    pairs: Candidates


def find_pairs(
    profiles: Iterable[CustomerProfile],
    *,
    model: Model | None = None,
    apart: Collection[tuple[UUID, UUID]] = (),
    floor: float = 0.5,
    rules: MatchingRules = MatchingRules(),
    progress: Progress | None = None,
) -> Found:
    """Return the pairs of customers that are one with a probability of ``floor`` at least, the best first.

    Without a model one is fitted to the customers, with ``rules``; a model that is given has its own. Pairs in
    ``apart``, in either order, are known to be two customers and left out. ``progress`` is told how many pairs are
    compared, of how many. The result does not depend on the order of the profiles, which are read once and not kept.
    """
    began = time.perf_counter()
    known = {(min(pair), max(pair)) for pair in apart}
    wanted = rules if model is None else model.rules
    read = _read(profiles, wanted)
    whole = sum(len(each.pairs.first) for each in read)
    fitted: list[KindModel] = []
    found: list[CandidatePair] = []
    before = 0
    for each in read:

        def done(pairs: int, before: int = before) -> None:
            if progress is not None:
                progress(before + pairs, whole)

        comparisons = comparisons_for(each.table) if model is None else _comparisons_in(model.of(each.table.kind))
        patterns = patterns_of(each.table, each.pairs.first, each.pairs.second, comparisons, done)
        own = fit_kind(each.table, patterns, comparisons) if model is None else model.of(each.table.kind)
        fitted.append(own)
        found.extend(_above(each, patterns, own, comparisons, floor, wanted, known))
        before += len(each.pairs.first)
    found.sort(key=lambda pair: (-pair.probability, -pair.weight, pair.first, pair.second))
    return Found(
        pairs=tuple(found),
        model=Model(kinds=tuple(fitted), rules=wanted) if model is None else model,
        figures=Figures(
            customers=sum(len(each.table) for each in read),
            blocks=sum(each.pairs.blocks for each in read),
            divided=sum(each.pairs.divided for each in read),
            compared=whole,
            seconds=time.perf_counter() - began,
        ),
    )


def fit(
    profiles: Iterable[CustomerProfile],
    *,
    rules: MatchingRules = MatchingRules(),
    progress: Progress | None = None,
) -> Model:
    """Return the model that is fitted to customers, without finding pairs."""
    return find_pairs(profiles, rules=rules, floor=1.1, progress=progress).model


def compare(first: CustomerProfile, second: CustomerProfile, model: Model) -> CandidatePair:
    """Return how two customers agree, whichever comes first. A person and an organisation agree in nothing."""
    return compare_many(first, [second], model)[0]


def compare_many(one: CustomerProfile, others: Sequence[CustomerProfile], model: Model) -> list[CandidatePair]:
    """Return how a customer agrees with each of some others, in their order: quicker than one by one."""
    import numpy as np

    same = [each for each in others if each.kind == one.kind and each.id != one.id]
    found: dict[UUID, CandidatePair] = {}
    if same:
        table = table_of(record_of(one).kind, (record_of(each, model.rules) for each in _once((one, *same))))
        places = {id_: place for place, id_ in enumerate(table.ids)}
        own = np.full(len(places) - 1, places[one.id], dtype=np.int32)
        rest = np.array([place for id_, place in places.items() if id_ != one.id], dtype=np.int32)
        first, second = np.minimum(own, rest), np.maximum(own, rest)
        kind = model.of(table.kind)
        comparisons = _comparisons_in(kind)
        patterns = patterns_of(table, first, second, comparisons)
        judged = Judgement(table, first, second, patterns.levels[patterns.of], kind, comparisons)
        for pair in judged.pairs(np.arange(len(first)), model.rules):
            found[pair.second if pair.first == one.id else pair.first] = pair
    return [found.get(each.id) or _strangers(one, each) for each in others]


def _strangers(one: CustomerProfile, other: CustomerProfile) -> CandidatePair:
    first, second = sorted((one.id, other.id))
    return CandidatePair(first=first, second=second, weight=0.0, probability=0.0)


def _once(profiles: Sequence[CustomerProfile]) -> Iterable[CustomerProfile]:
    return {profile.id: profile for profile in profiles}.values()


def _read(profiles: Iterable[CustomerProfile], rules: MatchingRules) -> list[_Read]:
    """Return the tables of all kinds with their candidates; profiles are dropped as they are read."""
    import numpy as np

    tables = {kind: RecordTable(kind) for kind in KINDS}
    keys = {kind: array("q") for kind in KINDS}
    counts = {kind: array("i") for kind in KINDS}
    for profile in profiles:
        record = record_of(profile, rules)
        tables[record.kind].add(record)
        # Hashes of texts differ from process to process, blocks do not depend on them.
        hashed = [hash(key) for key in keys_of(record)]
        keys[record.kind].extend(hashed)
        counts[record.kind].append(len(hashed))
    found: list[_Read] = []
    for kind, table in tables.items():
        order = table.settle()
        where = np.empty(len(order), dtype=np.int32)
        where[order] = np.arange(len(order), dtype=np.int32)
        rows = np.repeat(where, np.array(counts[kind], dtype=np.int64))
        pairs = candidates(table, np.array(keys.pop(kind), dtype=np.int64), rows)
        found.append(_Read(table=table, pairs=pairs))
    return found


def _comparisons_in(model: KindModel) -> tuple[Comparison, ...]:
    """Return the comparisons that a model knows."""
    return tuple(
        comparison for each in model.comparisons if (comparison := comparison_named(model.kind, each.name)) is not None
    )


def _above(
    read: _Read,
    patterns: Patterns,
    model: KindModel,
    comparisons: Sequence[Comparison],
    floor: float,
    rules: MatchingRules,
    apart: Collection[tuple[UUID, UUID]],
) -> Iterator[CandidatePair]:
    """Give the pairs above a floor. Only those are judged value by value that may get there."""
    import numpy as np

    if floor > 1:
        return
    likely, _home = ratios(model, patterns.levels)
    needed = np.log2(max(floor, 1e-9) / max(1 - floor, 1e-9)) - np.log2(model.prior / (1 - model.prior))
    hopeful = np.flatnonzero((likely >= needed - HOPELESS)[patterns.of])
    for start in range(0, len(hopeful), 100_000):
        part = hopeful[start : start + 100_000]
        judged = Judgement(
            read.table,
            read.pairs.first[part],
            read.pairs.second[part],
            patterns.levels[patterns.of[part]],
            model,
            comparisons,
        )
        above = np.flatnonzero(judged.probability >= floor)
        for pair in judged.pairs(above, rules):
            if (pair.first, pair.second) not in apart:
                yield pair


__all__ = ["compare", "compare_many", "find_pairs", "fit"]
