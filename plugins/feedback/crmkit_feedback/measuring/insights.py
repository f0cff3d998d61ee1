"""The reports of what stands behind figures: drivers, recovery, money, and whether they were helped along."""

from __future__ import annotations

from typing import Annotated, Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Report, Table, texts
from crmkit_feedback.measuring.driving import QUADRANTS, drivers
from crmkit_feedback.measuring.earning import CONFOUNDERS, NOT_HELD, money
from crmkit_feedback.measuring.gaming import KINDS, suspicions
from crmkit_feedback.measuring.parameters import NO_SURVEY, PERMISSION, OfSurvey, survey_for
from crmkit_feedback.measuring.recovering import BANDS, TITLES, recovery

_ = texts("crmkit_feedback")

KEY = Column(name="key", title=_("Key"), hidden=True)


@frozen(kw_only=True)
class MoneyAfter:
    """Over how many days it is looked at what came of a score."""

    days: Annotated[int, Input(title=_("Days afterwards"), minimum=7, maximum=1825, classified="internal")] = 180


def driver_rows(session: CrmSession, parameters: OfSurvey, _moment: Moment) -> Table:
    """Return the ratings by what part of the score they explain, and what to see to first. Raises MissingExtra."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    found = drivers(session, survey, parameters.period.first, parameters.period.last)
    rows = [
        {
            "key": each.key,
            "rating": each.key,
            "share": round(each.share, 4),
            "low": None if each.low is None else round(each.low, 4),
            "high": None if each.high is None else round(each.high, 4),
            "part": round(each.part, 4),
            "performance": round(each.performance, 1),
            "mean": round(each.mean, 2),
            "quadrant": QUADRANTS[each.quadrant],
        }
        for each in found.drivers
    ]
    if found.r2 is None:
        text = _("Too few answers have all ratings: {n} of {of}. Ten are needed for each rating.")
        return Table(rows=[], notes=[Note(text=text, values={"n": found.n, "of": found.of})])
    text = _(
        "Together they explain {share} % of what the score varies by, in {n} of {of} answers that have all of them."
    )
    notes = [Note(text=text, values={"share": f"{100 * found.r2:.1f}", "n": found.n, "of": found.of})]
    return Table(
        rows=rows, notes=[*notes, Note(text=_("That ratings go with the score does not say that they cause it."))]
    )


def recovery_rows(session: CrmSession, parameters: OfSurvey, _moment: Moment) -> Table:
    """Return what customers of each band said later, with the tests of change."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    found = recovery(session, survey, parameters.period.first, parameters.period.last)
    rows = [
        {
            "key": band,
            "from": TITLES[band],
            **dict(zip(BANDS, counts, strict=True)),
            "n": sum(counts),
            "up": sum(counts[place + 1 :]),
            "better": None,
        }
        for place, (band, counts) in enumerate(zip(BANDS, found.table, strict=True))
    ]
    text = _(
        "{n} customers have answered more than once. Change of the dissatisfied: p = {p} (McNemar); of all: p = {q}."
    )
    values = {"n": found.n, "p": f"{found.test.p_value:.4f}", "q": f"{found.symmetry.p_value:.4f}"}
    return Table(rows=rows, notes=[Note(text=text, values=values)])


def money_rows(session: CrmSession, parameters: MoneyAfter, moment: Moment) -> Table:
    """Return what came of each band of satisfaction: who bought again, and what was spent since."""
    found = money(session, parameters.days, moment=moment)
    rows = [
        {
            "key": each.band,
            "band": TITLES[each.band],
            "n": each.n,
            "stayed": each.stayed,
            "kept": None,
            "spent": None if each.mean is None else round(each.mean),
            "low": None if each.low is None else round(each.low),
            "high": None if each.high is None else round(each.high),
        }
        for each in found.bands
    ]
    notes: list[Note] = []
    if found.adjusted is None:
        notes.append(Note(text=_("No group of customers that are alike has both satisfied and dissatisfied ones.")))
    else:
        own = found.adjusted
        text = _(
            "Among customers alike before, {share} points more of the satisfied bought again ({low} to {high}, "
            "p = {p}; without holding anything equal: {plain})."
        )
        shares = {"share": own.stayed, "low": own.low, "high": own.high, "plain": own.plain}
        values: dict[str, Any] = {name: f"{100 * each:+.1f}" for name, each in shares.items()}
        notes.append(Note(text=text, values={**values, "p": f"{own.p_value:.4f}"}))
    notes.extend(Note(text=_("Held equal: {what}."), values={"what": CONFOUNDERS[name]}) for name in found.held)
    notes.extend(Note(text=_("Not held equal: {what}."), values={"what": each}) for each in NOT_HELD)
    return Table(rows=rows, notes=notes)


def gaming_rows(session: CrmSession, parameters: OfSurvey, _moment: Moment) -> Table:
    """Return what looks as if figures had been helped along."""
    survey = survey_for(session, parameters.survey)
    if survey is None:
        return Table(rows=[], notes=[NO_SURVEY])
    found = suspicions(session, survey, parameters.period.first, parameters.period.last)
    rows = [
        {
            "key": f"{each.kind}:{each.key}",
            "what": KINDS[each.kind],
            "whom": each.title,
            "count": each.count,
            "of": each.of,
            "p": None if each.p_value is None else round(each.p_value, 6),
        }
        for each in found
    ]
    return Table(rows=rows, notes=[Note(text=_("Something to look at, and no proof of anything."))])


_PERIOD = {"period": "last 365 days"}
REPORTS = [
    Report(
        name="feedback.drivers",
        title=_("Drivers of satisfaction"),
        doc=_("Which ratings explain the score (Shapley shares of R²), and which to improve first."),
        rows=driver_rows,
        parameters=OfSurvey,
        defaults=_PERIOD,
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="rating", title=_("Rating")),
            Column(name="share", title=_("Share of R²"), kind="share", doc=_("Lindeman, Merenda and Gold (1980).")),
            Column(name="low", title=_("At least"), kind="share"),
            Column(name="high", title=_("At most"), kind="share"),
            Column(name="part", title=_("Part of what is explained"), kind="share"),
            Column(name="performance", title=_("Performance (0 to 100)"), kind="number"),
            Column(name="mean", title=_("Mean"), kind="number"),
            Column(name="quadrant", title=_("What to do")),
        ],
        charts=[Chart.bars("rating", "share", title=_("Share of R²"))],
    ),
    Report(
        name="feedback.recovery",
        title=_("Recovery of the dissatisfied"),
        doc=_("From the first answer of each customer to the last: who was won back, and who was lost."),
        rows=recovery_rows,
        parameters=OfSurvey,
        defaults=_PERIOD,
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="from", title=_("First answer")),
            *(Column(name=band, title=TITLES[band], kind="integer") for band in BANDS),
            Column(name="n", title=_("Customers"), kind="integer"),
            Column(name="up", title="", kind="integer", hidden=True),
            Column(name="better", title=_("Better later"), kind="rate", successes="up", trials="n"),
        ],
        charts=[Chart.stack("from", *BANDS, title=_("Last answer"))],
    ),
    Report(
        name="feedback.money",
        title=_("Satisfaction and money"),
        doc=_("Whether those who were satisfied stayed and spent more, and whether that holds among customers alike."),
        rows=money_rows,
        parameters=MoneyAfter,
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="band", title=_("Score then")),
            Column(name="n", title=_("Customers"), kind="integer"),
            Column(name="stayed", title="", kind="integer", hidden=True),
            Column(name="kept", title=_("Bought again"), kind="rate", successes="stayed", trials="n"),
            Column(name="spent", title=_("Spent since, mean"), kind="money"),
            Column(name="low", title=_("At least"), kind="money"),
            Column(name="high", title=_("At most"), kind="money"),
        ],
        charts=[Chart.intervals("band", "kept", title=_("Bought again"))],
    ),
    Report(
        name="feedback.gaming",
        title=_("Figures helped along"),
        doc=_("Owners who ask few, runs of top scores, several answers from one device."),
        rows=gaming_rows,
        parameters=OfSurvey,
        defaults=_PERIOD,
        permission=PERMISSION,
        columns=[
            KEY,
            Column(name="what", title=_("What")),
            Column(name="whom", title=_("Who")),
            Column(name="count", title=_("How many"), kind="integer"),
            Column(name="of", title=_("Out of"), kind="integer"),
            Column(name="p", title=_("Chance of it"), kind="number"),
        ],
    ),
]
