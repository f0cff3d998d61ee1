"""Whose a case is: taken, given, handed on with a note, or given out by its queue; never to somebody who is not there.

Work's engine decides among the members of a queue, by skills, load, presence and turns. Who had a case keeps it when it
is opened again, unless they are not there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmkit_work.api import NewNotice, Queue, Wish, assign, is_available, notify
from sqlalchemy import case as either, select

from crmkit import CrmSession, Input, Refused, operation, texts
from crmkit_service.cases.changing import change_owner, change_queue, require_here
from crmkit_service.cases.history import path_of, ref_of
from crmkit_service.cases.inputs import QueueName, problem, queue_named, require_user
from crmkit_service.cases.models import Case
from crmkit_service.desk.errors import AgentAway
from crmkit_service.desk.loads import keep_load

_ = texts("crmkit_service")

UPDATE = "service.case.update"
BATCH = 200
NOTICE = "service.case"
_ORDER = either({"urgent": 0, "high": 1, "normal": 2, "low": 3}, value=Case.priority, else_=2)

Person = Annotated[UUID | None, Input(title=_("To whom"), resource="user", classified="internal")]
Anyway = Annotated[
    bool,
    Input(
        title=_("Although they are not there"), classified="internal", help=_("Else somebody who is away gets nothing.")
    ),
]
NoteBody = Annotated[
    str,
    Input(title=_("Note"), max_length=10_000, multiline=True, classified="text", help=_("For colleagues alone.")),
]


@operation("service.case.assign", title=_("Give to somebody"), permission=UPDATE, effect="update")
def assign_case(session: CrmSession, case: Case, *, owner_id: Person = None, anyway: Anyway = False) -> Case:
    """Give a case to somebody, or to nobody. Raises AgentAway for somebody who is not there, unless ``anyway``;
    NotFound, GoneElsewhere."""
    require_here(session, case)
    _give(session, case, owner_id, anyway=anyway)
    return case


@operation("service.case.take", title=_("Take it"), permission=UPDATE, effect="update")
def take(session: CrmSession, case: Case) -> Case:
    """Make a case one's own. Raises Refused for who is no user, GoneElsewhere."""
    require_here(session, case)
    user_id = session.guarding.rights.user_id
    if user_id is None:
        raise Refused(_("Only a user can have a case."))
    change_owner(session, case, user_id)
    return case


@operation("service.case.transfer", title=_("Hand on"), permission=UPDATE, effect="update")
def transfer(
    session: CrmSession,
    case: Case,
    *,
    note: NoteBody,
    queue: QueueName | None = None,
    owner_id: Person = None,
    anyway: Anyway = False,
) -> Case:
    """Hand a case on to another queue, a person or both, with a note on how it stands. In a queue without a person it
    is given out by the queue. Raises InvalidInput without a queue and a person, or without a note; as assigning does.
    """
    require_here(session, case)
    if queue is None and owner_id is None:
        raise problem("queue", _("Say to which queue or to whom."))
    session.run("service.case.note", {"body": note}, target=case)
    if queue is not None:
        found = queue_named(session, queue)
        change_queue(session, case, found.id if found is not None else None)
    if owner_id is not None:
        _give(session, case, owner_id, anyway=anyway)
    else:
        change_owner(session, case, None)
        give_out(session, case)
    return case


@operation("service.case.give_out", title=_("Have the queue decide"), permission=UPDATE, effect="update")
def ask_queue(session: CrmSession, case: Case) -> Case:
    """Have the queue of a case decide whose it is, and tell them. Where nobody can take it, it waits; who had it keeps
    it then only if they are there. Raises InvalidInput for a case in no queue, GoneElsewhere."""
    require_here(session, case)
    if case.queue_id is None:
        raise problem("queue", _("The case is in no queue."))
    give_out(session, case)
    return case


def give_out(session: CrmSession, case: Case, *, purpose: str = "") -> bool:
    """Have work's engine decide whose a case is, within an operation; says whether somebody has it then."""
    if case.queue_id is None or session.get_one(Queue, case.queue_id).active is False:
        return case.owner_id is not None
    found = assign(
        session,
        Wish(
            ref=ref_of(case),
            title=f"{case.number}",
            customer_id=case.customer_id,
            queue_id=case.queue_id,
            purpose=purpose,
        ),
    )
    if found.user_id is None and case.owner_id is None:
        return False
    change_owner(session, case, found.user_id, found.team_id)
    keep_load(session, case)
    if found.user_id is not None:
        _tell(session, case, found.user_id)
    return found.user_id is not None


@operation("service.case.look_after", title=_("Look for somebody for a case"), permission=UPDATE, hidden=True)
def look_after(session: CrmSession, case: Case) -> Case:
    """Find somebody for a case that was opened again: who had it keeps it only if they are there."""
    if case.phase != "open":
        return case
    if case.owner_id is not None and is_available(session, case.owner_id).present:
        _tell(session, case, case.owner_id)
        return case
    if case.owner_id is not None:
        change_owner(session, case, None)
        keep_load(session, case)
    give_out(session, case, purpose="reopened")
    return case


@operation("service.case.give_out_waiting", title=_("Give out what waits in queues"), permission=UPDATE, hidden=True)
def give_out_all(session: CrmSession) -> int:
    """Give out what waits in queues, the most urgent first, and return how many cases somebody has got."""
    query = (
        select(Case)
        .where(Case.phase == "open", Case.owner_id.is_(None), Case.queue_id.is_not(None))
        .order_by(_ORDER, Case.due_at.is_(None), Case.due_at, Case.opened_at, Case.id)
        .limit(BATCH)
    )
    full: set[UUID] = set()
    given = 0
    for case in session.scalars(query).all():
        # Where nobody took the last one of a queue, nobody takes the next one now.
        if case.queue_id is None or case.queue_id in full:
            continue
        if give_out(session, case):
            given += 1
        else:
            full.add(case.queue_id)
    return given


def reopened(session: CrmSession, event: Any) -> None:
    """Look for somebody who is there when a case is opened again."""
    case = session.get(Case, event.case_id)
    if case is not None:
        session.run("service.case.look_after", {}, target=case)


def came_in(session: CrmSession, event: Any) -> None:
    """Give a case out that was opened or moved, where it is in a queue and nobody's."""
    case = session.get(Case, event.case_id)
    if case is not None and case.owner_id is None and case.queue_id is not None and case.phase == "open":
        session.run("service.case.give_out", {}, target=case)


def waits(session: CrmSession, event: Any) -> bool:
    """Say whether a case that was opened or moved is to be given out at all."""
    case = session.get(Case, event.case_id)
    return case is not None and case.owner_id is None and case.queue_id is not None


def give_out_waiting(session: CrmSession, tick: datetime) -> None:
    """Give out what waits in queues: the job."""
    session.run("service.case.give_out_waiting")


def _give(session: CrmSession, case: Case, owner_id: UUID | None, *, anyway: bool) -> None:
    if owner_id is not None:
        user = require_user(session, owner_id)
        own = owner_id == session.guarding.rights.user_id
        if not anyway and not own and not is_available(session, owner_id).present:
            raise AgentAway(
                _("{name} is not there."), fix=_("Give it to somebody else, or say that it is meant."), name=user.name
            )
    if change_owner(session, case, owner_id) and owner_id is not None:
        _tell(session, case, owner_id)


def _tell(session: CrmSession, case: Case, user_id: UUID) -> None:
    notify(
        session,
        [user_id],
        NewNotice(
            kind=NOTICE,
            title=_("Case {number} of {customer} is yours"),
            values={"number": case.number},
            ref=ref_of(case),
            path=path_of(case),
            customer_id=case.customer_id,
            urgent=case.priority == "urgent",
        ),
    )


OPERATIONS = [assign_case, take, transfer, ask_queue, look_after, give_out_all]
