"""Improvements: planned, begun, released, judged by later answers, or dropped.

Must not know how answers are compared, nor when they are looked at.
"""

from __future__ import annotations

import contextlib
from typing import Annotated, Any
from uuid import UUID

from crmkit_work.api import NewNotice, main_team, notify
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import UNSET, CrmkitError, CrmSession, Input, UnsetType, customers_where, operation, texts
from crmkit.i18n import translate
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.improving import inputs
from crmkit_feedback.improving.errors import ImprovementInState, NotYetJudged
from crmkit_feedback.improving.events import ImprovementMoved
from crmkit_feedback.improving.judging import LEAST, compared, result_of
from crmkit_feedback.improving.models import Annotation, Improvement
from crmkit_feedback.items.history import problem as wrong
from crmkit_feedback.items.models import FeedbackCounter
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

UPDATE = "feedback.improvement.update"
NOTICE = "feedback.improvement"
OPEN = ("planned", "in_progress", "released")
_COUNTER = "improvement"


def path_of(improvement: Improvement) -> str:
    """Return the page of an improvement."""
    return f"/modules/feedback/improvement?id={improvement.id}"


def tell(session: CrmSession, improvement: Improvement, text: str, *, kind: str = NOTICE, **values: Any) -> None:
    """Tell the owner something about an improvement, by a notice that leads to it."""
    notice = NewNotice(
        kind=kind,
        title=text,
        values={"number": str(improvement.number), "what": improvement.title, **values},
        ref=f"feedback.improvement:{improvement.id}",
        path=path_of(improvement),
    )
    notify(session, [improvement.owner_id], notice)


@operation("feedback.improvement.create", title=_("Plan an improvement"), effect="create")
def create_improvement(
    session: CrmSession,
    *,
    title: inputs.Title,
    problem: inputs.Problem,
    cause: inputs.Cause = "",
    action: inputs.Action = "",
    theme_id: inputs.ThemeId | None = None,
    survey_id: inputs.SurveyId | None = None,
    condition: inputs.Condition = "",
    owner_id: inputs.OwnerId | None = None,
    team_id: inputs.TeamId | None = None,
    due_on: inputs.DueOn | None = None,
    verify_after: inputs.VerifyAfter = 50,
) -> Improvement:
    """Plan an improvement; without an owner it is whoever's plans it, without a team that of its owner. Raises
    InvalidInput for a condition that cannot be used and for empty texts, NotFound for a theme or survey that there is
    not."""
    owner = owner_id or session.actor.user_id
    if team_id is None and owner is not None:
        team_id = main_team(session, owner)
    improvement = Improvement(
        number=_next_number(session),
        title=title.strip(),
        problem=problem.strip(),
        cause=cause.strip() or None,
        action=action.strip() or None,
        theme_id=theme_id,
        survey_id=survey_id,
        condition=condition.strip() or None,
        owner_id=owner,
        team_id=team_id,
        due_on=due_on,
        verify_after=verify_after,
        result={},
    )
    _check(session, improvement)
    session.add(improvement)
    session.flush()
    _told_of(session, improvement)
    return improvement


@operation("feedback.improvement.update", title=_("Change the improvement"), effect="update")
def update_improvement(
    session: CrmSession,
    improvement: Improvement,
    *,
    title: inputs.Title | UnsetType = UNSET,
    problem: inputs.Problem | UnsetType = UNSET,
    cause: inputs.Cause | UnsetType | None = UNSET,
    action: inputs.Action | UnsetType | None = UNSET,
    theme_id: inputs.ThemeId | UnsetType | None = UNSET,
    survey_id: inputs.SurveyId | UnsetType | None = UNSET,
    condition: inputs.Condition | UnsetType | None = UNSET,
    owner_id: inputs.OwnerId | UnsetType | None = UNSET,
    team_id: inputs.TeamId | UnsetType | None = UNSET,
    due_on: inputs.DueOn | UnsetType | None = UNSET,
    verify_after: inputs.VerifyAfter | UnsetType = UNSET,
) -> Improvement:
    """Change an improvement; what is not given stays. By what it is measured stays once it is judged: raises
    ImprovementInState then, and as creating one does."""
    measured = {
        "theme_id": theme_id,
        "survey_id": survey_id,
        "condition": condition,
        "verify_after": verify_after,
    }
    given: dict[str, Any] = {
        "title": title,
        "problem": problem,
        "cause": cause,
        "action": action,
        "owner_id": owner_id,
        "team_id": team_id,
        "due_on": due_on,
        **measured,
    }
    changed = {
        name: (value.strip() or None) if isinstance(value, str) else value
        for name, value in given.items()
        if not isinstance(value, UnsetType)
    }
    changed = {name: value for name, value in changed.items() if getattr(improvement, name) != value}
    if measured.keys() & changed.keys():
        _require(improvement, OPEN)
    for name, value in changed.items():
        setattr(improvement, name, value)
    if "due_on" in changed:
        improvement.told_on = None
    _check(session, improvement)
    session.flush()
    if "owner_id" in changed:
        _told_of(session, improvement)
    return improvement


@operation("feedback.improvement.start", title=_("Begin"), permission=UPDATE, effect="update")
def start(session: CrmSession, improvement: Improvement) -> Improvement:
    """Begin with an improvement, or anew with one that was dropped or did not help. Raises ImprovementInState."""
    _require(improvement, ("planned", "dropped", "ineffective"))
    improvement.released_on, improvement.result = None, {}
    _move(session, improvement, "in_progress")
    return improvement


@operation("feedback.improvement.release", title=_("Released"), permission=UPDATE, effect="update")
def release(
    session: CrmSession,
    improvement: Improvement,
    *,
    released_on: inputs.ReleasedOn | None = None,
    annotate: Annotated[bool, Input(title=_("Show it in the trend"), classified="internal")] = True,
) -> Improvement:
    """Say since when an improvement holds; answers from the next day on are compared with those before. Raises
    ImprovementInState, InvalidInput for a day to come."""
    _require(improvement, ("planned", "in_progress"))
    day = released_on or session.today()
    if day > session.today():
        raise wrong("released_on", _("That day is still to come."))
    improvement.released_on, improvement.result = day, {}
    _move(session, improvement, "released")
    if annotate:
        language = session.business().language
        title = translate(_("Released: {title}"), language, title=improvement.title)
        session.add(Annotation(day=day, title=title[:200], survey_id=improvement.survey_id))
    return improvement


@operation("feedback.improvement.verify", title=_("Judge whether it helped"), permission=UPDATE, effect="update")
def verify(
    session: CrmSession,
    improvement: Improvement,
    *,
    helped: Annotated[
        bool | None,
        Input(
            title=_("It helped"), classified="internal", help=_("Without an answer the answers of customers decide.")
        ),
    ] = None,
    note: inputs.Note = "",
) -> Improvement:
    """Judge an improvement by the answers of customers, or by one's own word. Raises ImprovementInState for one that is
    not released, NotYetJudged where there are too few answers, as for one that no survey measures."""
    _require(improvement, ("released",))
    comparison = compared(session, improvement)
    if helped is None:
        if comparison is None or not comparison.enough:
            after, before = (comparison.after.n, comparison.before.n) if comparison is not None else (0, 0)
            raise NotYetJudged(improvement.number, after, improvement.verify_after, before, LEAST)
        settle(session, improvement, {**result_of(comparison), "judge": "answers", "note": note.strip()})
        return improvement
    found: dict[str, Any] = {}
    if comparison is not None and comparison.after.n and comparison.before.n:
        found = result_of(comparison)
    verdict = "helped" if helped else "not_shown"
    settle(session, improvement, {**found, "verdict": verdict, "judge": "person", "note": note.strip()})
    return improvement


@operation("feedback.improvement.drop", title=_("Drop"), permission=UPDATE, effect="update")
def drop(session: CrmSession, improvement: Improvement) -> Improvement:
    """Drop an improvement. Raises ImprovementInState for one that is judged or dropped."""
    _require(improvement, OPEN)
    _move(session, improvement, "dropped")
    return improvement


def settle(session: CrmSession, improvement: Improvement, result: dict[str, Any]) -> None:
    """Keep what came out of an improvement, move it on, and tell its owner."""
    improvement.result = {**result, "judged_on": session.today().isoformat()}
    helped = result["verdict"] == "helped"
    _move(session, improvement, "verified" if helped else "ineffective")
    if helped:
        text = _("Improvement {number} has helped: {what}")
    elif result["verdict"] == "worse":
        text = _("Since improvement {number} it is worse: {what}")
    else:
        text = _("Improvement {number} is not shown to have helped: {what}")
    tell(session, improvement, text)


def _move(session: CrmSession, improvement: Improvement, state: str) -> None:
    before, improvement.state = improvement.state, state
    session.flush()
    session.emit(ImprovementMoved(improvement_id=improvement.id, from_state=before, to_state=state))


def _require(improvement: Improvement, allowed: tuple[str, ...]) -> None:
    if improvement.state not in allowed:
        raise ImprovementInState(improvement.number, improvement.state, allowed)


def _told_of(session: CrmSession, improvement: Improvement) -> None:
    if improvement.owner_id is not None and improvement.owner_id != session.actor.user_id:
        tell(session, improvement, _("Improvement {number} is yours: {what}"))


def _check(session: CrmSession, improvement: Improvement) -> None:
    for name in ("title", "problem"):
        if not getattr(improvement, name):
            raise wrong(name, _("This cannot be empty."))
    named: tuple[tuple[Any, UUID | None], ...] = ((Theme, improvement.theme_id), (Survey, improvement.survey_id))
    for model, identity in named:
        if identity is not None:
            session.get_one(model, identity)
    if improvement.condition:
        try:
            customers_where(session, improvement.condition)
        except CrmkitError as error:
            language = session.actor.language or session.business().language
            message = _("This condition cannot be used: {reason}")
            raise wrong("condition", message, reason=error.render(language)) from error


def _next_number(session: CrmSession) -> int:
    """Return the next number; whoever else asks waits until it is kept or given up."""
    held = select(FeedbackCounter).where(FeedbackCounter.name == _COUNTER).with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(FeedbackCounter(name=_COUNTER, last=0))
        counter = session.scalars(held).one()
    counter.last += 1
    session.flush()
    return counter.last


OPERATIONS = [create_improvement, update_improvement, start, release, verify, drop]
