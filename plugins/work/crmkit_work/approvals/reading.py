"""Reading requests for approval: who asked, who is asked, and who looks after approvals; nobody else.

The requests are read in system scope and given out only to these. Of the values those are shown whose class the reader
reads. Must not change anything.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import String, cast, select

from crmkit import CrmSession, Input, NotFound, User, texts
from crmkit_work.approvals.models import Approval, ApprovalEntry
from crmkit_work.approvals.steps import Progress, current, deciders, read
from crmkit_work.notices.reading import names_of

_ = texts("crmkit_work")

WHY = "requests that the reader made or decides about"
MOST = 1000
HIDDEN = "•••"


@frozen(kw_only=True)
class Entry:
    """An entry of the log of a request."""

    action: str
    who: str
    instead_of: str
    step: int
    reason: str
    at: datetime


@frozen(kw_only=True)
class Asked:
    """A request as its reader sees it. ``decides`` says whether the reader can decide now, ``mine`` whether the reader
    asked; ``values`` are names with what is shown of them."""

    id: UUID
    title: str
    operation: str
    operation_title: str
    state: str
    requester: str
    customer_id: UUID | None
    customer: str | None
    steps: Sequence[Progress]
    step: int
    names: Mapping[UUID, str]
    due_at: datetime
    created_at: datetime
    target: str
    """The record that it is about, as ``<resource>:<id>``; empty for none."""
    result: str | None
    problem: str | None
    mine: bool
    decides: bool
    values: Sequence[tuple[str, str]] = ()
    log: Sequence[Entry] = ()


def requests_of(session: CrmSession, *, which: str = "waiting", limit: int = 100) -> list[Asked]:
    """Return requests: those that wait for the reader (``waiting``), the reader's own (``mine``), or all that the
    reader may see (``all``), the most urgent first."""
    reader = session.guarding.rights.user_id
    with session.crm.session(session.crm.system(WHY)) as system:
        query = select(Approval)
        if which == "waiting":
            query = query.where(Approval.state == "open").order_by(Approval.due_at, Approval.id)
        else:
            query = query.order_by(Approval.created_at.desc(), Approval.id)
        if which == "mine":
            query = query.where(Approval.requester_id == reader)
        found: list[Asked] = []
        for each in system.scalars(query.limit(MOST)):
            shown = _shown(session, system, each, whole=False)
            if shown is not None and (which != "waiting" or shown.decides):
                found.append(shown)
            if len(found) >= limit:
                break
    return found


def waiting_count(session: CrmSession) -> int:
    """Return how many requests wait for the reader to decide, those in place of others aside: it is quick."""
    reader = session.guarding.rights.user_id
    if reader is None:
        return 0
    with session.crm.session(session.crm.system(WHY)) as system:
        asked = cast(Approval.progress, String).contains(str(reader))
        query = select(Approval.progress).where(Approval.state == "open", asked, Approval.requester_id != reader)
        steps = [read(each) for each in system.scalars(query.limit(MOST))]
    return sum(1 for each in steps if reader in each[current(each)].open_for)


def request_of(session: CrmSession, approval_id: UUID) -> Asked:
    """Return a request with its values and its log. Raises NotFound for one that is none of the reader's business."""
    with session.crm.session(session.crm.system(WHY)) as system:
        approval = system.get(Approval, approval_id)
        shown = _shown(session, system, approval, whole=True) if approval is not None else None
    if shown is None:
        raise NotFound(_("There is no such request."))
    return shown


def _shown(session: CrmSession, system: CrmSession, approval: Approval, *, whole: bool) -> Asked | None:
    rights = session.guarding.rights
    reader = rights.user_id
    progress = read(approval.progress)
    number = current(progress)
    places: Mapping[UUID, UUID] = {}
    if approval.state == "open" and number < len(progress):
        places = deciders(system, progress[number], approval.requester_id)
    known = {user for step in progress for user in (*step.asked, *(vote.user_id for vote in step.votes))}
    mine = reader is not None and reader == approval.requester_id
    sees = mine or reader in known or reader in places or rights.scope("work.approval", "read") == "all"
    if not (sees or rights.unrestricted):
        return None
    entries = _entries(system, approval) if whole else []
    ids = known | set(places) | {each.user_id for each in entries} | {each.for_id for each in entries}
    names = _names(system, ids | {approval.requester_id})
    customers = names_of(session, [approval.customer_id] if approval.customer_id is not None else [])
    declared = session.gate.registry.operations.get(approval.operation)
    legible = rights.level("work.approval", "text") == "full"
    return Asked(
        id=approval.id,
        title=approval.title,
        operation=approval.operation,
        operation_title=declared.title if declared is not None else approval.operation,
        state=approval.state,
        requester=names.get(approval.requester_id, "–") if approval.requester_id is not None else "–",
        customer_id=approval.customer_id if approval.customer_id in customers else None,
        customer=customers.get(approval.customer_id) if approval.customer_id is not None else None,
        steps=progress,
        step=number,
        names=names,
        due_at=approval.due_at,
        created_at=approval.created_at,
        target=_target(session, approval),
        result=approval.result,
        problem=approval.problem if mine or rights.unrestricted else None,
        mine=mine,
        decides=reader is not None and reader in places,
        values=_values(session, approval, mine) if whole else (),
        log=[
            Entry(
                action=each.action,
                who=names.get(each.user_id, "–") if each.user_id is not None else "–",
                instead_of=names.get(each.for_id, "") if each.for_id is not None else "",
                step=each.step,
                reason=(each.reason or "") if legible else "",
                at=each.at,
            )
            for each in entries
        ],
    )


def _target(session: CrmSession, approval: Approval) -> str:
    registry = session.gate.registry
    declared = registry.operations.get(approval.operation)
    if declared is None or declared.target is None or approval.target_id is None:
        return ""
    return f"{registry.resource_name(declared.target.__tablename__)}:{approval.target_id}"


def _entries(system: CrmSession, approval: Approval) -> Sequence[ApprovalEntry]:
    query = select(ApprovalEntry).where(ApprovalEntry.approval_id == approval.id)
    return system.scalars(query.order_by(ApprovalEntry.at, ApprovalEntry.id)).all()


def _names(system: CrmSession, ids: set[UUID | None]) -> dict[UUID, str]:
    wanted = sorted(each for each in ids if each is not None)
    return {each.id: each.name for each in system.scalars(select(User).where(User.id.in_(wanted)))}


def _values(session: CrmSession, approval: Approval, mine: bool) -> list[tuple[str, str]]:
    """Return the values of a request: in full for who gave them, else as the reader reads their classes."""
    declared = session.gate.registry.operations.get(approval.operation)
    classes: dict[str, str] = {}
    titles: dict[str, str] = {}
    resource = approval.operation.rpartition(".")[0]
    if declared is not None:
        resource = declared.resource
        for name, hint in typing.get_type_hints(declared.inputs, include_extras=True).items():
            info = _input(hint)
            classes[name] = info.classified
            titles[name] = info.title or name
    rights = session.guarding.rights
    found: list[tuple[str, str]] = []
    for name, value in approval.values.items():
        level = "full" if mine else rights.level(resource, classes.get(name, "sensitive"))
        found.append((titles.get(name, name), str(value) if level == "full" else HIDDEN))
    return found


def _input(hint: Any) -> Input:
    """Return what an input says of itself, also where it may be left out."""
    for each in (hint, *typing.get_args(hint)):
        for extra in getattr(each, "__metadata__", ()):
            if isinstance(extra, Input):
                return extra
    return Input()
