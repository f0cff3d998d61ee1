"""The pages of improvements: the list, one with its before and after, and what themes do to the score.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, NotFound, Page, Team, User, texts
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.improving.drawing import bars
from crmkit_feedback.improving.impact import impacts
from crmkit_feedback.improving.judging import LEAST, Comparison, compared
from crmkit_feedback.improving.models import ACTION_STATES, Annotation, Improvement
from crmkit_feedback.improving.operations import OPEN, path_of
from crmkit_feedback.items.measuring import span as span_of
from crmkit_feedback.items.repeating import repeat_rates
from crmkit_feedback.measuring.parameters import survey_for
from crmkit_feedback.measuring.reading import figures
from crmkit_feedback.surveys.models import Survey
from crmkit_feedback.surveys.words import METRICS

_ = texts("crmkit_feedback")

READ = "feedback.improvement.read"
HOME = "/modules/feedback/improvements"
SHOWN = 100
SPANS = {"90": _("The last 90 days"), "365": _("The last year"), "all": _("All answers")}
VIEWS = {"open": _("Open"), "late": _("Late"), "judged": _("Judged"), "all": _("All")}
TONES = {"in_progress": "info", "released": "info", "verified": "good", "ineffective": "warn"}
VERDICTS = {
    "helped": _("It helped"),
    "worse": _("It is worse than before"),
    "not_shown": _("Not shown: chance alone makes such a difference"),
}
JUDGES = {"answers": _("By the answers of customers"), "person": _("By somebody's word")}
ACTS = {
    "start": (_("Begin"), ("planned", "dropped", "ineffective")),
    "release": (_("Released"), ("planned", "in_progress")),
    "verify": (_("Judge whether it helped"), ("released",)),
    "drop": (_("Drop"), OPEN),
    "update": (_("Change the improvement"), tuple(ACTION_STATES)),
}
"""What can be done with an improvement in which states, by the last part of the operation's name."""


def improvements_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the improvements of a view, what is due first first, and what happened lately."""
    view = query.get("view", "open") if query.get("view", "open") in VIEWS else "open"
    today = session.today()
    late = Improvement.state.in_(("planned", "in_progress")) & (Improvement.due_on < today)
    conditions: dict[str, Any] = {
        "open": Improvement.state.in_(OPEN),
        "late": late,
        "judged": Improvement.state.in_(("verified", "ineffective")),
        "all": Improvement.id.is_not(None),
    }
    wanted = select(Improvement).where(conditions[view])
    wanted = wanted.order_by(Improvement.due_on.is_(None), Improvement.due_on, Improvement.number)
    items = session.scalars(wanted.limit(SHOWN)).all()
    happened = session.scalars(select(Annotation).order_by(Annotation.day.desc(), Annotation.id).limit(10)).all()
    return {
        "items": items,
        "view": view,
        "views": VIEWS,
        "late": session.scalar(select(func.count(Improvement.id)).where(late)) or 0,
        "states": ACTION_STATES,
        "tones": TONES,
        "owners": _names(session, User, "name", [each.owner_id for each in items]),
        "themes": _names(session, Theme, "title", [each.theme_id for each in items]),
        "surveys": _names(session, Survey, "title", [each.survey_id for each in happened]),
        "happened": happened,
        "today": today,
        "home": HOME,
        "path_of": path_of,
        "may_create": _may(session, "feedback.improvement", "create"),
        "may_annotate": _may(session, "feedback.annotation", "manage"),
    }


def improvement_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of an improvement shows. Raises NotFound."""
    try:
        improvement = session.get(Improvement, UUID(query.get("id", "")))
    except ValueError:
        improvement = None
    if improvement is None:
        raise NotFound(_("There is no such improvement."))
    comparison: Comparison | None = None
    wrong = ""
    if improvement.state == "released":
        try:
            comparison = compared(session, improvement)
        except CrmkitError as error:
            wrong = error.render(session.actor.language or session.business().language)
    may = _may(session, "feedback.improvement", "update")
    return {
        "improvement": improvement,
        "result": improvement.result if improvement.result.get("verdict") else None,
        "comparison": comparison,
        "least": LEAST,
        "wrong": wrong,
        "states": ACTION_STATES,
        "tones": TONES,
        "verdicts": VERDICTS,
        "judges": JUDGES,
        "metrics": METRICS,
        "owner": _names(session, User, "name", [improvement.owner_id]).get(improvement.owner_id),
        "team": _names(session, Team, "name", [improvement.team_id]).get(improvement.team_id),
        "about": _names(session, Theme, "title", [improvement.theme_id]).get(improvement.theme_id),
        "survey": session.get(Survey, improvement.survey_id) if improvement.survey_id is not None else None,
        "late": improvement.state in ("planned", "in_progress")
        and improvement.due_on is not None
        and improvement.due_on < session.today(),
        "acts": [(name, title) for name, (title, states) in ACTS.items() if may and improvement.state in states],
        "here": path_of(improvement),
        "home": HOME,
    }


def impact_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what themes do to the score of a survey, and how often customers come back with them."""
    surveys = list(session.scalars(select(Survey).order_by(Survey.title)))
    named = next((each for each in surveys if each.name == query.get("survey")), None)
    survey = named or survey_for(session, "") or (surveys[0] if surveys else None)
    span = query.get("span", "365") if query.get("span", "365") in SPANS else "365"
    asked = {"surveys": surveys, "survey": survey, "span": span, "spans": SPANS}
    if survey is None:
        return asked
    today = session.today()
    since = None if span == "all" else today - timedelta(days=int(span) - 1)
    found = impacts(session, survey, since)
    (whole,) = figures(session, survey, None, since)
    begin, end = span_of(session, since or today - timedelta(days=3650), today)
    return {
        **asked,
        "found": found,
        "drawn": bars(found),
        "whole": whole,
        "again": repeat_rates(session, begin, end),
        "metrics": METRICS,
        "small": survey.small,
        "may_create": _may(session, "feedback.improvement", "create"),
    }


def _names(session: CrmSession, model: Any, name: str, ids: Collection[UUID | None]) -> dict[UUID | None, Any]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: getattr(each, name) for each in session.scalars(select(model).where(model.id.in_(wanted)))}


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="feedback.improvements",
        title=_("Improvements"),
        path="/improvements",
        template="feedback/improving/improvements.html",
        context=improvements_page,
        permission=READ,
        icon="list-check",
        order=59,
    ),
    Page(
        name="feedback.improvement",
        title=_("Improvement"),
        path="/improvement",
        template="feedback/improving/improvement.html",
        context=improvement_page,
        permission=READ,
        menu=False,
    ),
    Page(
        name="feedback.impact",
        title=_("Impact of themes"),
        path="/impact",
        template="feedback/improving/impact.html",
        context=impact_page,
        permission="feedback.score.read",
        icon="chart-bar",
        order=58,
    ),
]
