"""What can be done with hand-offs: offering, accepting, declining with a reason, returning, finishing, withdrawing.

Each step is kept, told to the other side and raised as an event. What goes over with it goes over afterwards, in system
scope, as the receiving side need not see it yet: see `crmkit_work.handoffs.handing`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import attrs

from crmkit import (
    Conflict,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Refused,
    Team,
    User,
    operation,
    texts,
)
from crmkit_work.assignment.assigning import assign
from crmkit_work.assignment.loads import note_load
from crmkit_work.assignment.models import Queue
from crmkit_work.assignment.values import Wish
from crmkit_work.handoffs import events
from crmkit_work.handoffs.models import Handoff, HandoffStep
from crmkit_work.handoffs.sides import asked, due_at, leads, receivers, receiving_calendar, waited
from crmkit_work.handoffs.words import HANDED, WAITING
from crmkit_work.notices.telling import NewNotice, notify
from crmkit_work.refs import customer_of, kind_of, parts_of, required
from crmkit_work.tasks.people import main_team, queue_named, stand_in

_ = texts("crmkit_work")

DAY = 8 * 3600
UPDATE = "work.handoff.update"
EXPIRE = "work.expire_handoff"

Reason = Annotated[str, Input(title=_("Why"), max_length=2000, multiline=True)]
Ref = Annotated[
    str | None,
    Input(title=_("About"), max_length=160, classified="internal", help=_("A record, as in work.task:0197a1b2-….")),
]


@attrs.frozen(kw_only=True)
class NewHandoff:
    """What is handed to whom: a person, a team or a queue, one of the three; out of a queue the assignment engine asks
    somebody. ``accept_minutes`` is working time of the receiving side."""

    title: Annotated[str, Input(title=_("Title"), max_length=300, classified="internal")]
    request: Annotated[str, Input(title=_("What is asked"), max_length=10_000, multiline=True)] = ""
    to_team_id: Annotated[UUID | None, Input(title=_("To the team"), resource="team", classified="internal")] = None
    to_user_id: Annotated[UUID | None, Input(title=_("To"), resource="user", classified="internal")] = None
    to_queue: Annotated[
        str, Input(title=_("To the queue"), resource="work.queue", max_length=60, classified="internal")
    ] = ""
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), resource="customer", classified="internal")] = None
    ref: Ref = None
    accept_minutes: Annotated[
        int, Input(title=_("To be accepted within (minutes)"), minimum=1, maximum=60 * 24 * 90, classified="internal")
    ] = DAY // 60
    handed: Annotated[
        Literal["nothing", "share", "customer"], Input(title=_("Goes over"), choices=HANDED, classified="internal")
    ] = "nothing"


@operation("work.handoff.offer", title=_("Hand over"), permission="work.handoff.create", effect="create")
def offer(session: CrmSession, new: NewHandoff) -> Handoff:
    """Hand something to another side, which has to accept it in time.

    Raises InvalidInput for nobody or several to hand it to, NotFound for what is not there or not seen, Refused for
    handing over what whoever acts may not give away.
    """
    if not new.title.strip():
        raise _problem("title", _("Say what it is about."))
    if sum(1 for each in (new.to_team_id, new.to_user_id, new.to_queue) if each) != 1:
        raise _problem("to_team_id", _("Name one: a person, a team or a queue."))
    record = required(session, new.ref) if new.ref else None
    customer_id = new.customer_id or (customer_of(record) if record is not None else None)
    customer = session.get(Customer, customer_id) if customer_id is not None else None
    if customer_id is not None and (customer is None or customer.deleted_at is not None):
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    _check_giving(session, new, customer, record)
    now = session.gate.clock.now()
    acting = session.guarding.rights.user_id
    handoff = Handoff(
        title=new.title.strip(),
        request=new.request.strip() or None,
        ref=new.ref,
        customer_id=customer_id,
        from_user_id=acting,
        from_team_id=main_team(session, acting) if acting is not None else None,
        handed=new.handed,
        accept_seconds=new.accept_minutes * 60,
        offered_at=now,
        due_at=now,
    )
    _address(session, handoff, new)
    handoff.due_at = due_at(receiving_calendar(session, handoff), now, handoff.accept_seconds)
    session.add(handoff)
    session.flush()
    _step(session, handoff, "offer", "")
    session.defer(EXPIRE, run_at=handoff.due_at, handoff_id=str(handoff.id))
    _tell(session, handoff, asked(session, handoff), _("{who} hands over to you: {title}"), urgent=False)
    session.emit(
        events.HandoffOffered(
            handoff_id=handoff.id, customer_id=customer_id, team_id=handoff.team_id, owner_id=handoff.owner_id
        )
    )
    return handoff


def _address(session: CrmSession, handoff: Handoff, new: NewHandoff) -> None:
    if new.to_user_id is not None:
        user = session.get(User, new.to_user_id)
        if user is None or not user.active:
            raise NotFound(_("There is no active user {id}."), id=new.to_user_id)
        handoff.owner_id = new.to_user_id
        deputy = stand_in(session, new.to_user_id, session.gate.clock.now())
        handoff.deputy_id = deputy if deputy not in (new.to_user_id, handoff.from_user_id) else None
    elif new.to_team_id is not None:
        team = session.get(Team, new.to_team_id)
        if team is None or not team.active:
            raise NotFound(_("There is no team {id}."), id=new.to_team_id)
        handoff.team_id = new.to_team_id
    else:
        queue: Queue = queue_named(session, new.to_queue)
        handoff.queue_id = queue.id
        acting = handoff.from_user_id
        wish = Wish(
            ref=ref_of(handoff),
            title=handoff.title,
            customer_id=handoff.customer_id,
            queue_id=queue.id,
            exclude=(acting,) if acting is not None else (),
            purpose="handoff",
        )
        found = assign(session, wish)
        handoff.owner_id, handoff.team_id = found.user_id, found.team_id


def _check_giving(session: CrmSession, new: NewHandoff, customer: Customer | None, record: Any) -> None:
    """Refuse to hand over what whoever acts could not give away."""
    if new.handed != "nothing" and customer is None:
        raise _problem("handed", _("There is no customer who could go over."))
    if customer is not None:
        needed = {"share": ("update",), "customer": ("assign",)}.get(new.handed)
        if needed and not session.gate.may(session, needed, customer):
            raise Refused(_("You may not give this customer to others."))
    is_task = record is not None and parts_of(new.ref or "")[0] == "work.task"
    if is_task and not session.gate.may(session, ("assign",), record):
        raise Refused(_("You may not give this task to others."))


@operation("work.handoff.accept", title=_("Accept"), permission=UPDATE, effect="update")
def accept(session: CrmSession, handoff: Handoff) -> Handoff:
    """Take what was handed over; it is then whoever accepts' own. Raises Refused for somebody who was not asked,
    Conflict where it was answered already."""
    user_id = _receiver(session, handoff)
    _require(handoff, WAITING)
    _answered(session, handoff)
    handoff.owner_id, handoff.accepted_at = user_id, session.gate.clock.now()
    handoff.state = "accepted"
    note_load(session, ref_of(handoff), user_id, queue_id=handoff.queue_id)
    _step(session, handoff, "accept", "")
    _tell(session, handoff, [handoff.from_user_id], _("{who} has accepted: {title}"))
    session.emit(
        events.HandoffAccepted(
            handoff_id=handoff.id,
            owner_id=user_id,
            customer_id=handoff.customer_id,
            waited_seconds=handoff.waited_seconds or 0,
        )
    )
    return handoff


@operation("work.handoff.decline", title=_("Decline"), permission=UPDATE, effect="update")
def decline(session: CrmSession, handoff: Handoff, *, reason: Reason) -> Handoff:
    """Do not take what was handed over, and say why. Raises as accepting does, InvalidInput without a reason."""
    _receiver(session, handoff)
    _require(handoff, WAITING)
    _answered(session, handoff)
    return _end(session, handoff, "declined", "decline", reason, events.HandoffDeclined)


@operation("work.handoff.return", title=_("Give back"), permission=UPDATE, effect="update")
def give_back(session: CrmSession, handoff: Handoff, *, reason: Reason) -> Handoff:
    """Give back what was accepted, and say why. Raises Refused for anybody but who has it, Conflict where nobody has,
    InvalidInput without a reason."""
    _holder(session, handoff)
    _require(handoff, ("accepted",))
    return _end(session, handoff, "returned", "return", reason, events.HandoffReturned)


@operation("work.handoff.finish", title=_("Done"), permission=UPDATE, effect="update")
def finish(session: CrmSession, handoff: Handoff, *, reason: Reason = "") -> Handoff:
    """Say that what was asked is done. Raises Refused for anybody but who has it, Conflict where nobody has."""
    _holder(session, handoff)
    _require(handoff, ("accepted",))
    return _end(session, handoff, "done", "finish", reason, events.HandoffFinished, needs_reason=False)


@operation("work.handoff.withdraw", title=_("Withdraw"), permission=UPDATE, effect="update")
def withdraw(session: CrmSession, handoff: Handoff, *, reason: Reason = "") -> Handoff:
    """Take a hand-off back that nobody has accepted yet. Raises Refused for anybody but who has made it, Conflict where
    it was accepted or has ended."""
    if not _acts_as(session, handoff.from_user_id):
        raise Refused(_("Only who has handed it over withdraws it."))
    _require(handoff, WAITING)
    told = asked(session, handoff)
    handoff = _end(
        session, handoff, "withdrawn", "withdraw", reason, events.HandoffWithdrawn, needs_reason=False, quiet=True
    )
    _tell(session, handoff, told, _("{who} has withdrawn: {title}"))
    return handoff


@operation("work.handoff.expire", title=_("Not accepted in time"), permission=UPDATE, hidden=True)
def expire(
    session: CrmSession, *, handoff_id: Annotated[UUID, Input(title=_("Hand-off"), classified="internal")]
) -> None:
    """Say that nobody has accepted it in time, to both sides and to who leads the receiving one. Raises Refused outside
    system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    handoff = session.get(Handoff, handoff_id, with_for_update=True)
    if handoff is None or handoff.state != "offered" or session.gate.clock.now() < handoff.due_at:
        return
    handoff.state, handoff.expired_at = "expired", session.gate.clock.now()
    _step(session, handoff, "expire", "")
    told = [handoff.from_user_id, *receivers(session, handoff), *leads(session, handoff)]
    _tell(session, handoff, told, _("Nobody has accepted in time: {title}"), urgent=True)
    session.emit(events.HandoffExpired(handoff_id=handoff.id, customer_id=handoff.customer_id))


def expire_due(session: CrmSession, handoff_id: str) -> None:
    """Let the time of a hand-off run out: the job."""
    session.run("work.handoff.expire", {"handoff_id": handoff_id})


# --- what they have in common -----------------------------------------------------------------------------------------


def ref_of(handoff: Handoff) -> str:
    """Return how others refer to a hand-off."""
    return f"work.handoff:{handoff.id}"


def path_of(handoff: Handoff) -> str:
    """Return the page of a hand-off."""
    return f"/modules/work/handoff?id={handoff.id}"


def _acts_as(session: CrmSession, user_id: UUID | None) -> bool:
    rights = session.guarding.rights
    return rights.unrestricted or (user_id is not None and rights.user_id == user_id)


def _receiver(session: CrmSession, handoff: Handoff) -> UUID:
    user_id = session.guarding.rights.user_id
    if user_id is None or user_id not in receivers(session, handoff):
        raise Refused(_("This was handed to somebody else."))
    return user_id


def _holder(session: CrmSession, handoff: Handoff) -> None:
    if not _acts_as(session, handoff.owner_id):
        raise Refused(_("Somebody else has accepted this."))


def _require(handoff: Handoff, states: tuple[str, ...]) -> None:
    if handoff.state not in states:
        raise Conflict(_("It has been answered, or is over."), fix=_("Look at it again."))


def _answered(session: CrmSession, handoff: Handoff) -> None:
    now = session.gate.clock.now()
    handoff.waited_seconds = waited(receiving_calendar(session, handoff), handoff.offered_at, now)


def _end(
    session: CrmSession,
    handoff: Handoff,
    state: str,
    action: str,
    reason: str,
    event: type[Any],
    *,
    needs_reason: bool = True,
    quiet: bool = False,
) -> Handoff:
    if needs_reason and not reason.strip():
        raise _problem("reason", _("Say why."))
    handoff.state, handoff.ended_at = state, session.gate.clock.now()
    note_load(session, ref_of(handoff), None)
    _step(session, handoff, action, reason)
    titles = {
        "declined": _("{who} has declined: {title}"),
        "returned": _("{who} has given back: {title}"),
        "done": _("{who} has finished: {title}"),
    }
    if not quiet:
        _tell(session, handoff, [handoff.from_user_id], titles[state])
    session.emit(event(handoff_id=handoff.id, customer_id=handoff.customer_id))
    return handoff


def _step(session: CrmSession, handoff: Handoff, action: str, reason: str) -> None:
    session.add(
        HandoffStep(
            handoff_id=handoff.id,
            customer_id=handoff.customer_id,
            action=action,
            user_id=session.actor.user_id,
            reason=reason.strip() or None,
            at=session.gate.clock.now(),
        )
    )


def _tell(session: CrmSession, handoff: Handoff, users: list[UUID | None], title: str, urgent: bool = False) -> None:
    notify(
        session,
        users,
        NewNotice(
            kind="handoff",
            title=title,
            values={
                "who": session.actor.name or _("Somebody"),
                "title": handoff.title,
                "about": kind_of(session, handoff.ref) if handoff.ref else "",
            },
            ref=ref_of(handoff),
            path=path_of(handoff),
            urgent=urgent,
            customer_id=handoff.customer_id,
        ),
    )


def _problem(field: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=field)])


OPERATIONS = [offer, accept, decline, give_back, finish, withdraw, expire]
