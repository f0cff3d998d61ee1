"""Plans to keep and to win back, and how activity is judged. Must not decide who is eligible."""

from __future__ import annotations

import re
from decimal import Decimal
from statistics import median
from typing import Annotated, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    catalogue_of,
    frame,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_lifecycle.winning.events import AttemptEnded
from crmkit_lifecycle.winning.facts import LEAST_DAYS, USUAL_DAYS
from crmkit_lifecycle.winning.models import ActivityPolicy, Attempt, CarePlan
from crmkit_lifecycle.winning.words import PURPOSES

_ = texts("crmkit_lifecycle")

MANAGE = "lifecycle.winback.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
Name = Annotated[
    str,
    Input(title=_("Name"), max_length=60, classified="public", help=_("Small letters, digits and _, such as trial.")),
]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Purpose = Annotated[Literal["retention", "winback"], Input(title=_("Purpose"), choices=PURPOSES, classified="public")]
Eligible = Annotated[
    str,
    Input(title=_("Who is eligible"), max_length=2000, classified="internal", help=_("A condition over facts.")),
]
Success = Annotated[
    str,
    Input(
        title=_("What counts as success"),
        max_length=2000,
        classified="internal",
        help=_("A condition over facts; lifecycle.winback_at is when the attempt began."),
    ),
]
ToDo = Annotated[
    str,
    Input(title=_("What to do"), max_length=300, classified="internal", help=_("The title of a task; none: no task.")),
]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="public")]
Wait = Annotated[int, Input(title=_("Runs out after (days)"), minimum=1, maximum=3650, classified="public")]
CoolDown = Annotated[int, Input(title=_("Not again for (days)"), minimum=0, maximum=3650, classified="public")]
Most = Annotated[int, Input(title=_("At most so often"), minimum=1, maximum=1000, classified="public")]
Daily = Annotated[int, Input(title=_("At most so many a day"), minimum=1, maximum=100_000, classified="public")]
Control = Annotated[Decimal, Input(title=_("Control group (percent)"), minimum=0, maximum=90, classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]
BOUGHT_SINCE = "purchase.last_at > lifecycle.winback_at"


@operation("lifecycle.winback.create", title=_("Add a plan"), permission=MANAGE, effect="create")
def create_plan(
    session: CrmSession,
    *,
    name: Name,
    title: Title,
    eligible: Eligible,
    purpose: Purpose = "winback",
    success: Success = BOUGHT_SINCE,
    task: ToDo = "",
    team_id: TeamId | None = None,
    wait_days: Wait = 30,
    cool_down_days: CoolDown = 90,
    most_attempts: Most = 3,
    daily: Daily = 100,
    control_percent: Control = Decimal(10),
) -> CarePlan:
    """Add a plan to keep customers or to win them back. Raises AlreadyExists for a name that is taken, InvalidInput for
    one that is none and for conditions that cannot be used."""
    if not _NAME.fullmatch(name):
        message, hint = _("This is no name."), _("Small letters, digits and _, such as trial.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="name", hint=hint)])
    if session.scalar(select(CarePlan.id).where(CarePlan.name == name)) is not None:
        raise AlreadyExists(_('There is a plan "{name}" already.'), name=name)
    _check(session, eligible=eligible, success=success)
    plan = CarePlan(
        name=name,
        title=title,
        purpose=purpose,
        active=True,
        eligible=eligible.strip(),
        success=success.strip(),
        task=task.strip(),
        team_id=team_id,
        wait_days=wait_days,
        cool_down_days=cool_down_days,
        most_attempts=most_attempts,
        daily=daily,
        control_percent=control_percent,
    )
    session.add(plan)
    return plan


@attrs.frozen(kw_only=True)
class PlanUpdate:
    """What to change of a plan; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Active | UnsetType = UNSET
    eligible: Eligible | UnsetType = UNSET
    success: Success | UnsetType = UNSET
    task: ToDo | UnsetType = UNSET
    team_id: TeamId | UnsetType | None = UNSET
    wait_days: Wait | UnsetType = UNSET
    cool_down_days: CoolDown | UnsetType = UNSET
    most_attempts: Most | UnsetType = UNSET
    daily: Daily | UnsetType = UNSET
    control_percent: Control | UnsetType = UNSET


@operation("lifecycle.winback.update", title=_("Change the plan"), permission=MANAGE, effect="update")
def update_plan(session: CrmSession, plan: CarePlan, changes: PlanUpdate) -> CarePlan:
    """Change a plan; attempts that are under way go on. Raises InvalidInput for conditions that cannot be used."""
    values = given(changes)
    _check(session, **{name: values[name] for name in ("eligible", "success") if name in values})
    for name, value in values.items():
        setattr(plan, name, value)
    return plan


@operation("lifecycle.winback.stop", title=_("Stop the attempt"), permission="lifecycle.winback.stop", effect="update")
def stop_attempt(session: CrmSession, attempt: Attempt) -> Attempt:
    """Stop an attempt that is under way. Raises Conflict for one that has ended."""
    if attempt.state != "open":
        raise Conflict(_("This attempt has ended."))
    plan = session.get_one(CarePlan, attempt.plan_id)
    attempt.state, attempt.ended_at = "stopped", session.gate.clock.business_now()
    session.emit(
        AttemptEnded(
            customer_id=attempt.customer_id, attempt_id=attempt.id, plan=plan.name, arm=attempt.arm, state="stopped"
        )
    )
    return attempt


@operation("lifecycle.activity.configure", title=_("Say how activity is judged"), permission=MANAGE)
def configure_activity(
    session: CrmSession,
    *,
    usual_days: Annotated[
        int | None,
        Input(
            title=_("Usual gap (days)"),
            minimum=1,
            maximum=3650,
            classified="internal",
            help=_("Nothing: the median of the customers' own gaps."),
        ),
    ] = None,
    least_days: Annotated[
        int, Input(title=_("Days of purchases for an own gap"), minimum=2, maximum=1000, classified="internal")
    ] = LEAST_DAYS,
    silent_factor: Annotated[
        Decimal, Input(title=_("Silent after so many gaps"), minimum=0, maximum=100, classified="internal")
    ] = Decimal(1),
    lost_factor: Annotated[
        Decimal, Input(title=_("Lost after so many gaps"), minimum=0, maximum=100, classified="internal")
    ] = Decimal(3),
) -> ActivityPolicy:
    """Say how activity is judged from now on; for the time before, what was said then goes on to count. Raises
    InvalidInput where lost comes before silent."""
    if lost_factor <= silent_factor:
        raise InvalidInput([Problem(InvalidInput.code, _("Lost has to come after silent."), field="lost_factor")])
    learnt, customers = (usual_days, 0) if usual_days is not None else learn(session, least_days)
    policy = ActivityPolicy(
        since=session.gate.clock.business_now(),
        usual_days=learnt,
        least_days=least_days,
        silent_factor=silent_factor,
        lost_factor=lost_factor,
        learnt_from=customers,
    )
    session.add(policy)
    return policy


def learn(session: CrmSession, least_days: int) -> tuple[int, int]:
    """Return the median of the P90s of own gaps, in days, and of how many customers; of fewer than 20 what is usual."""
    found = frame(session, ["purchase.gap_p90_days"], where=f"purchase.days >= {least_days}")
    gaps = [float(row[1]) for row in found.rows() if row[1] is not None]
    return (max(1, round(median(gaps))), len(gaps)) if len(gaps) >= 20 else (USUAL_DAYS, len(gaps))


def _check(session: CrmSession, **conditions: str) -> None:
    problems: list[Problem] = []
    for field, text in conditions.items():
        try:
            catalogue_of(session).checked(text)
        except CrmkitError as error:
            message = _("This condition cannot be used: {reason}")
            problems.append(Problem(InvalidInput.code, message, field=field, reason=error.render()))
    if problems:
        raise InvalidInput(problems)


OPERATIONS = [create_plan, update_plan, stop_attempt, configure_activity]
