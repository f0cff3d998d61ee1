"""What goes over once a hand-off is accepted, and comes back when it is given back: the task, the customer.

In system scope, after the answer: the receiving side need not see these before, and whoever handed them over was
allowed to give them away. Must not decide whether anything goes over.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from crmkit import CrmkitError, CrmSession, Customer, Input, Refused, Subscription, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_work.handoffs.events import HandoffAccepted, HandoffReturned
from crmkit_work.handoffs.models import Handoff, HandoffStep
from crmkit_work.refs import parts_of
from crmkit_work.tasks.people import main_team

_ = texts("crmkit_work")


def accepted(session: CrmSession, event: HandoffAccepted) -> None:
    """Hand over what was accepted."""
    session.run("work.handoff.transfer", {"handoff_id": event.handoff_id, "back": False})


def returned(session: CrmSession, event: HandoffReturned) -> None:
    """Give back what was returned."""
    session.run("work.handoff.transfer", {"handoff_id": event.handoff_id, "back": True})


@operation("work.handoff.transfer", title=_("Hand it over"), permission="work.handoff.update", hidden=True)
def transfer(
    session: CrmSession,
    *,
    handoff_id: Annotated[UUID, Input(title=_("Hand-off"), classified="internal")],
    back: Annotated[bool, Input(title=_("Back"), classified="internal")] = False,
) -> None:
    """Give the task, and the customer or a share in it, to who has accepted, or the task and the customer back.

    What cannot be given is noted in the hand-off. Raises Refused outside system scope.
    """
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    handoff = session.get(Handoff, handoff_id)
    if handoff is None:
        return
    to = handoff.from_user_id if back else handoff.owner_id
    if to is None:
        return
    for part in _parts(session, handoff, to, back):
        action: Literal["transfer", "fail"] = "transfer"
        reason = ""
        try:
            session.run(part[0], part[1], target=part[2])
        except AlreadyExists:
            continue
        except CrmkitError as error:
            action, reason = "fail", error.code
        session.add(
            HandoffStep(
                handoff_id=handoff.id,
                customer_id=handoff.customer_id,
                action=action,
                reason=reason or None,
                at=session.gate.clock.now(),
            )
        )


def _parts(session: CrmSession, handoff: Handoff, to: UUID, back: bool) -> list[tuple[str, dict[str, Any], Any]]:
    """Return the operations that hand it over, each with its values and its target."""
    found: list[tuple[str, dict[str, Any], Any]] = []
    if handoff.ref is not None:
        resource, identity = parts_of(handoff.ref)
        if resource == "work.task":
            found.append(("work.task.assign", {"owner_id": to, "anyway": True}, identity))
    customer = session.get(Customer, handoff.customer_id) if handoff.customer_id is not None else None
    if customer is None or customer.deleted_at is not None:
        return found
    if handoff.handed == "customer":
        team_id = handoff.from_team_id if back else (handoff.team_id or main_team(session, to))
        values = {"owner_id": to} | ({"team_id": team_id} if team_id is not None else {})
        found.append(("customer.assign", values, customer.id))
    elif handoff.handed == "share" and not back:
        found.append(("share.create", {"resource": "customer", "record_id": customer.id, "user_id": to}, None))
    return found


OPERATIONS = [transfer]
SUBSCRIPTIONS = [
    Subscription(name="work.handoff_accepted", event="work.handoff.accepted", handler=accepted),
    Subscription(name="work.handoff_returned", event="work.handoff.returned", handler=returned),
]
