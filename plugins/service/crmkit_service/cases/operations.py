"""Changing cases: what they are about, their state, priority and queue. Merging and linking are in `merging` and
`linking`, what is said in `talking`."""

from __future__ import annotations

from typing import Annotated, Literal

from crmkit import CrmSession, Input, given, operation, texts
from crmkit_service.cases.changing import (
    change_priority,
    change_queue,
    change_severity,
    change_type,
    enter,
    require_here,
)
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import (
    CaseUpdate,
    OfPriority,
    QueueName,
    check_about,
    check_purchase,
    problem,
    queue_named,
    type_named,
)
from crmkit_service.cases.models import Case
from crmkit_service.cases.words import STATES

_ = texts("crmkit_service")

TO_STATES = {name: title for name, title in STATES.items() if name not in ("new", "merged")}
ToState = Annotated[
    Literal[
        "open",
        "waiting_customer",
        "waiting_third_party",
        "on_hold",
        "resolved",
        "closed",
        "reopened",
        "spam",
    ],
    Input(title=_("State"), choices=TO_STATES, classified="internal"),
]
NOTED = {"intent": "intent", "product_id": "about", "purchase_id": "about", "about": "about"}
"""The kind of event for the fields whose changes are written down."""


@operation("service.case.update", title=_("Change the case"), effect="update")
def update_case(session: CrmSession, case: Case, changes: CaseUpdate) -> Case:
    """Change what a case is about. Raises GoneElsewhere for a merged case, NotFound for a type that there is not,
    InvalidInput for an empty subject or somebody else's purchase."""
    require_here(session, case)
    values = given(changes)
    if "subject" in values:
        values["subject"] = " ".join(values["subject"].split())
        if not values["subject"]:
            raise problem("subject", _("This cannot be empty."))
    if values.get("purchase_id") is not None:
        check_purchase(session, case.customer_id, values["purchase_id"])
    check_about(values.get("about"))
    if "type" in values:
        change_type(session, case, type_named(session, values.pop("type")))
    if "severity" in values:
        change_severity(session, case, values.pop("severity"))
    for name, value in values.items():
        before = getattr(case, name)
        if before == value:
            continue
        setattr(case, name, value)
        if name in NOTED:
            note(session, case, NOTED[name], before, value)
    return case


@operation("service.case.set_state", title=_("Change the state"), permission="service.case.update", effect="update")
def set_state(session: CrmSession, case: Case, *, state: ToState) -> Case:
    """Let a case go to another state; to the same one nothing happens.

    Raises MoveRefused where its type does not allow it, saying what it does, NotResolvable with each thing that is
    missing, GoneElsewhere for a merged case.
    """
    require_here(session, case)
    enter(session, case, state)
    return case


@operation(
    "service.case.set_priority", title=_("Change the priority"), permission="service.case.update", effect="update"
)
def set_priority(session: CrmSession, case: Case, *, priority: OfPriority) -> Case:
    """Give a case another priority. Raises GoneElsewhere for a merged case."""
    require_here(session, case)
    change_priority(session, case, priority)
    return case


@operation("service.case.move", title=_("Move to another queue"), permission="service.case.update", effect="update")
def move(session: CrmSession, case: Case, *, queue: QueueName | None = None) -> Case:
    """Put a case into another queue, or out of all. Whose it is, whoever moves it decides, or the queue's assignment.

    Raises GoneElsewhere for a merged case, NotFound for a queue that there is not.
    """
    require_here(session, case)
    found = queue_named(session, queue)
    change_queue(session, case, found.id if found is not None else None)
    return case


OPERATIONS = [update_case, set_state, set_priority, move]
