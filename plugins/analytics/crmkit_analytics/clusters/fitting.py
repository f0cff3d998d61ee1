"""Clusters as a model that can be fitted: over facts of customers, judged against points without any structure."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import attrs
from attrs import frozen

from crmkit import Input, Note, cluster, frame, texts
from crmkit_analytics.clusters.finding import Choice, by_gap, choices, profiles
from crmkit_analytics.extras import library
from crmkit_analytics.runs.errors import TooLittleData
from crmkit_analytics.runs.kinds import FitContext, Fitted, ModelKind
from crmkit_analytics.runs.reading import adopted, artifact_of

_ = texts("crmkit_analytics")

NAME = "analytics.clusters"
MOST = 20_000
"""So many customers at most are looked at, by their ids."""
FEWEST = 40
LETTERS = "abcdefghijkl"


@frozen(kw_only=True)
class ClusterParameters:
    """By which facts (numbers) customers are like each other, and how many clusters are tried."""

    scores: Annotated[tuple[str, ...], Input(title=_("Facts"), max_length=12, classified="internal")] = (
        "analytics.recency_days",
        "purchase.count",
        "purchase.net_amount",
    )
    fewest: Annotated[int, Input(title=_("Fewest clusters"), minimum=2, maximum=12, classified="internal")] = 2
    most: Annotated[int, Input(title=_("Most clusters"), minimum=2, maximum=12, classified="internal")] = 8
    where: Annotated[str | None, Input(title=_("Only customers for whom"), max_length=2000)] = None


def fit(context: FitContext, parameters: ClusterParameters) -> Fitted:
    """Choose how many clusters there are by the silhouette, and say what each is like.

    A number is refused where points without any structure fall apart as well. Clusters keep the letters that they have
    in the run that counts, if it has as many over the same facts. Raises TooLittleData, UnknownFact, ExpressionError.
    """
    numpy = library("numpy")
    context.progress(0.05, _("Reading facts"))
    with context.session() as session:
        table = frame(session, parameters.scores, where=parameters.where, moment=context.moment(session))
        rows = [row[1:] for row in islice(table.rows(), MOST) if all(each is not None for each in row[1:])]
        before = _before(session, parameters)
    if len(rows) < FEWEST:
        raise TooLittleData(
            _("{number} customers have all of these facts; it takes {fewest}."), number=len(rows), fewest=FEWEST
        )
    points = numpy.asarray([[float(each) for each in row] for row in rows])
    context.progress(0.2, _("Trying numbers of clusters"))
    numbers = range(parameters.fewest, max(parameters.fewest, parameters.most) + 1)
    found = choices(points, numbers, context.seed)
    if not found:
        raise TooLittleData(_("There are too few different customers for clusters."))
    best = max(found, key=lambda each: (each.separation, -each.number))
    earlier = before if before is not None and len(before) == best.number else None
    made = cluster(points.tolist(), best.number, seed=context.seed, before=earlier)
    if made is None:
        raise TooLittleData(_("There are too few different customers for clusters."))
    context.progress(0.8, _("Trying how firmly they stand"))
    sheet = profiles(points, made.centres, made.spreads, context.seed)
    return Fitted(
        parameters={"clusters": best.number, "scores": list(parameters.scores)},
        figures={
            "separation": best.separation,
            "gap": best.gap,
            "clusters_by_gap": by_gap(found),
            "least_stability": min(each.stability for each in sheet),
        },
        baseline={"separation": best.without},
        better=best.separation > best.without,
        judged_by="separation",
        rows=len(rows),
        artifact={
            "scores": list(parameters.scores),
            "where": parameters.where,
            "seed": context.seed,
            "centres": [list(each) for each in made.centres],
            "spreads": list(made.spreads),
            "choices": [_plain(each) for each in found],
            "profiles": [{"name": LETTERS[place], **_plain(each)} for place, each in enumerate(sheet)],
        },
        notes=_notes(found, best, len(rows)),
    )


def _before(session: Any, parameters: ClusterParameters) -> list[list[float]] | None:
    run = adopted(session, NAME)
    kept = None if run is None else artifact_of(session, run)
    same = kept is not None and list(kept["scores"]) == list(parameters.scores)
    return kept["centres"] if same else None


def _notes(found: list[Choice], best: Choice, number: int) -> list[Note]:
    notes: list[Note] = []
    other = by_gap(found)
    if other is not None and other != best.number:
        text = _("By the gap statistic there would be {other} clusters, by the silhouette {number}.")
        notes.append(Note(text=text, values={"other": other, "number": best.number}))
    if number == MOST:
        notes.append(Note(text=_("Only the first {number} customers were looked at."), values={"number": MOST}))
    return notes


def _plain(value: Any) -> dict[str, Any]:
    return {
        name: list(each) if isinstance(each, tuple) else each
        for name, each in attrs.asdict(value, recurse=False).items()
    }


KIND = ModelKind(
    name=NAME,
    title=_("Clusters of customers"),
    doc=_("Customers who are like each other, by k-means over standardised facts."),
    fit=fit,
    parameters=ClusterParameters,
    modules=("crmkit_analytics.clusters.finding",),
    needs=("numpy", "scipy"),
)
