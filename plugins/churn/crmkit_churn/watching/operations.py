"""Rules of warnings, and working on warnings: seen, being acted on, settled."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs
from crmkit_work.api import note_load
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, catalogue_of, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_churn.errors import WrongStep
from crmkit_churn.watching.events import WarningSettled
from crmkit_churn.watching.models import ChurnWarning, WarningRule
from crmkit_churn.watching.words import CAUSES, MOVES, OPEN, STATES

_ = texts("crmkit_churn")

MANAGE, UPDATE = "churn.warning_rule.manage", "churn.warning.update"
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Cause = Annotated[
    Literal["risk", "change", "silence", "usage", "service", "health", "contract", "other"],
    Input(title=_("About"), choices=CAUSES, classified="internal"),
]
Condition = Annotated[
    str, Input(title=_("When"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Over = Annotated[
    str, Input(title=_("Over when"), max_length=2000, classified="internal", help=_("Empty: when it no longer holds."))
]
Days = Annotated[int, Input(title=_("Days"), minimum=0, maximum=3650, classified="internal")]
Many = Annotated[int, Input(title=_("Most open of an owner"), minimum=1, maximum=10_000, classified="internal")]
Hours = Annotated[int, Input(title=_("Escalated after hours"), minimum=1, maximum=8760, classified="internal")]
Cost = Annotated[int, Input(title=_("Cost in minor units"), minimum=0, classified="internal")]
Priority = Annotated[int, Input(title=_("Priority"), minimum=-100, maximum=100, classified="internal")]


@attrs.frozen(kw_only=True)
class NewRule:
    """When somebody is to be warned."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Title
    when: Condition
    clear: Over = ""
    cause: Cause = "risk"
    priority: Priority = 0
    cooldown_days: Days = 30
    per_owner: Many = 20
    escalate_hours: Hours = 48
    expires_days: Days = 90
    cost_minor: Cost = 0


@attrs.frozen(kw_only=True)
class RuleUpdate:
    """What to change; what is not given stays."""

    title: Title | UnsetType = UNSET
    when: Condition | UnsetType = UNSET
    clear: Over | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    cooldown_days: Days | UnsetType = UNSET
    per_owner: Many | UnsetType = UNSET
    escalate_hours: Hours | UnsetType = UNSET
    expires_days: Days | UnsetType = UNSET
    cost_minor: Cost | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("churn.warning_rule.create", title=_("Add a rule of warning"), permission=MANAGE, effect="create")
def create_rule(session: CrmSession, new: NewRule) -> WarningRule:
    """Add a rule. Raises AlreadyExists, and ExpressionError for conditions that cannot be used."""
    if not new.name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(WarningRule.id).where(WarningRule.name == new.name.strip())) is not None:
        raise AlreadyExists(_('There is a rule "{name}" already.'), name=new.name)
    _check(session, new.when, new.clear)
    row = WarningRule(**{each.name: getattr(new, each.name) for each in attrs.fields(NewRule)})
    session.add(row)
    return row


@operation("churn.warning_rule.update", title=_("Change the rule"), permission=MANAGE, effect="update")
def update_rule(session: CrmSession, rule: WarningRule, changes: RuleUpdate) -> WarningRule:
    """Change a rule. Raises ExpressionError for conditions that cannot be used."""
    for name, value in given(changes).items():
        setattr(rule, name, value)
    _check(session, rule.when, rule.clear)
    return rule


@operation("churn.warning.acknowledge", title=_("I have seen it"), permission=UPDATE, effect="update")
def acknowledge(session: CrmSession, warning: ChurnWarning) -> ChurnWarning:
    """Say that a warning was seen. Raises WrongStep for one that is not new."""
    return move(session, warning, "acknowledged")


@operation("churn.warning.act", title=_("I do something about it"), permission=UPDATE, effect="update")
def act(session: CrmSession, warning: ChurnWarning) -> ChurnWarning:
    """Say that something is being done. Raises WrongStep for a warning that is settled."""
    return move(session, warning, "acting")


@operation("churn.warning.settle", title=_("Settle the warning"), permission=UPDATE, effect="update")
def settle(
    session: CrmSession,
    warning: ChurnWarning,
    *,
    to: Annotated[
        Literal["saved", "lost", "false_alarm"],
        Input(
            title=_("As"),
            choices={name: STATES[name] for name in ("saved", "lost", "false_alarm")},
            classified="internal",
        ),
    ],
    note: Annotated[str, Input(title=_("Note"), max_length=2000, multiline=True, classified="text")] = "",
) -> ChurnWarning:
    """Say what became of a warning. Raises WrongStep for one that is settled already."""
    warning.note = note.strip() or warning.note
    return move(session, warning, to)


def move(session: CrmSession, warning: ChurnWarning, to: str) -> ChurnWarning:
    """Bring a warning into a state. Raises WrongStep where it cannot go there."""
    if to not in MOVES.get(warning.state, ()):
        raise WrongStep(_("A warning that is {state} cannot become {to}."), state=STATES[warning.state], to=STATES[to])
    now = session.gate.clock.business_now()
    warning.state = to
    if to in ("acknowledged", "acting") and warning.seen_at is None:
        warning.seen_at = now
    if to == "acting":
        warning.acted = True
    if to not in OPEN:
        warning.closed_at = now
        note_load(session, f"churn.warning:{warning.id}", None)
        session.emit(
            WarningSettled(customer_id=warning.customer_id, warning_id=warning.id, cause=warning.cause, to_state=to)
        )
    return warning


def _check(session: CrmSession, when: str, clear: str) -> None:
    catalogue = catalogue_of(session)
    catalogue.checked(when)
    if clear.strip():
        catalogue.checked(clear)


OPERATIONS = [create_rule, update_rule, acknowledge, act, settle]
