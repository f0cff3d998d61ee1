"""The pages of quality: the overview with scores and their course, violations, and the card of the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import select

from crmkit import CardLine, CrmSession, Customer, DashboardCard, Page, new_id, texts
from crmkit_quality.rules.models import ASPECTS, SEVERITIES, FieldRule, Violation
from crmkit_quality.scores.fields import title_of
from crmkit_quality.scores.models import CustomerScore
from crmkit_quality.scores.reading import TrendPoint, quality_report, rule_title, trend, violations_by_rule

_ = texts("crmkit_quality")

SHOWN = 100
WORST = 8
WIDTH, HEIGHT = 640, 140
PLACE = "/modules/quality"
TONES = {"error": "bad", "warning": "warn", "info": "info"}


@frozen(kw_only=True)
class Line:
    """A line of a chart: its title, and its points in the chart's units."""

    title: str
    points: str


def chart(points: Sequence[TrendPoint]) -> Sequence[Line]:
    """Return the lines of the chart of some points: the score, completeness and validity, from 0 at the bottom to 1 at
    the top."""
    if len(points) < 2:
        return []
    step = WIDTH / (len(points) - 1)
    found = [(_("Score"), [each.score for each in points])]
    found += [(ASPECTS[name], [each.aspects[name] for each in points]) for name in ("completeness", "validity")]
    return [
        Line(
            title=title,
            points=" ".join(
                f"{place * step:.1f},{HEIGHT * (1 - value):.1f}"
                for place, value in enumerate(values)
                if value is not None
            ),
        )
        for title, values in found
    ]


def overview(session: CrmSession) -> Mapping[str, Any]:
    """Return the scores of the customers that the reader may see, and their course for who sees them all."""
    found = quality_report(session)
    return {
        "report": found,
        "aspects": ASPECTS,
        "lines": chart(found.trend),
        "width": WIDTH,
        "height": HEIGHT,
        "worst": found.fields[:WORST],
        "tones": TONES,
        "severities": SEVERITIES,
        "field_title": title_of,
        "may_check": may(session, "quality.check", "run"),
        "may_rules": may(session, "quality.rule", "update"),
        "key": str(new_id()),
    }


def violations(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the rules that do not hold, and for whom one of them does not, the latest first."""
    counts = violations_by_rule(session)
    chosen = query.get("rule") or (counts[0].rule if counts else "")
    rule = session.scalar(select(FieldRule).where(FieldRule.name == chosen))
    rows: list[tuple[Violation, Customer]] = []
    if rule is not None:
        found = (
            select(Violation, Customer)
            .join(Customer, Customer.id == Violation.customer_id)
            .where(Violation.rule == chosen)
            .order_by(Violation.since.desc(), Violation.id)
            .limit(SHOWN)
        )
        rows = [(row[0], row[1]) for row in session.execute(found)]
    return {
        "counts": counts,
        "rule": rule,
        "title": "" if rule is None else rule_title(rule),
        "rows": rows,
        "tones": TONES,
        "severities": SEVERITIES,
        "aspects": ASPECTS,
        "field_title": title_of,
        "shown": SHOWN,
        "may_rules": may(session, "quality.rule", "update"),
    }


def may(session: CrmSession, resource: str, action: str) -> bool:
    """Say whether the reader may do something at all."""
    return bool(session.guarding.rights.scope(resource, action) != "none")


def card(session: CrmSession) -> Sequence[CardLine]:
    """Return the score and what to look at, and nothing before the first check."""
    if session.scalar(select(CustomerScore.id).limit(1)) is None:
        return []
    last = trend(session, points=1)
    lines = [
        CardLine(
            title=each.title,
            hint=title_of(each.about),
            figure=each.customers,
            path=f"{PLACE}/violations?rule={each.rule}",
            tone="bad",
            icon="alert-triangle",
        )
        for each in violations_by_rule(session)
        if each.severity == "error"
    ][:3]
    if last and last[0].score is not None:
        score = last[0].score
        lines.insert(
            0,
            CardLine(
                title=_("Quality of data"),
                figure=f"{score:.0%}",
                path=PLACE,
                icon="stethoscope",
                tone="good" if score >= 0.8 else "warn" if score >= 0.5 else "bad",
            ),
        )
    return lines


PAGES = [
    Page(
        name="quality.overview",
        title=_("Data quality"),
        path="",
        template="quality/scores/overview.html",
        context=overview,
        permission="quality.score.read",
        icon="stethoscope",
        order=40,
    ),
    Page(
        name="quality.violations",
        title=_("Violations"),
        path="/violations",
        template="quality/scores/violations.html",
        context=violations,
        permission="quality.violation.read",
        icon="alert-triangle",
        menu=False,
    ),
]
CARDS = [
    DashboardCard(
        name="quality.overview",
        title=_("Data quality"),
        rows=card,
        permission="quality.score.read",
        path=PLACE,
        icon="stethoscope",
        order=70,
    )
]
