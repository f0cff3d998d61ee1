"""Noting promises: by hand, from a record, and out of a suggestion."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, TeamMember, User, operation, texts
from crmkit_experience.promises.dates import end_of
from crmkit_experience.promises.errors import SuggestionDecided, problem
from crmkit_experience.promises.events import PromiseMade
from crmkit_experience.promises.inputs import DueAt, DueOn, Kind, NewPromise, OwnerId, Record, What
from crmkit_experience.promises.models import Promise, PromiseSuggestion

_ = texts("crmkit_experience")

CREATE, UPDATE = "experience.promise.create", "experience.promise.update"
MAKE = "experience.promise.make"


@operation(MAKE, title=_("Note a promise"), permission=CREATE, effect="create")
def make_promise(session: CrmSession, new: NewPromise) -> Promise:
    """Note what was promised to a customer. A day stands for its end in the company's zone.

    Raises NotFound for a customer, owner or record that there is not or that the actor cannot see, InvalidInput without
    a time until when, for one that was over when it was promised, and for a record that is about somebody else.
    """
    now = session.gate.clock.business_now()
    customer = session.get(Customer, new.customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=new.customer_id)
    if not new.what.strip():
        raise problem("what", _("Say what was promised."))
    promised = new.promised_at or now
    if promised > now:
        raise problem("promised_at", _("This is still to come."))
    due_at, due_on, whole = due_by(session, new.due_on, new.due_at, promised)
    owner = session.get(User, new.owner_id) if new.owner_id is not None else None
    if new.owner_id is not None and (owner is None or not owner.active):
        raise NotFound(_("There is no active user {id}."), id=new.owner_id)
    owner_id = new.owner_id or session.actor.user_id or customer.owner_id
    made = Promise(
        customer_id=customer.id,
        owner_id=owner_id,
        team_id=customer.team_id or _team_of(session, owner_id),
        what=new.what.strip(),
        kind=new.kind,
        due_at=due_at,
        due_on=due_on,
        whole_day=whole,
        promised_at=promised,
        ref=_checked(session, new.ref.strip(), customer.id) if new.ref.strip() else None,
    )
    session.add(made)
    session.flush()
    session.emit(PromiseMade(promise_id=made.id, customer_id=customer.id, kind=made.kind, due_at=made.due_at))
    return made


@operation("experience.promise.from_record", title=_("Note a promise"), permission=CREATE, effect="create")
def make_from_record(
    session: CrmSession,
    *,
    record: Record,
    what: What,
    kind: Kind = "other",
    due_on: DueOn | None = None,
    due_at: DueAt | None = None,
    owner_id: OwnerId | None = None,
) -> Promise:
    """Note a promise that was made in an interaction or a case, or to a customer.

    Raises InvalidInput for what names no record about a customer, and whatever noting raises.
    """
    found = _record(session, record, "record")
    customer_id = found.id if isinstance(found, Customer) else getattr(found, "customer_id", None)
    if customer_id is None:
        raise problem("record", _("This record is about no customer."))
    values: dict[str, Any] = {"customer_id": customer_id, "what": what, "kind": kind, "due_on": due_on}
    ref = "" if isinstance(found, Customer) else record
    made: Promise = session.run(MAKE, {**values, "due_at": due_at, "owner_id": owner_id, "ref": ref})
    return made


@operation("experience.promise_suggestion.confirm", title=_("It is a promise"), permission=CREATE, effect="update")
def confirm_suggestion(
    session: CrmSession,
    suggestion: PromiseSuggestion,
    *,
    what: What | None = None,
    kind: Kind | None = None,
    due_on: DueOn | None = None,
    due_at: DueAt | None = None,
) -> Promise:
    """Make a promise of a sentence that reads like one; what is not given is as it was read.

    Raises SuggestionDecided, and whatever noting raises.
    """
    if suggestion.state != "open":
        raise SuggestionDecided(suggestion.state)
    said: Any = what or suggestion.what
    if type(said) is not str:
        raise problem("what", _("Say what was promised."))
    values: dict[str, Any] = {
        "customer_id": suggestion.customer_id,
        "what": said,
        "kind": kind or suggestion.kind,
        "owner_id": suggestion.owner_id,
        "promised_at": suggestion.said_at,
        "ref": f"interaction:{suggestion.interaction_id}",
    }
    if due_on is not None or due_at is not None:
        values |= {"due_on": due_on, "due_at": due_at}
    elif suggestion.whole_day:
        values["due_on"] = suggestion.due_on
    else:
        values["due_at"] = suggestion.due_at
    made: Promise = session.run(MAKE, values)
    suggestion.state, suggestion.promise_id = "taken", made.id
    return made


@operation("experience.promise_suggestion.dismiss", title=_("It is no promise"), permission=CREATE, effect="update")
def dismiss_suggestion(session: CrmSession, suggestion: PromiseSuggestion) -> PromiseSuggestion:
    """Say that a sentence is no promise. Raises SuggestionDecided."""
    if suggestion.state != "open":
        raise SuggestionDecided(suggestion.state)
    suggestion.state = "dismissed"
    return suggestion


def due_by(
    session: CrmSession, day: date | None, at: datetime | None, promised: datetime
) -> tuple[datetime, date, bool]:
    """Return until when (UTC), the day of it in the company's zone, and whether a whole day was said. Raises
    InvalidInput for neither or both, and for what was over when it was promised."""
    zone = session.business().zone
    if (day is None) == (at is None):
        raise problem("due_on", _("Say until which day, or until which time."))
    try:
        if day is not None:
            found, whole = end_of(day, zone), True
        else:
            found, whole = at or promised, False
            day = found.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        raise problem("due_on", _("No calendar reaches that far.")) from None
    if found <= promised:
        raise problem("due_on" if whole else "due_at", _("This was over when it was promised."))
    return found, day, whole


def _team_of(session: CrmSession, user_id: UUID | None) -> UUID | None:
    """Return the main team of a user, or the first one."""
    if user_id is None:
        return None
    query = select(TeamMember.team_id).where(TeamMember.user_id == user_id)
    return session.scalars(query.order_by(TeamMember.main.desc(), TeamMember.team_id).limit(1)).first()


def _checked(session: CrmSession, said: str, customer_id: UUID) -> str:
    found = _record(session, said, "ref")
    about = found.id if isinstance(found, Customer) else getattr(found, "customer_id", None)
    if about != customer_id:
        raise problem("ref", _("This record is not about this customer."))
    return said


def _record(session: CrmSession, said: str, name: str) -> Any:
    resource, _colon, identity = said.strip().rpartition(":")
    known = session.gate.registry.resources.get(resource)
    try:
        key = UUID(identity)
    except ValueError:
        key = None
    if known is None or key is None:
        raise problem(name, _('"{said}" names no record. Write it as resource:id.'), said=said)
    found = session.scalars(select(known.model).where(known.model.id == key)).first()
    if found is None:
        raise NotFound(_("There is no such record: {id}."), id=said)
    return found


OPERATIONS = [make_promise, make_from_record, confirm_suggestion, dismiss_suggestion]
