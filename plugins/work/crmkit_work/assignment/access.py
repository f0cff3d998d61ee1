"""Who sees an entry of the log besides those who see its customer: whoever got the work, and everybody of work that is
about no customer, as it says nothing but who has it and why."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_

from crmkit import AccessRule, Actor, texts
from crmkit_work.assignment.models import AssignmentEntry

_ = texts("crmkit_work")

REASON = _("The work is one's own, or about no customer.")


def access_rules(actor: Actor, action: str, resource: str) -> Sequence[AccessRule] | None:
    """Allow reading why one's own work came to one, and why work went to whom that is about no customer."""
    if resource != "work.assignment" or action != "read" or actor.user_id is None:
        return None
    mine = or_(AssignmentEntry.user_id == actor.user_id, AssignmentEntry.customer_id.is_(None))
    return [AccessRule(effect="allow", where=mine, reason=REASON)]
