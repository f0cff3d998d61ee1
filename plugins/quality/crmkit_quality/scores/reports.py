"""The reports on quality: scores by owner, source or field, violations by rule, and the course of the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Note, Report, Table, texts
from crmkit_quality.rules.models import ASPECTS, SEVERITIES
from crmkit_quality.scores.fields import title_of
from crmkit_quality.scores.reading import GroupScore, quality_report, trend, violations_by_rule

_ = texts("crmkit_quality")

GROUPINGS = {"owner": _("Owner"), "source": _("Source"), "field": _("Field")}


@frozen(kw_only=True)
class ScoreParameters:
    """What the scores are grouped by."""

    by: Annotated[
        Literal["owner", "source", "field"], Input(title=_("By"), choices=GROUPINGS, classified="internal")
    ] = "owner"


def score_rows(session: CrmSession, parameters: ScoreParameters, moment: object) -> Table:
    """Return the scores of each group of the customers that the reader may see, the worst first."""
    found = quality_report(session, points=1)
    groups: Mapping[str, Sequence[GroupScore]] = {
        "owner": found.owners,
        "source": found.sources,
        "field": found.fields,
    }
    rows = [
        {"key": each.key or "-", "group": each.title, "customers": each.customers, "score": each.score, **each.aspects}
        for each in groups[parameters.by]
    ]
    notes = [] if found.checked_at is not None else [Note(text=_("Nothing has been checked yet."))]
    return Table(rows=rows, notes=notes)


def violation_rows(session: CrmSession, parameters: None, moment: object) -> list[dict[str, Any]]:
    """Return the rules that do not hold, with the number of customers that the reader may see."""
    return [
        {
            "rule": each.rule,
            "title": each.title,
            "about": title_of(each.about),
            "severity": SEVERITIES[each.severity],
            "customers": each.customers,
        }
        for each in violations_by_rule(session)
    ]


def trend_rows(session: CrmSession, parameters: None, moment: object) -> list[dict[str, Any]]:
    """Return the scores of all customers after each check, for whoever sees them all."""
    return [
        {
            "at": each.measured_at,
            "score": each.score,
            **each.aspects,
            "customers": each.customers,
            "violations": each.violations,
        }
        for each in trend(session, points=400)
    ]


_ASPECTS = [Column(name=name, title=title, kind="share") for name, title in ASPECTS.items()]
_SCORE = Column(
    name="score",
    title=_("Score"),
    kind="share",
    doc=_("The mean of the customers' scores, by the weights of the settings."),
)
_CUSTOMERS = Column(name="customers", title=_("Customers"), kind="integer", doc=_("Customers that were measured."))

REPORTS = [
    Report(
        name="quality.scores",
        title=_("Quality of data"),
        rows=score_rows,
        parameters=ScoreParameters,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="group", title=_("Group")),
            _CUSTOMERS,
            _SCORE,
            *_ASPECTS,
        ],
        charts=[Chart.bars("group", "score")],
        counts="customers",
        temporal=False,
        doc=_("Completeness, validity, uniqueness, consistency and timeliness of customers' data."),
    ),
    Report(
        name="quality.violations",
        title=_("Field rules that do not hold"),
        rows=violation_rows,
        columns=[
            Column(name="rule", title=_("Rule"), hidden=True),
            Column(name="title", title=_("Rule")),
            Column(name="about", title=_("Field")),
            Column(name="severity", title=_("Severity")),
            Column(
                name="customers", title=_("Customers"), kind="integer", doc=_("Customers for whom it does not hold.")
            ),
        ],
        charts=[Chart.bars("title", "customers")],
        counts="customers",
        temporal=False,
        doc=_("For how many customers which rule does not hold."),
    ),
    Report(
        name="quality.trend",
        title=_("Quality of data over time"),
        rows=trend_rows,
        columns=[
            Column(name="at", title=_("Checked at"), kind="instant"),
            _SCORE,
            *_ASPECTS,
            _CUSTOMERS,
            Column(name="violations", title=_("Violations"), kind="integer"),
        ],
        charts=[Chart.lines("at", "score", "completeness", "validity")],
        counts="customers",
        temporal=False,
        doc=_("The scores of all customers after each check of everything."),
    ),
]
