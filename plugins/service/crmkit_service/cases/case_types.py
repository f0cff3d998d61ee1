"""Types of case: adding and changing them. Must not know cases."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated

import attrs
from sqlalchemy import update

from crmkit import UNSET, CrmSession, Input, Problem, UnsetType, given, operation, texts
from crmkit_service.cases.completing import REQUIRABLE
from crmkit_service.cases.errors import TypeNotUsable
from crmkit_service.cases.inputs import OfPriority
from crmkit_service.cases.models import CaseType
from crmkit_service.cases.words import KINDS, MOVES, STATES, Kind

_ = texts("crmkit_service")

MANAGE = "service.case_type.manage"
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
NEEDED = ("new", "open", "resolved", "closed", "merged")
"""The states that every type has."""

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
OfKind = Annotated[Kind, Input(title=_("Kind"), choices=KINDS, classified="public")]
States = Annotated[tuple[str, ...], Input(title=_("States"), max_length=10, classified="public")]
Moves = Annotated[Mapping[str, tuple[str, ...]], Input(title=_("Moves"), classified="public")]
Required = Annotated[tuple[str, ...], Input(title=_("Needed to be resolved"), max_length=20, classified="public")]
Days = Annotated[int, Input(title=_("Opened again within (days)"), minimum=0, maximum=3650, classified="public")]
CloseDays = Annotated[int, Input(title=_("Closed after (days)"), minimum=0, maximum=3650, classified="public")]
Usual = Annotated[bool, Input(title=_("The usual one"), classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]


@attrs.frozen(kw_only=True)
class CaseTypeUpdate:
    """What to change of a type; what is not given stays."""

    title: Title | UnsetType = UNSET
    states: States | UnsetType = UNSET
    moves: Moves | UnsetType = UNSET
    required: Required | UnsetType = UNSET
    follow_up_days: Days | UnsetType = UNSET
    close_days: CloseDays | UnsetType | None = UNSET
    default_priority: OfPriority | UnsetType = UNSET
    usual: Usual | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("service.case_type.create", title=_("Add a type of case"), permission=MANAGE, effect="create")
def create_type(
    session: CrmSession,
    *,
    name: Name,
    title: Title,
    kind: OfKind,
    states: States = (),
    moves: Moves | None = None,
    required: Required = (),
    follow_up_days: Days = 14,
    close_days: CloseDays | None = 14,
    default_priority: OfPriority = "normal",
    usual: Usual = False,
) -> CaseType:
    """Add a type of case. Raises TypeNotUsable for states, moves or fields that there are not, or a state that cannot
    be reached."""
    made = CaseType(
        name=name,
        title=title,
        kind=kind,
        states=list(states),
        moves={state: list(others) for state, others in (moves or {}).items()},
        required=list(required),
        follow_up_days=follow_up_days,
        close_days=close_days,
        default_priority=default_priority,
        usual=usual,
        active=True,
    )
    check(made)
    _only_usual(session, made)
    session.add(made)
    return made


@operation("service.case_type.update", title=_("Change the type"), permission=MANAGE, effect="update")
def update_type(session: CrmSession, kind: CaseType, changes: CaseTypeUpdate) -> CaseType:
    """Change a type; cases keep the state in which they are. Raises as adding one does."""
    values = given(changes)
    for name, value in values.items():
        if name in ("states", "required"):
            value = list(value)
        elif name == "moves":
            value = {state: list(others) for state, others in value.items()}
        setattr(kind, name, value)
    check(kind)
    _only_usual(session, kind)
    return kind


def check(kind: CaseType) -> None:
    """Raise TypeNotUsable with everything that is wrong with a type."""
    wrong: list[Problem] = []
    if not NAME.fullmatch(kind.name):
        message = _("A name has small letters, digits and underscores, a letter first.")
        wrong.append(Problem(TypeNotUsable.code, message, field="name"))

    def refuse(field: str, message: str, value: str, known: Mapping[str, object]) -> None:
        close = difflib.get_close_matches(value, known, 1)
        hint = _('Did you mean "{close}"?') if close else _("There are: {known}.")
        wrong.append(
            Problem(
                TypeNotUsable.code,
                message,
                field=field,
                hint=hint,
                name=value,
                close=close[0] if close else "",
                known=", ".join(known),
            )
        )

    no_state = _('There is no state "{name}".')
    for each in kind.states:
        if each not in STATES:
            refuse("states", no_state, each, STATES)
    states = set(kind.states or STATES)
    lacking = _('Every type has the state "{name}".')
    wrong.extend(
        Problem(TypeNotUsable.code, lacking, field="states", name=each) for each in NEEDED if each not in states
    )
    for state, others in kind.moves.items():
        for each in (state, *others):
            if each not in states:
                refuse(f"moves.{state}", no_state, each, STATES if each not in STATES else dict.fromkeys(states))
    if not wrong:
        wrong.extend(
            Problem(TypeNotUsable.code, _('No case gets to the state "{name}".'), field="moves", name=each)
            for each in _unreached(kind, states)
        )
    for each in kind.required:
        if each not in REQUIRABLE:
            refuse("required", _('"{name}" is nothing that can be needed.'), each, REQUIRABLE)
        elif each.startswith("complaint.") and kind.kind != "complaint":
            message = _('"{name}" is of complaints alone.')
            wrong.append(Problem(TypeNotUsable.code, message, field="required", name=each))
    if wrong:
        raise TypeNotUsable(wrong)


def _unreached(kind: CaseType, states: set[str]) -> list[str]:
    """Return the states to which no move leads from the first one."""
    reached, ahead = {"new"}, ["new"]
    while ahead:
        state = ahead.pop()
        for each in kind.moves.get(state, ()) if kind.moves else MOVES[state]:
            if each in states and each not in reached:
                reached.add(each)
                ahead.append(each)
    return [each for each in STATES if each in states and each not in reached]


def _only_usual(session: CrmSession, kind: CaseType) -> None:
    """Let no other type be the usual one where this is."""
    if kind.usual:
        session.execute(
            update(CaseType)
            .where(CaseType.usual, CaseType.id != kind.id)
            .values(usual=False)
            .execution_options(synchronize_session="fetch")
        )


OPERATIONS = [create_type, update_type]
