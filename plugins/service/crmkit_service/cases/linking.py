"""Cases that belong together: parts of a case, and incidents of a problem. Must not change what is in them.

When a problem is resolved its incidents are told: each that is open gets a note and, where that was wanted, is resolved
with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from crmkit_work.api import NewNotice, notify
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Input, Refused, Subscription, operation, texts
from crmkit_service.cases.changing import enter, require_here
from crmkit_service.cases.errors import LinkRefused
from crmkit_service.cases.events import CaseResolved
from crmkit_service.cases.history import note, path_of, ref_of
from crmkit_service.cases.inputs import CaseId, require_case
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")

MERGE = "service.case.merge"
ROLES = {"parent": _("Part of"), "problem": _("Problem behind it")}
Role = Annotated[Literal["parent", "problem"], Input(title=_("As"), choices=ROLES, classified="internal")]
KIND = "service.case"
"""The kind of notices about cases."""


@operation("service.case.relate", title=_("Link to another case"), permission=MERGE, effect="update")
def link(session: CrmSession, case: Case, *, to_id: CaseId, role: Role) -> Case:
    """Say that a case is a part of another one, or an incident of the problem that another one is.

    They may be different customers'. Raises LinkRefused for the case itself, a circle, or a merged case.
    """
    require_here(session, case)
    to = require_case(session, to_id)
    require_here(session, to)
    if to.id == case.id:
        raise LinkRefused(_("A case is not linked to itself."), fix=_("Name another one."))
    column = f"{role}_id"
    above: Case | None = to
    seen = set[Any]()
    while above is not None and above.id not in seen:
        if above.id == case.id:
            raise LinkRefused(_("Case {number} is linked to this one already."), number=to.number)
        seen.add(above.id)
        following = getattr(above, column)
        above = session.get(Case, following) if following is not None else None
    if role == "problem" and to.problem_id is not None:
        raise LinkRefused(
            _("Case {number} is an incident of a problem itself."), fix=_("Name that problem."), number=to.number
        )
    if getattr(case, column) == to.id:
        return case
    setattr(case, column, to.id)
    note(session, case, "linked", after=f"{role} {to.number}")
    return case


@operation("service.case.unrelate", title=_("Remove the link"), permission=MERGE, effect="update")
def unlink(session: CrmSession, case: Case, *, role: Role) -> Case:
    """Say that a case is no part, or no incident, of another one any more; without a link nothing happens."""
    column = f"{role}_id"
    before = getattr(case, column)
    if before is not None:
        linked = session.get(Case, before)
        setattr(case, column, None)
        note(session, case, "unlinked", before=f"{role} {linked.number if linked is not None else ''}".strip())
    return case


@operation("service.case.follow_problem", title=_("Follow the problem"), permission=MERGE, hidden=True)
def follow_problem(session: CrmSession, case: Case) -> int:
    """Let the open incidents of a problem follow that it was resolved, and return how many are resolved with it.

    An incident goes with it where somebody has answered its customer since it was opened; whoever has another one is
    told to answer first. Raises Refused outside system scope.
    """
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    if case.phase != "resolved":
        return 0
    resolved = 0
    for incident in incidents_of(session, case):
        if not incident.is_open:
            continue
        note(session, incident, "linked", before="problem", after=f"resolved {case.number}")
        try:
            with session.begin_nested():
                done = incident.last_out_at is not None and enter(session, incident, "resolved")
        except CrmkitError:
            done = False
        if done:
            resolved += 1
            continue
        told = NewNotice(
            kind=KIND,
            title=_("The problem behind case {number} is solved; its customer has not been told yet."),
            values={"number": str(incident.number)},
            ref=ref_of(incident),
            path=path_of(incident),
            customer_id=incident.customer_id,
        )
        notify(session, [incident.owner_id], told)
    return resolved


def incidents_of(session: CrmSession, case: Case) -> Sequence[Case]:
    """Return the cases behind which a case is the problem."""
    return session.scalars(select(Case).where(Case.problem_id == case.id).order_by(Case.opened_at, Case.id)).all()


def parts_of(session: CrmSession, case: Case) -> Sequence[Case]:
    """Return the cases that are parts of a case."""
    return session.scalars(select(Case).where(Case.parent_id == case.id).order_by(Case.opened_at, Case.id)).all()


def _resolved(session: CrmSession, event: CaseResolved) -> None:
    case = session.get(Case, event.case_id)
    if case is not None:
        session.run("service.case.follow_problem", target=case)


def _is_problem(session: CrmSession, event: CaseResolved) -> bool:
    return session.scalar(select(Case.id).where(Case.problem_id == event.case_id).limit(1)) is not None


OPERATIONS = [link, unlink, follow_problem]
SUBSCRIPTIONS = [
    Subscription(name="service.problem_resolved", event="service.case.resolved", handler=_resolved, wanted=_is_problem)
]
