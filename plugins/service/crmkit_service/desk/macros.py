"""Macros: several steps that one button takes on a case, as data, run as whoever presses it, all of them or none.

A step names an act out of a closed list and has one plain value; each is an operation of its own, with its own rights.
What a macro would do can be seen before. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import attrs
from crmkit_work.api import Queue, is_available
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    User,
    given,
    operation,
    structure,
    texts,
)
from crmkit_service.cases.changing import moves_from
from crmkit_service.cases.models import Case, CaseType
from crmkit_service.cases.words import PRIORITIES, STATES
from crmkit_service.desk.answering import note_use
from crmkit_service.desk.bulk import said
from crmkit_service.desk.errors import StepRefused
from crmkit_service.desk.filling import check_fields, filled, unfilled, values_for
from crmkit_service.desk.models import Macro
from crmkit_service.desk.sharing import Scope, placed, require_mine
from crmkit_service.intents.models import Intent

_ = texts("crmkit_service")

RESOURCE = "service.macro"
MOST_STEPS = 12
ME, NOBODY = "me", "nobody"
ACTS: Mapping[str, str] = {
    "reply": _("Answer with"),
    "note": _("Note for colleagues"),
    "state": _("Set the state to"),
    "priority": _("Set the priority to"),
    "queue": _("Move to the queue"),
    "owner": _("Give to (a login, me or nobody)"),
    "intent": _("Say that it is about"),
}
"""What a step can do, with titles."""
SAID = ("reply", "note")


@attrs.frozen(kw_only=True)
class Step:
    """One step of a macro: what it does, and the value for it: a text, a state, a priority, the name of a queue or an
    intent, a login."""

    act: Annotated[
        Literal["reply", "note", "state", "priority", "queue", "owner", "intent"],
        Input(title=_("What to do"), choices=ACTS, classified="internal"),
    ]
    value: Annotated[str, Input(title=_("Value"), max_length=10_000, multiline=True, classified="internal")] = ""


@attrs.frozen(kw_only=True)
class Foreseen:
    """What a step would do on a case: in words, with the text that would be said, and why it is refused, if so."""

    act: str
    title: str
    value: str
    text: str = ""
    refused: str = ""
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])


Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Steps = Annotated[tuple[Step, ...], Input(title=_("Steps"), max_length=MOST_STEPS, classified="internal")]


@operation("service.macro.create", title=_("Add a macro"), effect="create")
def create_macro(session: CrmSession, *, title: Title, steps: Steps, scope: Scope = "personal") -> Macro:
    """Keep steps under a title. Raises InvalidInput for values that there are not, Refused for others' without the
    right."""
    _check(session, title, steps)
    macro = Macro(title=title.strip(), steps=[attrs.asdict(each) for each in steps], **placed(session, scope, RESOURCE))
    session.add(macro)
    return macro


@attrs.frozen(kw_only=True)
class MacroChanges:
    """What is to be changed of a macro; what is not given stays."""

    title: Title | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("service.macro.update", title=_("Change the macro"), effect="update")
def update_macro(session: CrmSession, macro: Macro, changes: MacroChanges) -> Macro:
    """Change a macro. Raises as adding one does."""
    require_mine(session, macro, RESOURCE)
    values = given(changes)
    _check(session, values.get("title", macro.title), values.get("steps", steps_of(macro)))
    if "steps" in values:
        values["steps"] = [attrs.asdict(each) for each in values["steps"]]
    for name, value in values.items():
        setattr(macro, name, value)
    return macro


@operation("service.macro.delete", title=_("Remove the macro"), effect="delete")
def delete_macro(session: CrmSession, macro: Macro) -> None:
    """Remove a macro; what was done with it stays. Raises Refused for others' without the right."""
    require_mine(session, macro, RESOURCE)
    session.delete(macro)


@operation("service.case.run_macro", title=_("Run a macro"), permission="service.case.update", effect="update")
def run_macro(
    session: CrmSession,
    case: Case,
    *,
    macro_id: Annotated[UUID, Input(title=_("Macro"), resource="service.macro", classified="internal")],
) -> Case:
    """Take all steps of a macro on a case, or none, as whoever acts. Raises StepRefused with the step and why, NotFound
    for a macro that there is not."""
    macro = session.get(Macro, macro_id)
    if macro is None or not macro.active:
        raise NotFound(_("There is no macro {id}."), id=macro_id)
    for number, step in enumerate(steps_of(macro), 1):
        try:
            _take(session, case, step)
        except CrmkitError as error:
            raise StepRefused(
                _("Step {number} of the macro cannot be taken: {reason}"),
                fix=_("Nothing of it was done."),
                number=number,
                reason=said(session, error),
            ) from error
    note_use(session, case, "macro", macro.id)
    return case


def steps_of(macro: Macro) -> tuple[Step, ...]:
    """Return the steps of a macro."""
    return tuple(structure(Step, each) for each in macro.steps)


def foreseen(session: CrmSession, macro: Macro, case: Case) -> list[Foreseen]:
    """Return what the steps of a macro would do on a case, nothing of it done."""
    values = values_for(session, case)
    state = case.state
    found: list[Foreseen] = []
    for step in steps_of(macro):
        title, refused, more = ACTS[step.act], "", dict[str, object]()
        shown, text = step.value, ""
        if step.act in SAID:
            text, shown = filled(step.value, values), ""
            if step.act == "reply" and (missing := unfilled(text)):
                refused, more = _("There is no value for {fields}."), {"fields": ", ".join(missing)}
        elif step.act == "state":
            shown = STATES[step.value]
            kind = session.get_one(CaseType, case.type_id)
            if step.value != state and step.value not in moves_from(kind, state):
                refused = _("The case does not go from its state to that one.")
            state = step.value
        elif step.act == "priority":
            shown = PRIORITIES[step.value]
        elif step.act == "queue":
            shown = session.scalar(select(Queue.title).where(Queue.name == step.value)) or step.value
        elif step.act == "intent":
            shown = session.scalar(select(Intent.title).where(Intent.name == step.value)) or step.value
        elif step.act == "owner":
            user = _person(session, step.value)
            shown = user.name if user is not None else _("Nobody")
            own = user is not None and user.id == session.guarding.rights.user_id
            if user is not None and not own and not is_available(session, user.id).present:
                refused, more = _("{name} is not there."), {"name": user.name}
        found.append(Foreseen(act=step.act, title=title, value=shown, text=text, refused=refused, values=more))
    return found


def offered(session: CrmSession) -> Sequence[Macro]:
    """Return the macros that whoever acts has, by their titles."""
    return session.scalars(select(Macro).where(Macro.active).order_by(Macro.title, Macro.id)).all()


def _take(session: CrmSession, case: Case, step: Step) -> None:
    run = session.run
    if step.act in SAID:
        run(
            "service.case.answer",
            {"body": filled(step.value, values_for(session, case)), "kind": step.act},
            target=case,
        )
    elif step.act == "state":
        run("service.case.set_state", {"state": step.value}, target=case)
    elif step.act == "priority":
        run("service.case.set_priority", {"priority": step.value}, target=case)
    elif step.act == "queue":
        run("service.case.move", {"queue": step.value}, target=case)
    elif step.act == "intent":
        run("service.intent.confirm", {"intent": step.value}, target=case)
    else:
        user = _person(session, step.value)
        run("service.case.assign", {"owner_id": user.id if user is not None else None}, target=case)


def _person(session: CrmSession, value: str) -> User | None:
    """Return the person whom a value names, None for nobody. Raises NotFound."""
    if value == NOBODY:
        return None
    own = session.guarding.rights.user_id
    query = select(User).where(User.id == own) if value == ME else select(User).where(User.login == value)
    found = session.scalar(query)
    if found is None:
        raise NotFound(_("There is no user {id}."), id=value)
    return cast(User, found)


def _check(session: CrmSession, title: str, steps: Sequence[Step]) -> None:
    problems: list[Problem] = []
    if not title.strip():
        problems.append(Problem(InvalidInput.code, _("This cannot be empty."), field="title"))
    if not steps:
        problems.append(Problem(InvalidInput.code, _("A macro has a step at least."), field="steps"))
    known: dict[str, Callable[[str], Any]] = {
        "state": lambda value: value in STATES and value not in ("new", "merged"),
        "priority": lambda value: value in PRIORITIES,
        "queue": lambda value: session.scalar(select(Queue.id).where(Queue.name == value)),
        "intent": lambda value: session.scalar(select(Intent.id).where(Intent.name == value)),
        "owner": lambda value: value in (ME, NOBODY) or session.scalar(select(User.id).where(User.login == value)),
    }
    for number, step in enumerate(steps):
        place = f"steps.{number}.value"
        if step.act in SAID:
            problems.extend(check_fields(step.value, place))
            if not step.value.strip():
                problems.append(Problem(InvalidInput.code, _("This cannot be empty."), field=place))
        elif not known[step.act](step.value):
            message = _('There is no "{value}" for this.')
            problems.append(Problem(InvalidInput.code, message, field=place, value=step.value))
    if problems:
        raise InvalidInput(problems)


OPERATIONS = [create_macro, update_macro, delete_macro, run_macro]
