"""Planning, starting and ending actions, and keeping what came of them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmkitError,
    CrmSession,
    Input,
    Job,
    NotFound,
    Refused,
    UnsetType,
    User,
    given,
    operation,
    row_expression,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_experience.actions.errors import ActionInState, problem
from crmkit_experience.actions.measuring import check_measure, effect_of, known_from
from crmkit_experience.actions.models import ImprovementAction
from crmkit_experience.actions.words import BETTER, MODES
from crmkit_experience.friction.sources import source_of
from crmkit_experience.friction.words import PARTS

_ = texts("crmkit_experience")

CREATE, UPDATE = "experience.action.create", "experience.action.update"
MEASURE = "experience.action.measure_due"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
AGAIN = 14
"""For so many days after it is known an effect is measured anew each night: what is recorded late counts."""
LONGEST = 3650
"""An action has not started longer ago than this, in days."""
SMALLEST = 5
"""Of fewer customers nothing is kept: everybody who reads actions would learn something about each of them."""

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Hypothesis = Annotated[
    str,
    Input(
        title=_("What it is to change"),
        help=_("What is done, and what should be otherwise then."),
        max_length=2000,
        multiline=True,
        classified="internal",
    ),
]
Step = Annotated[
    str,
    Input(title=_("Step"), help=_("As named in the list of friction."), max_length=200, classified="internal"),
]
Condition = Annotated[
    str,
    Input(
        title=_("For whom"),
        help=_("A condition about customers, such as segment.vip; true for all."),
        max_length=1000,
        classified="internal",
    ),
]
Compared = Annotated[
    str,
    Input(
        title=_("Compared with"),
        help=_("A condition about other customers, for whom nothing was changed."),
        max_length=1000,
        classified="internal",
    ),
]
Measure = Annotated[
    str,
    Input(
        title=_("Measure"),
        help=_("A fact such as purchase.count, or a condition; empty: the share at the step."),
        max_length=1000,
        classified="internal",
    ),
]
Part = Annotated[
    Literal["drop", "effort", "score"], Input(title=_("Share of the step"), choices=PARTS, classified="internal")
]
Mode = Annotated[
    Literal["added", "level"],
    Input(title=_("What counts"), help=_("Of a number."), choices=MODES, classified="internal"),
]
Better = Annotated[Literal["up", "down"], Input(title=_("What is better"), choices=BETTER, classified="internal")]
Days = Annotated[
    int,
    Input(
        title=_("Days compared"),
        help=_("As many before as after."),
        minimum=1,
        maximum=730,
        classified="internal",
    ),
]
ExperimentName = Annotated[
    str,
    Input(
        title=_("Experiment"),
        help=_("The name of an experiment whose verdict is taken over."),
        max_length=120,
        classified="internal",
    ),
]
OwnerId = Annotated[UUID, Input(title=_("Owner"), help=_("Empty: myself."), resource="user", classified="internal")]
On = Annotated[date, Input(title=_("On"), help=_("Today, unless said."), classified="internal")]
Learnt = Annotated[str, Input(title=_("What was learnt"), max_length=2000, multiline=True, classified="internal")]


@frozen(kw_only=True)
class NewAction:
    """An action that is planned. Without a measure of its own it is judged by a share of its step."""

    name: Name
    title: Title
    hypothesis: Hypothesis
    step: Step = ""
    audience: Condition = "true"
    compared_with: Compared = ""
    measure: Measure = ""
    part: Part = "drop"
    mode: Mode = "added"
    better: Better | None = None
    days: Days = 30
    experiment: ExperimentName = ""
    owner_id: OwnerId | None = None


@frozen(kw_only=True)
class ActionUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    hypothesis: Hypothesis | UnsetType = UNSET
    learnt: Learnt | UnsetType = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET


@operation("experience.action.plan", title=_("Plan an improvement"), permission=CREATE, effect="create")
def plan_action(session: CrmSession, new: NewAction) -> ImprovementAction:
    """Plan what is to be done about a step, and by what it is judged: what counts is said before it begins.

    Raises AlreadyExists, InvalidInput for a name, a step or a measure that is none, ExpressionError for a condition
    that cannot be used, NotFound for an owner who is not there.
    """
    if not _NAME.fullmatch(new.name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(ImprovementAction.id).where(ImprovementAction.name == new.name)) is not None:
        raise AlreadyExists(_('There is an action "{name}" already.'), name=new.name)
    for name in ("title", "hypothesis"):
        if not getattr(new, name).strip():
            raise problem(name, _("This cannot be empty."))
    if new.step and source_of(new.step) is None:
        raise problem("step", _('There is no step "{step}".'), step=new.step)
    if not new.step and not new.measure.strip() and not new.experiment:
        raise problem("measure", _("Say by what it is judged: a step, a measure or an experiment."))
    # What the planner may not read is not measured for the planner by the framework either.
    if new.measure.strip():
        check_measure(session, new.measure.strip())
        row_expression(session, new.measure.strip(), {}, facts=True)
    for condition in (new.audience, new.compared_with):
        if condition.strip():
            row_expression(session, condition, {}, facts=True, condition=True)
    if new.owner_id is not None and session.get(User, new.owner_id) is None:
        raise NotFound(_("There is no active user {id}."), id=new.owner_id)
    own = bool(new.measure.strip() or new.experiment)
    made = ImprovementAction(
        name=new.name,
        title=new.title.strip(),
        hypothesis=new.hypothesis.strip(),
        step=new.step or None,
        audience=new.audience.strip() or "true",
        compared_with=new.compared_with.strip() or None,
        measure=new.measure.strip() or None,
        part=None if own else new.part,
        mode=new.mode,
        # Of a friction less is better, of most measures more.
        better=new.better or ("up" if own else "down"),
        days=new.days,
        experiment=new.experiment or None,
        owner_id=new.owner_id or session.actor.user_id,
    )
    session.add(made)
    return made


@operation("experience.action.change", title=_("Change the action"), permission=UPDATE, effect="update")
def change_action(session: CrmSession, action: ImprovementAction, changes: ActionUpdate) -> ImprovementAction:
    """Change words and owner of an action; by what it is judged stays as it was planned. Raises InvalidInput."""
    for name, value in given(changes).items():
        if isinstance(value, str) and not value.strip() and name != "learnt":
            raise problem(name, _("This cannot be empty."))
        setattr(action, name, value.strip() if isinstance(value, str) else value)
    return action


@operation("experience.action.start", title=_("Start"), permission=UPDATE, effect="update")
def start_action(session: CrmSession, action: ImprovementAction, *, on: On | None = None) -> ImprovementAction:
    """Say that an action has started, on a day until today. Raises ActionInState, InvalidInput for a day to come."""
    if action.state != "planned":
        raise ActionInState(action.state)
    day = on or session.today()
    if day > session.today():
        raise problem("on", _("This is still to come."))
    if (session.today() - day).days > LONGEST:
        raise problem("on", _("This is more than ten years ago."))
    action.state, action.starts_on = "running", day
    return action


@operation("experience.action.end", title=_("End"), permission=UPDATE, effect="update")
def end_action(
    session: CrmSession, action: ImprovementAction, *, on: On | None = None, learnt: Learnt = ""
) -> ImprovementAction:
    """Say that an action is over, and what was learnt. Its effect is measured by night. Raises ActionInState,
    InvalidInput for a day to come or before it started."""
    if action.state != "running" or action.starts_on is None:
        raise ActionInState(action.state)
    day = on or session.today()
    if day > session.today() or day < action.starts_on:
        raise problem("on", _("This lies before its start, or is still to come."))
    action.state, action.ended_on = "ended", day
    if learnt.strip():
        action.learnt = learnt.strip()
    return action


@operation(MEASURE, title=_("Measure actions"), permission=UPDATE, hidden=True)
def measure_due(session: CrmSession) -> int:
    """Keep what came of the actions whose days are over, over all customers, and return of how many. What cannot be
    measured is left out. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    today = session.today()
    query = select(ImprovementAction).where(ImprovementAction.state != "planned")
    done = 0
    for action in session.scalars(query.order_by(ImprovementAction.name)).all():
        first = known_from(session, action)
        # The effect of an experiment is known at any time, and settled when the action is.
        settled = action.measured_on is not None and (
            (today - first).days > AGAIN if first is not None and not action.experiment else action.state == "ended"
        )
        if settled or action.measured_on == today or (not action.experiment and (first is None or today < first)):
            continue
        try:
            found = effect_of(session, action)
        except CrmkitError:
            continue
        if min(found.customers, SMALLEST if found.others is None else found.others) < SMALLEST:
            continue
        action.method, action.verdict, action.measured_on = found.method, found.verdict, today
        action.before, action.after = _decimal(found.before), _decimal(found.after)
        action.effect = _decimal(found.estimate.value)
        action.effect_low, action.effect_high = _decimal(found.estimate.low), _decimal(found.estimate.high)
        action.customers, action.others = found.customers, found.others
        done += 1
    return done


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(round(value, 6)))


def _job(session: CrmSession, tick: Any = None) -> None:
    session.run(MEASURE)


OPERATIONS = [plan_action, change_action, start_action, end_action, measure_due]
JOBS = [
    Job(
        name="experience.measure_actions",
        title=_("What came of improvements"),
        handler=_job,
        every="1 day",
        catch_up="latest",
        acts_as="system",
        lease=1800,
    )
]
