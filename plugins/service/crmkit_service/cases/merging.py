"""Merging a case into another one, undoing that, and splitting messages off into a case of their own.

What was said goes over; what happened stays with the case to which it happened, so that measures of the past stay true.
The number of the merged case leads to the survivor from then on. Must not know channels.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit_service.cases.changing import moves_from, put, require_here
from crmkit_service.cases.complaint_models import MergeRecord
from crmkit_service.cases.errors import MergeRefused
from crmkit_service.cases.events import CaseMerged, CaseSplit, CaseUnmerged
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import CaseId, Subject, TypeName, problem, require_case, type_named
from crmkit_service.cases.models import Case, CaseEvent, CaseMessage, CaseType
from crmkit_service.cases.opening import begin
from crmkit_service.cases.words import WAITING

_ = texts("crmkit_service")

MERGE = "service.case.merge"
Messages = Annotated[
    tuple[UUID, ...], Input(title=_("Messages"), max_length=500, resource="service.message", classified="internal")
]


@operation("service.case.merge", title=_("Merge into another case"), permission=MERGE, effect="update")
def merge(session: CrmSession, case: Case, *, into_id: CaseId) -> Case:
    """Merge a case into another one of the same customer, and return that one: what was said goes over, and the
    number leads there.

    A survivor that is over is worked on again where the merged case was; one that waits, where the merged case had a
    message that nobody has answered, which has to be answered there from now on. Raises MergeRefused for the case
    itself, one of another customer or one that was merged already.
    """
    into = require_case(session, into_id)
    require_here(session, case)
    if into.id == case.id:
        raise MergeRefused(_("A case is not merged into itself."), fix=_("Name another one."))
    if into.state == "merged":
        raise MergeRefused(_("Case {number} was merged itself."), fix=_("Name the one it went to."), number=into.number)
    if into.customer_id != case.customer_id:
        raise MergeRefused(
            _("Case {number} is another customer's."),
            fix=_("Merge the customers first, if they are the same; or link the cases."),
            number=into.number,
        )
    if into.state == "spam":
        raise MergeRefused(_("Case {number} is spam."), fix=_("Name another one."), number=into.number)
    if (
        case.is_open
        and not into.is_open
        and "reopened" not in moves_from(session.get_one(CaseType, into.type_id), into.state)
    ):
        raise MergeRefused(_("Case {number} is over."), fix=_("Name another one."), number=into.number)
    moved = _move_messages(session, case, into)
    now = session.gate.clock.business_now()
    was_open, before = case.is_open, case.state
    case.merged_into_id = into.id
    put(session, case, "merged")
    note(session, case, "merged", after=into.number)
    asks = was_open and _asks(case)
    if asks:
        # Before the mark: what came over with the merge goes back with it.
        note(session, into, "unanswered", before=case.number)
    mark = note(session, into, "merged", before=case.number, after=into.number)
    if was_open and not into.is_open:
        put(session, into, "reopened")
    elif asks and into.state in WAITING:
        put(session, into, "open")
    for each in session.scalars(select(Case).where(Case.parent_id == case.id)):
        if each.id != into.id:
            each.parent_id = into.id
    for each in session.scalars(select(Case).where(Case.problem_id == case.id)):
        if each.id != into.id:
            each.problem_id = into.id
    into.last_in_at = _latest(into.last_in_at, case.last_in_at)
    into.last_out_at = _latest(into.last_out_at, case.last_out_at)
    session.add(
        MergeRecord(
            case_id=case.id,
            into_id=into.id,
            customer_id=case.customer_id,
            at=now,
            before=before,
            moved=[str(each.id) for each in moved],
            mark_id=mark.id,
        )
    )
    session.emit(CaseMerged(case_id=case.id, into_id=into.id, customer_id=case.customer_id))
    return into


@operation("service.case.unmerge", title=_("Undo the merge"), permission=MERGE, effect="update")
def unmerge(session: CrmSession, case: Case) -> Case:
    """Undo the merge of a case while nothing came after: its messages come back, and it is as it was.

    Raises MergeRefused for a case that was not merged, and where something was said in the survivor since.
    """
    found = session.scalar(
        select(MergeRecord)
        .where(MergeRecord.case_id == case.id, MergeRecord.undone_at.is_(None))
        .order_by(MergeRecord.at.desc(), MergeRecord.id.desc())
        .limit(1)
    )
    if case.state != "merged" or found is None:
        raise MergeRefused(_("Case {number} was not merged."), number=case.number)
    into = session.get_one(Case, found.into_id)
    mark = session.get_one(CaseEvent, found.mark_id)
    said = (
        select(CaseEvent.id)
        .where(CaseEvent.case_id == into.id, CaseEvent.kind.in_(("customer_message", "agent_message", "merged")))
        .where((CaseEvent.at > mark.at) | ((CaseEvent.at == mark.at) & (CaseEvent.id > mark.id)))
        .limit(1)
    )
    if into.state == "merged" or session.scalar(said) is not None:
        raise MergeRefused(
            _("Something came after in case {number}."),
            fix=_("Split the messages off instead."),
            number=into.number,
        )
    wanted = set(found.moved)
    for message in session.scalars(select(CaseMessage).where(CaseMessage.case_id == into.id)):
        if str(message.id) in wanted:
            message.case_id, message.from_case_id = case.id, None
    case.merged_into_id = None
    put(session, case, found.before)
    found.undone_at = session.gate.clock.business_now()
    note(session, case, "unmerged", before=into.number)
    note(session, into, "unmerged", before=case.number)
    session.flush()
    for each in (case, into):
        _settle_last(session, each)
    session.emit(CaseUnmerged(case_id=case.id, from_id=into.id, customer_id=case.customer_id))
    return case


@operation("service.case.split", title=_("Split messages off"), permission=MERGE, effect="update")
def split(
    session: CrmSession, case: Case, *, messages: Messages, subject: Subject | None = None, type: TypeName | None = None
) -> Case:
    """Make chosen messages a new case of the customer, and return it. It begins when the first of them came.

    Raises InvalidInput for no message, or one of another case; MergeRefused where nothing would be left;
    GoneElsewhere for a merged case.
    """
    require_here(session, case)
    query = select(CaseMessage).where(CaseMessage.case_id == case.id).order_by(CaseMessage.at, CaseMessage.id)
    own = session.scalars(query).all()
    wanted = set(messages)
    chosen = [each for each in own if each.id in wanted]
    if not chosen or len(chosen) != len(wanted):
        raise problem("messages", _("Choose messages of this case."))
    if len(chosen) == len(own):
        raise MergeRefused(_("Nothing would be left of case {number}."), number=case.number)
    kind = type_named(session, type) if type is not None else session.get_one(CaseType, case.type_id)
    fresh = begin(
        session,
        Case(
            customer_id=case.customer_id,
            owner_id=case.owner_id,
            team_id=case.team_id,
            subject=subject or case.subject,
            priority=case.priority,
            channel=chosen[0].channel,
            queue_id=case.queue_id,
            language=case.language,
            product_id=case.product_id,
            purchase_id=case.purchase_id,
            about=case.about,
            follows_id=case.id,
        ),
        kind,
        at=chosen[0].at,
    )
    for each in chosen:
        each.case_id, each.from_case_id = fresh.id, case.id
        if each.direction == "in" and not each.automatic:
            note(session, fresh, "customer_message", after=each.channel, at=each.at, message_id=each.id)
        elif each.direction == "out":
            told = "auto_message" if each.automatic else "agent_message"
            note(session, fresh, told, after=each.channel, at=each.at, message_id=each.id)
    note(session, case, "split", after=fresh.number)
    note(session, fresh, "split", before=case.number)
    session.flush()
    for each in (case, fresh):
        _settle_last(session, each)
    session.emit(CaseSplit(case_id=case.id, new_id=fresh.id, customer_id=case.customer_id))
    return fresh


def _move_messages(session: CrmSession, case: Case, into: Case) -> list[CaseMessage]:
    moved = list(session.scalars(select(CaseMessage).where(CaseMessage.case_id == case.id)))
    for each in moved:
        each.case_id, each.from_case_id = into.id, case.id
    return moved


def _settle_last(session: CrmSession, case: Case) -> None:
    """Let a case say when its customer wrote last, and when a person answered last."""
    query = select(CaseMessage).where(CaseMessage.case_id == case.id, ~CaseMessage.automatic)
    said = session.scalars(query.order_by(CaseMessage.at)).all()
    case.last_in_at = max((each.at for each in said if each.direction == "in"), default=None)
    case.last_out_at = max((each.at for each in said if each.direction == "out"), default=None)


def _asks(case: Case) -> bool:
    """Say whether the customer wrote last."""
    return case.last_in_at is not None and (case.last_out_at is None or case.last_out_at < case.last_in_at)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)


OPERATIONS = [merge, unmerge, split]
