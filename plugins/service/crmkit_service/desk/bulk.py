"""One act on many cases: each by its own operation, so that each is allowed, checked and written down by itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen

from crmkit import CrmkitError, CrmSession, Input, operation, texts
from crmkit_service.cases.inputs import problem, require_case
from crmkit_service.cases.words import PRIORITIES, STATES

_ = texts("crmkit_service")

MOST = 200
BULK_ACTS = {
    "take": _("Take them"),
    "assign": _("Give to somebody"),
    "state": _("Set the state"),
    "priority": _("Set the priority"),
    "move": _("Move to another queue"),
    "merge": _("Merge into the first"),
    "spam": _("Spam"),
}
"""What can be done with many cases at once, with titles."""
_STATES = {name: title for name, title in STATES.items() if name not in ("new", "merged", "reopened")}


@frozen(kw_only=True)
class NotDone:
    """A case with which it was not done, and why."""

    number: int
    reason: str


@operation("service.case.bulk", title=_("Change several cases"), permission="service.case.update")
def bulk(
    session: CrmSession,
    *,
    cases: Annotated[
        tuple[UUID, ...], Input(title=_("Cases"), resource="service.case", max_length=MOST, classified="internal")
    ],
    act: Annotated[
        Literal["take", "assign", "state", "priority", "move", "merge", "spam"] | None,
        Input(
            title=_("What to do"),
            choices=BULK_ACTS,
            classified="internal",
            help=_("Else it follows from what is given."),
        ),
    ] = None,
    state: Annotated[
        Literal["open", "waiting_customer", "waiting_third_party", "on_hold", "resolved", "closed", "spam"] | None,
        Input(title=_("State"), choices=_STATES, classified="internal"),
    ] = None,
    priority: Annotated[
        Literal["low", "normal", "high", "urgent"] | None,
        Input(title=_("Priority"), choices=PRIORITIES, classified="internal"),
    ] = None,
    queue: Annotated[str | None, Input(title=_("Queue"), max_length=60, classified="internal")] = None,
    owner_id: Annotated[UUID | None, Input(title=_("To whom"), resource="user", classified="internal")] = None,
) -> list[NotDone]:
    """Do one thing with many cases, and return those with which it was not done, each with why; the others are done.

    Merging keeps the case with the lowest number of one customer's. Raises InvalidInput without a case or without what
    the act needs, NotFound for a case that whoever acts does not see.
    """
    name, values = _meant(act, state, priority, queue, owner_id)
    chosen = sorted({require_case(session, each) for each in cases}, key=lambda case: case.number)
    if not chosen:
        raise problem("cases", _("Choose a case at least."))
    if name == "service.case.merge":
        kept, chosen = chosen[0], chosen[1:]
        if not chosen:
            raise problem("cases", _("Choose two cases at least."))
        values = {"into_id": kept.id}
    failed: list[NotDone] = []
    for case in chosen:
        try:
            session.run(name, values, target=case)
        except CrmkitError as error:
            failed.append(NotDone(number=case.number, reason=said(session, error)))
    return failed


def _meant(act: str | None, state: Any, priority: Any, queue: Any, owner_id: Any) -> tuple[str, dict[str, Any]]:
    """Return the operation of an act, and its values. Raises InvalidInput without what it needs."""
    if act is None:
        given = (("assign", owner_id), ("state", state), ("priority", priority), ("move", queue))
        act = next((each for each, value in given if value is not None), None)
    if act is None:
        raise problem("act", _("Say which."))
    if act == "take":
        return "service.case.take", {}
    if act == "assign":
        return "service.case.assign", {"owner_id": owner_id}
    if act == "spam":
        return "service.case.set_state", {"state": "spam"}
    if act == "merge":
        return "service.case.merge", {}
    needed: dict[str, tuple[str, Any]] = {
        "state": ("service.case.set_state", state),
        "priority": ("service.case.set_priority", priority),
        "move": ("service.case.move", queue),
    }
    name, value = needed[act]
    field = "queue" if act == "move" else act
    if value is None:
        raise problem(field, _("Say which."))
    return name, {field: value}


def said(session: CrmSession, error: CrmkitError) -> str:
    """Return what is wrong in the language of whoever acts."""
    return error.render(session.actor.language or session.crm.config.get(session).language)


OPERATIONS = [bulk]
