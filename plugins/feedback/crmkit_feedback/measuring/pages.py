"""The pages of satisfaction: figures of a survey by a dimension with what drives them, the trend; and a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from crmkit import CardLine, CrmkitError, CrmSession, DashboardCard, Page, texts
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.measuring.comparing import gaps
from crmkit_feedback.measuring.drawing import line, marks
from crmkit_feedback.measuring.driving import QUADRANTS, Drivers, drivers
from crmkit_feedback.measuring.parameters import PERMISSION, survey_for
from crmkit_feedback.measuring.rates import rates
from crmkit_feedback.measuring.reading import figures
from crmkit_feedback.measuring.recovering import BANDS, TITLES, recovery
from crmkit_feedback.measuring.reports import ALARMS
from crmkit_feedback.measuring.splitting import FIELDS, attributes_of
from crmkit_feedback.measuring.trending import LEAST, STEPS, Step, trend
from crmkit_feedback.surveys.models import Survey
from crmkit_feedback.surveys.words import METRICS

_ = texts("crmkit_feedback")

SPANS = {"90": _("The last 90 days"), "365": _("The last year"), "all": _("All answers")}
MOST_GROUPS = 30
CARD_DAYS = 90
CARD_SURVEYS = 3


def _asked(session: CrmSession, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what both pages are asked for: the survey, and the span of days."""
    surveys = list(session.scalars(select(Survey).order_by(Survey.title)))
    named = next((each for each in surveys if each.name == query.get("survey")), None)
    survey = named or survey_for(session, "") or (surveys[0] if surveys else None)
    span = query.get("span", "365") if query.get("span", "365") in SPANS else "365"
    since = None if span == "all" else session.today() - timedelta(days=int(span) - 1)
    return {"surveys": surveys, "survey": survey, "span": span, "spans": SPANS, "since": since}


def satisfaction_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the figure of a survey and of its groups, who was asked, what drives it, who was won back."""
    asked = _asked(session, query)
    survey, since = asked["survey"], asked["since"]
    if survey is None:
        return {**asked, "whole": None}
    language = session.actor.language or session.business().language
    by, wrong, groups = query.get("by", ""), "", ()
    (whole,) = figures(session, survey, None, since)
    try:
        groups = figures(session, survey, by, since) if by else ()
    except CrmkitError as error:
        wrong = error.render(language)
    (rate,) = rates(session, survey, None, since) or (None,)
    driven: Drivers | None = None
    try:
        driven = drivers(session, survey, since)
    except CrmkitError:
        driven = None
    differ = [each for each in gaps(groups) if each.adjusted is not None and each.adjusted < 0.05]
    titles = {each.key: each.title for each in groups}
    return {
        **asked,
        "whole": whole,
        "drawn": marks([whole, *sorted(groups, key=lambda each: -each.n)[:MOST_GROUPS]], whole.metric),
        "groups": groups,
        "by": by,
        "wrong": wrong,
        "ways": [*FIELDS, *attributes_of(session, survey), "label.lifecycle", "label.value"],
        "differ": [(titles.get(each.one, each.one), titles.get(each.other, each.other), each) for each in differ],
        "rate": rate,
        "driven": driven,
        "quadrants": QUADRANTS,
        "recovered": recovery(session, survey, since),
        "bands": [(name, TITLES[name]) for name in BANDS],
        "metrics": METRICS,
    }


def trend_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the trend of a survey by week or month, with limits, alarms and what happened."""
    asked = _asked(session, query)
    survey = asked["survey"]
    if survey is None:
        return {**asked, "found": None}
    step: Step = "week" if query.get("step") == "week" else "month"
    found = trend(session, survey, step, asked["since"])
    known = sum(each.figure.value is not None for each in found.points)
    return {
        **asked,
        "found": found,
        "drawn": line(found.points, found.centre),
        "step": step,
        "steps": STEPS,
        "alarms": ALARMS,
        "few": known < LEAST,
        "known": known,
        "metrics": METRICS,
    }


def card(session: CrmSession) -> Sequence[CardLine]:
    """Return the score of the last ninety days of the surveys answered last."""
    since = session.today() - timedelta(days=CARD_DAYS - 1)
    last = func.max(SurveyResponse.answered_at)
    query = select(SurveyResponse.survey_id).where(SurveyResponse.score.is_not(None))
    ids = session.scalars(query.group_by(SurveyResponse.survey_id).order_by(last.desc()).limit(CARD_SURVEYS))
    lines: list[CardLine] = []
    for each in list(ids):
        survey = session.get(Survey, each)
        if survey is None:
            continue
        (found,) = figures(session, survey, None, since)
        if found.value is None or found.n < survey.small:
            continue
        lines.append(
            CardLine(
                title=survey.title,
                hint=_("{count} answers in 90 days"),
                values={"count": found.n},
                facts=[(METRICS[found.metric], f"{100 * (found.low or 0):.0f} – {100 * (found.high or 0):.0f}")],
                figure=f"{100 * found.value:.0f}",
                path=f"/modules/feedback/satisfaction?survey={survey.name}",
                icon="heart",
            )
        )
    return lines


PAGES = [
    Page(
        name="feedback.satisfaction",
        title=_("Satisfaction"),
        path="/satisfaction",
        template="feedback/measuring/satisfaction.html",
        context=satisfaction_page,
        permission=PERMISSION,
        icon="heart",
        order=56,
    ),
    Page(
        name="feedback.trend",
        title=_("Satisfaction over time"),
        path="/trend",
        template="feedback/measuring/trend.html",
        context=trend_page,
        permission=PERMISSION,
        icon="chart-line",
        order=57,
    ),
]
CARDS = [
    DashboardCard(
        name="feedback.satisfaction",
        title=_("Satisfaction"),
        rows=card,
        permission=PERMISSION,
        path="/modules/feedback/satisfaction",
        icon="heart",
    )
]
