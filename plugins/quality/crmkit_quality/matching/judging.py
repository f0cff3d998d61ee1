"""What a pair's agreement is worth under a model: evidence, weight, probability, and what rules a merge out.

Must not know where pairs come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmkit_quality.matching.columns import RecordTable
from crmkit_quality.matching.comparisons import Comparison, Level
from crmkit_quality.matching.contacts import is_chinese_identity
from crmkit_quality.matching.model import KindModel, LevelModel, MatchingRules
from crmkit_quality.matching.values import CandidatePair, Evidence

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]

HOME = "household"
"""The name of the evidence that people who only live or work together would agree as well."""


class Judgement:
    """Pairs of rows of a table as a model judges them, all at once."""

    def __init__(
        self,
        table: RecordTable,
        first: Numbers,
        second: Numbers,
        levels: Numbers,
        model: KindModel,
        comparisons: Sequence[Comparison],
    ) -> None:
        """``levels`` has a row for each pair and a column for each comparison."""
        import numpy as np

        self.table, self.first, self.second, self.levels = table, first, second, levels
        self.model, self.comparisons = model, comparisons
        self.weights = np.zeros(levels.shape)
        homes = np.zeros(len(levels))
        for place, (comparison, spec) in enumerate(zip(model.comparisons, comparisons, strict=True)):
            own = levels[:, place]
            for number, (level, kind) in enumerate(zip(comparison.levels, spec.levels, strict=True)):
                here = np.flatnonzero(own == number)
                if not len(here):
                    continue
                chance = self._chances(level, kind, here)
                self.weights[here, place] = math.log2(level.m) - np.log2(chance)
                if level.home != level.u:
                    homes[here] += math.log2(level.home) - np.log2(chance)
        odds = model.homes / max(1 - model.prior - model.homes, 0.5)
        self.together = -np.log2(1 + odds * np.exp2(np.minimum(homes, 500)))
        """What it takes from a pair that people of one household would agree as well: bits, zero at most."""
        self.weight = self.weights.sum(axis=1) + self.together
        prior = math.log2(model.prior / (1 - model.prior))
        self.probability = 1 / (1 + np.exp2(-np.clip(self.weight + prior, -500, 500)))

    def _chances(self, level: LevelModel, kind: Level, here: Numbers) -> Numbers:
        """Return for pairs how probable it is that two customers agree by chance, in the very value that they have."""
        import numpy as np

        if kind.terms is None or level.usual is None:
            return np.full(len(here), level.u)
        values, texts = kind.terms(self.table, self.first[here], self.second[here])
        distinct, of = np.unique(values, return_inverse=True)
        if kind.private:
            # What everybody of an office has is counted here, and not kept with the model.
            held = self.table.crowd(kind.private)[distinct] - 2
            chances = np.maximum(level.usual, held / (len(self.table) + 300))
        else:
            terms, usual = level.terms, level.usual
            chances = np.array([terms.get(texts[int(value)], usual) if value else level.u for value in distinct])
        return chances[of]

    def conflicts(self, rules: MatchingRules) -> Numbers:
        """Say of each pair whether something differs in it that can't differ within one customer: numbers of identity
        or of a register that are not one slip apart, two right numbers of residents, ids of an exclusive source."""
        import numpy as np

        found = np.zeros(len(self.levels), dtype=bool)
        for place, comparison in enumerate(self.comparisons):
            if comparison.name in ("identity", "registration"):
                found |= self.levels[:, place] == len(comparison.levels) - 1
            if comparison.name == "identity":
                column = self.table.single["identity"]
                for pair in np.flatnonzero((self.levels[:, place] > 0) & ~found):
                    numbers = (column.numbers[self.first[pair]], column.numbers[self.second[pair]])
                    found[pair] = all(is_chinese_identity(column.vocabulary.texts[number]) for number in numbers)
        if rules.exclusive_sources:
            for pair in range(len(found)):
                if not found[pair]:
                    found[pair] = self._other_ids(pair, rules.exclusive_sources)
        return found

    def _other_ids(self, pair: int, sources: frozenset[str]) -> bool:
        one = dict(self.table.identifiers[self.first[pair]])
        return any(
            source in sources and source in one and one[source] != external
            for source, external in self.table.identifiers[self.second[pair]]
        )

    def pairs(self, wanted: Numbers, rules: MatchingRules) -> Iterator[CandidatePair]:
        """Give the pairs at some places with their evidence, the strongest first."""
        conflicts = self.conflicts(rules)
        for place in wanted:
            yield CandidatePair(
                first=self.table.ids[self.first[place]],
                second=self.table.ids[self.second[place]],
                weight=round(float(self.weight[place]), 4),
                probability=float(self.probability[place]),
                evidence=self._evidence(place),
                conflict=bool(conflicts[place]),
            )

    def _evidence(self, place: int) -> tuple[Evidence, ...]:
        found = [
            Evidence(
                comparison=comparison.name,
                level=comparison.levels[level].name,
                weight=round(float(self.weights[place, number]), 4),
            )
            for number, comparison in enumerate(self.comparisons)
            if (level := int(self.levels[place, number])) >= 0
        ]
        if self.together[place] < -0.05:
            found.append(Evidence(comparison=HOME, level="possible", weight=round(float(self.together[place]), 4)))
        return tuple(sorted(found, key=lambda each: (-abs(each.weight), each.comparison)))
