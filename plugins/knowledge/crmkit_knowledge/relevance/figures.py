"""Figures of a ranking, from which articles answer which question. Pure computation: must not know the search.

nDCG is that of Järvelin & Kekäläinen (2002), ACM TOIS 20, 422-446, with the gain 2^r - 1 of Burges et al. (2005) for
a relevance r, cut off at a rank; MAP and MRR as in Voorhees & Harman (2005), TREC, chapter 3. A question without an
answer that is relevant counts for none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, log2

from attrs import field, frozen

CUT = 10


@frozen(kw_only=True)
class Asked:
    """A question: what was found for it, the best first, and how relevant each article is (0: not at all)."""

    question: str
    found: Sequence[str] = field(converter=tuple)
    relevant: Mapping[str, int]


@frozen(kw_only=True)
class Missed:
    """A question whose first relevant article stood at ``rank``, None where none was found."""

    question: str
    rank: int | None


@frozen(kw_only=True)
class Relevance:
    """The figures of a set of questions, each a mean over them; ``worst`` are the questions that were answered worst,
    ``skipped`` counts those that nothing is relevant for."""

    questions: int
    skipped: int
    ndcg10: float
    map: float
    mrr10: float
    recall10: float
    hit5: float
    top1: float
    worst: Sequence[Missed] = field(converter=tuple)


def relevance_of(asked: Sequence[Asked], worst: int = 10) -> Relevance:
    """Return the figures of questions."""
    counted = [each for each in asked if any(gain > 0 for gain in each.relevant.values())]
    number = len(counted)
    ranks = [first_rank(each) for each in counted]

    def mean(values: Sequence[float]) -> float:
        return fsum(values) / number if number else 0.0

    within = [rank if rank is not None and rank <= CUT else None for rank in ranks]
    order = sorted(range(number), key=lambda place: -(ranks[place] or 10**9))
    return Relevance(
        questions=number,
        skipped=len(asked) - number,
        ndcg10=mean([ndcg(each) for each in counted]),
        map=mean([average_precision(each) for each in counted]),
        mrr10=mean([1 / rank if rank else 0.0 for rank in within]),
        recall10=mean([_recall(each) for each in counted]),
        hit5=mean([float(rank is not None and rank <= 5) for rank in ranks]),
        top1=mean([float(rank == 1) for rank in ranks]),
        worst=[
            Missed(question=counted[place].question, rank=ranks[place]) for place in order[:worst] if ranks[place] != 1
        ],
    )


def first_rank(asked: Asked) -> int | None:
    """Return the rank of the first relevant article, from 1."""
    return next((rank for rank, each in enumerate(asked.found, 1) if asked.relevant.get(each, 0) > 0), None)


def ndcg(asked: Asked, cut: int = CUT) -> float:
    """Return the normalised discounted cumulative gain of a question up to a rank."""
    gained = _gain([asked.relevant.get(each, 0) for each in dict.fromkeys(asked.found)][:cut])
    best = _gain(sorted(asked.relevant.values(), reverse=True)[:cut])
    return gained / best if best else 0.0


def average_precision(asked: Asked) -> float:
    """Return the mean of the precisions at the ranks of the relevant articles; one that was not found counts nought."""
    wanted = sum(gain > 0 for gain in asked.relevant.values())
    seen, precisions = 0, list[float]()
    for rank, each in enumerate(dict.fromkeys(asked.found), 1):
        if asked.relevant.get(each, 0) > 0:
            seen += 1
            precisions.append(seen / rank)
    return fsum(precisions) / wanted if wanted else 0.0


def _recall(asked: Asked) -> float:
    wanted = {each for each, gain in asked.relevant.items() if gain > 0}
    return len(wanted & set(asked.found[:CUT])) / len(wanted)


def _gain(relevances: Sequence[int]) -> float:
    return fsum((2**relevance - 1) / log2(rank + 1) for rank, relevance in enumerate(relevances, 1))
