"""The reports of reviews: scores by person, team, channel and category with intervals; agreement; drift; and what the
automatic checks found, apart from what people said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, Team, texts
from crmkit.engines.statistics.intervals import mean_interval
from crmkit_experience.reviews.agreeing import Level
from crmkit_experience.reviews.comparing import TOTAL, agreement, done_reviews, drifts
from crmkit_experience.reviews.models import Review
from crmkit_experience.reviews.reading import categories_by, checks_of, names_of
from crmkit_experience.reviews.words import CHECK_TITLES, WAITING

_ = texts("crmkit_experience")

READ = "experience.review.read"
BY = {
    "person": _("Person"),
    "team": _("Team"),
    "channel": _("Channel"),
    "month": _("Month"),
    "category": _("Category"),
}
LEVELS = {"nominal": _("Names"), "ordinal": _("Ranks"), "interval": _("Distances")}
CHECKED = 500
"""Conversations that the automatic checks look at in one report."""
KEY = Column(name="key", title=_("Key"), hidden=True)
LOW, HIGH = (
    Column(name="low", title=_("From (95%)"), kind="number"),
    Column(name="high", title=_("To (95%)"), kind="number"),
)


@frozen(kw_only=True)
class ScoreParameters:
    """Reviews of which days, and by what they are told apart."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[
        Literal["person", "team", "channel", "month", "category"],
        Input(title=_("By"), choices=BY, classified="internal"),
    ] = "person"


@frozen(kw_only=True)
class AgreementParameters:
    """As what scores are taken: names, ranks or distances."""

    level: Annotated[Level, Input(title=_("Scores as"), choices=LEVELS, classified="internal")] = "ordinal"


@frozen(kw_only=True)
class CheckParameters:
    """Conversations of reviews of which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def counted(session: CrmSession, period: Period, moment: Moment) -> Sequence[Review]:
    """Return the reviews of a period that count in scores: done, and not of a calibration."""
    query = select(Review).where(
        Review.state != WAITING,
        Review.calibration_id.is_(None),
        Review.done_on >= period.first,
        Review.done_on <= min(period.last, moment.today),
    )
    return session.scalars(query.order_by(Review.done_at, Review.id)).all()


def score_rows(session: CrmSession, parameters: ScoreParameters, moment: Moment) -> Table:
    """Return the mean score (IQS) of each group with Student's interval; of categories what they reach, in per cent."""
    reviews = counted(session, parameters.period, moment)
    groups: dict[str, list[float]] = defaultdict(list)
    failed: Counter[str] = Counter()
    titles: dict[str, Any] = {}
    if parameters.by == "category":
        titles = {each.key: each.title for held in categories_by(session, reviews).values() for each in held}
        for each in reviews:
            for key, share in each.shares.items():
                groups[key].append(100 * share)
                failed[key] += share < 0.5
    else:
        for each in reviews:
            key = _key(each, parameters.by)
            if each.score is not None:
                groups[key].append(each.score)
                failed[key] += each.failed
        titles = _titles(session, parameters.by, groups)
    rows = []
    for key in sorted(groups, key=lambda one: (str(titles.get(one, one)), one)):
        found = mean_interval(groups[key])
        rows.append(
            {
                "key": key or "none",
                "group": titles.get(key) or key or "–",
                "reviews": found.n,
                "score": found.value,
                "low": None if found.low is None else max(0.0, found.low),
                "high": None if found.high is None else min(100.0, found.high),
                "failed": failed[key],
            }
        )
    return Table(rows=rows)


def _key(review: Review, by: str) -> str:
    if by == "month":
        return f"{review.done_on:%Y-%m}"
    return {"person": str(review.owner_id or ""), "team": str(review.team_id or ""), "channel": review.channel}[by]


def _titles(session: CrmSession, by: str, groups: Mapping[str, Any]) -> dict[str, Any]:
    ids = [UUID(each) for each in groups if each] if by in ("person", "team") else []
    if by == "person":
        return {str(key): name for key, name in names_of(session, ids).items()}
    if by == "team" and ids:
        return {str(each.id): each.name for each in session.scalars(select(Team).where(Team.id.in_(ids)))}
    return {}


def agreement_rows(session: CrmSession, parameters: AgreementParameters, moment: Moment) -> Table:
    """Return how far raters agree on each category, of the conversations that several rated."""
    rows = [
        {
            "key": each.key,
            "group": _("Whole score") if each.key == TOTAL else each.title,
            "units": each.units,
            "raters": each.raters,
            "alpha": each.alpha.value,
            "low": each.alpha.low,
            "high": each.alpha.high,
            "kappa": each.kappa.value if each.kappa is not None else None,
            "kappa_low": each.kappa.low if each.kappa is not None else None,
            "kappa_high": each.kappa.high if each.kappa is not None else None,
        }
        for each in agreement(session, done_reviews(session), parameters.level)
    ]
    return Table(rows=rows)


def drift_rows(session: CrmSession, parameters: None, moment: Moment) -> Table:
    """Return by month and rater how far the rater lies above the others on the same conversations."""
    found = drifts(session, done_reviews(session))
    names = names_of(session, {each.rater_id for each in found})
    rows = [
        {
            "key": f"{each.month}:{each.rater_id}",
            "month": each.month,
            "rater": names.get(each.rater_id, "–"),
            "units": each.difference.n,
            "difference": each.difference.value,
            "low": each.difference.low,
            "high": each.difference.high,
        }
        for each in found
    ]
    return Table(rows=rows)


def check_rows(session: CrmSession, parameters: CheckParameters, moment: Moment) -> Table:
    """Return how often each automatic check passed, over the texts that the reader may see."""
    reviews = counted(session, parameters.period, moment)
    refs = list(dict.fromkeys(each.ref for each in reviews))
    passed: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for ref in refs[:CHECKED]:
        for each in checks_of(session, ref):
            if each.passed is not None:
                told[each.name] += 1
                passed[each.name] += each.passed
    notes = (
        [Note(text=_("Only the first {number} conversations were looked at."), values={"number": CHECKED})]
        if len(refs) > CHECKED
        else []
    )
    rows = [
        {"key": name, "group": title, "told": told[name], "passed": passed[name], "rate": None}
        for name, title in CHECK_TITLES.items()
    ]
    return Table(rows=rows, notes=notes)


REPORTS = [
    Report(
        name="experience.reviews",
        title=_("Quality of conversations"),
        rows=score_rows,
        parameters=ScoreParameters,
        defaults={"period": "last 3 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Group")),
            Column(name="reviews", title=_("Reviews"), kind="integer", total=True),
            Column(name="score", title=_("Score"), kind="number", doc=_("The mean of the reviews (IQS), 0 to 100.")),
            LOW,
            HIGH,
            Column(name="failed", title=_("Below half"), kind="integer", doc=_("Where something critical failed.")),
        ],
        charts=[Chart.bars("group", "score")],
        temporal=False,
        doc=_("The scores that people gave, with Student's interval. Calibrations and automatic checks do not count."),
    ),
    Report(
        name="experience.agreement",
        title=_("Agreement of reviewers"),
        rows=agreement_rows,
        parameters=AgreementParameters,
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Category")),
            Column(name="units", title=_("Conversations"), kind="integer"),
            Column(name="raters", title=_("Raters"), kind="integer"),
            Column(name="alpha", title=_("Krippendorff's alpha"), kind="number"),
            LOW,
            HIGH,
            Column(
                name="kappa",
                title=_("Kappa"),
                kind="number",
                doc=_("Cohen's for two raters, else Fleiss', over what all of them rated."),
            ),
            Column(name="kappa_low", title=_("Kappa from (95%)"), kind="number"),
            Column(name="kappa_high", title=_("Kappa to (95%)"), kind="number"),
        ],
        temporal=False,
        doc=_(
            "How far reviewers agree beyond chance on the same conversations; intervals by resampling conversations."
        ),
    ),
    Report(
        name="experience.reviewer_drift",
        title=_("Drift of reviewers"),
        rows=drift_rows,
        permission=READ,
        columns=[
            KEY,
            Column(name="month", title=_("Month")),
            Column(name="rater", title=_("Reviewer")),
            Column(name="units", title=_("Conversations"), kind="integer"),
            Column(
                name="difference",
                title=_("Difference"),
                kind="number",
                doc=_("In points of 100, to the mean of the others on the same conversations."),
            ),
            LOW,
            HIGH,
        ],
        temporal=False,
        doc=_("Who judges more kindly or more strictly than the others do, month by month."),
    ),
    Report(
        name="experience.review_checks",
        title=_("Automatic checks"),
        rows=check_rows,
        parameters=CheckParameters,
        defaults={"period": "last 3 months"},
        permission=READ,
        columns=[
            KEY,
            Column(name="group", title=_("Check")),
            Column(name="told", title=_("Conversations"), kind="integer"),
            Column(name="passed", title=_("Passed"), kind="integer"),
            Column(name="rate", title=_("Share"), kind="rate", successes="passed", trials="told"),
        ],
        temporal=False,
        doc=_("What word lists say of the conversations that were reviewed. It is never part of a score."),
    ),
]
