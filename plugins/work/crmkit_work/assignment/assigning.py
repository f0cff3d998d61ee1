"""The engine's one operation: somebody is looked for, and who got the work, and why, is kept in the log.

The framework's own operations run it on their own behalf: who gets work does not depend on what whoever brings it may
see.
"""

from __future__ import annotations

from typing import Any, cast

from crmkit import CrmSession, Customer, new_id, operation, texts
from crmkit.errors import NotFound
from crmkit_work.assignment.events import AssignmentMade
from crmkit_work.assignment.loads import note_load
from crmkit_work.assignment.models import AssignmentEntry
from crmkit_work.assignment.searching import Found, Search
from crmkit_work.assignment.values import Assignment, Wish

_ = texts("crmkit_work")


def assign(session: CrmSession, wish: Wish) -> Assignment:
    """Give a piece of work to somebody, within an operation or a transaction, and keep in the log who got it and why.

    Nobody who is inactive, absent, offline or full ever gets any; where nobody can take it the queue's fallback does,
    else it waits in the queue, and the answer says so. Raises NotFound for an unknown queue, InvalidInput for skills
    that are not understood. A plugin that requires work names ``work.assignment.create`` among what its manifest uses.
    """
    found: Assignment = session.run("work.assignment.create", cast(Any, wish))
    return found


def preview(session: CrmSession, wish: Wish) -> Assignment:
    """Return what `assign` would answer now, keeping nothing; the session may be one that reads. Raises as `assign`."""
    search = Search(session, wish, looks=True)
    return _answer(search, search.decide())


@operation("work.assignment.create", title=_("Assign a piece of work"), effect="create", hidden=True)
def create_assignment(session: CrmSession, wish: Wish) -> Assignment:
    """Decide who gets a piece of work, and keep in the log why, and why nobody else does.

    Raises as `assign` does, and NotFound for a customer whom the user who asks for it does not see.
    """
    asked_directly = session.unit.depth == 1
    if asked_directly and wish.customer_id is not None and session.get(Customer, wish.customer_id) is None:
        raise NotFound(_("There is no such record: {id}."), id=wish.customer_id)
    search = Search(session, wish)
    answer = _answer(search, search.decide())
    session.add(
        AssignmentEntry(
            id=answer.id,
            ref=wish.ref,
            customer_id=wish.customer_id,
            queue_id=answer.queue_id,
            user_id=answer.user_id,
            team_id=answer.team_id,
            strategy=answer.strategy,
            code=answer.why.code,
            facts=dict(answer.why.values),
            verdicts=[
                [str(each.user_id), each.reason, dict(each.values), str(each.queue_id) if each.queue_id else None]
                for each in answer.why_not
            ],
            asked={"skills": list(wish.skills), "languages": list(wish.languages)},
            purpose=wish.purpose,
            decided_at=search.at,
            actor_id=session.actor.id,
        )
    )
    note_load(session, wish.ref, answer.user_id, queue_id=answer.queue_id)
    session.emit(
        AssignmentMade(
            assignment_id=answer.id,
            ref=wish.ref,
            strategy=answer.strategy,
            queue_id=answer.queue_id,
            user_id=answer.user_id,
            team_id=answer.team_id,
            customer_id=wish.customer_id,
        )
    )
    return answer


def _answer(search: Search, found: Found) -> Assignment:
    return Assignment(
        id=new_id(),
        ref=search.wish.ref,
        user_id=found.user_id,
        team_id=found.team_id,
        queue_id=found.queue_id,
        strategy=found.strategy,
        why=found.why,
        why_not=tuple(search.rejected),
    )


OPERATIONS = [create_assignment]
