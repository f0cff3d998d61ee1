"""Noting what was learnt about a customer: by itself, from a record, or from another system; and correcting it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, User, given, operation, texts
from crmkit_knowledge.insights.errors import problem
from crmkit_knowledge.insights.events import InsightNoted
from crmkit_knowledge.insights.history import day_of, note_event, replace, require
from crmkit_knowledge.insights.inputs import (
    Confidence,
    DueOn,
    ExpiresOn,
    InsightUpdate,
    Kind,
    NewInsight,
    PastInsight,
    Record,
    Said,
    Source,
    Topic,
    number_of,
)
from crmkit_knowledge.insights.models import Insight, InsightTopic
from crmkit_knowledge.insights.topics import topic_named
from crmkit_knowledge.insights.words import CURRENT, FROM, LEVELS, PROMISE

_ = texts("crmkit_knowledge")

CREATE, UPDATE = "knowledge.insight.create", "knowledge.insight.update"
NOTE = "knowledge.insight.note"


@operation(NOTE, title=_("Note what is known"), permission=CREATE, effect="create")
def note(session: CrmSession, new: NewInsight) -> Insight:
    """Note something that was learnt about a customer. Of a single topic it replaces what was heard of before it; what
    was heard of later goes on to hold.

    Raises NotFound for a customer, topic, owner or record that there is not or that the actor cannot see, InvalidInput
    for a promise without a day, for anything else with one, and for what is not right by itself.
    """
    return _take(session, new, ref=_checked(session, new.ref, new.customer_id) if new.ref.strip() else None)


@operation("knowledge.insight.from_record", title=_("Note what is known"), permission=CREATE, effect="create")
def note_from_record(
    session: CrmSession,
    *,
    record: Record,
    topic: Topic,
    text: Said,
    kind: Kind | None = None,
    source: Source = "said",
    confidence: Confidence = "",
    expires_on: ExpiresOn | None = None,
    due_on: DueOn | None = None,
) -> Insight:
    """Note what an interaction, a case, feedback, an opportunity or any other record says about its customer.

    Raises InvalidInput for what names no record about a customer, and whatever noting raises.
    """
    found = _record(session, record)
    customer_id: UUID | None = getattr(found, "customer_id", None)
    if customer_id is None:
        raise problem("record", _("This record is about no customer."))
    values: dict[str, Any] = {
        "customer_id": customer_id,
        "topic": topic,
        "text": text,
        "kind": kind,
        "source": source,
        "ref": record,
        "confidence": confidence,
        "expires_on": expires_on,
        "due_on": due_on,
    }
    made: Insight = session.run(NOTE, values)
    return made


@operation("knowledge.insight.import", title=_("Take an insight over"), permission=CREATE, effect="create")
def import_insight(session: CrmSession, past: PastInsight) -> Insight:
    """Take over what another system knows of a customer, once for its external id. Raises what noting raises."""
    if past.external_id:
        known = select(Insight).where(
            Insight.external_source == past.external_source, Insight.external_id == past.external_id
        )
        found = session.scalars(known).first()
        if found is not None:
            return found
    values = {name: value for name, value in given(past).items() if not name.startswith("external_")}
    made = _take(session, NewInsight(**values))
    made.external_source, made.external_id = past.external_source, past.external_id
    return made


@operation("knowledge.insight.correct", title=_("Correct"), permission=UPDATE, effect="update")
def correct(session: CrmSession, insight: Insight, changes: InsightUpdate) -> Insight:
    """Correct what is said of an insight that holds: its words, how sure it is, its days, whose it is.

    Raises InsightInState for one that does not hold, InvalidInput, NotFound for an owner who is not there.
    """
    require(insight, CURRENT)
    said = given(changes)
    if "text" in said:
        insight.text = _text(said["text"])
    if "source" in said:
        insight.source = said["source"]
    if "confidence" in said:
        insight.confidence = confidence_of(said["confidence"], insight.confidence)
    if "expires_on" in said:
        insight.expires_on = _expiry(session, insight.kind, said["expires_on"], insight.learnt_at)
    if "due_on" in said and said["due_on"] != insight.due_on:
        insight.due_on = _due(session, insight.kind, said["due_on"], insight.learnt_at)
        insight.told_on = None
    if "owner_id" in said:
        insight.owner_id = _owner(session, said["owner_id"])
    note_event(session, insight, "corrected", session.gate.clock.business_now())
    return insight


def confidence_of(said: str, otherwise: Decimal) -> Decimal:
    """Return the number for a confidence in words or digits. Raises InvalidInput for what is neither."""
    found = number_of(said, otherwise)
    if found is None:
        raise problem("confidence", _("Say sure, likely or guess, or a number from 0 to 1."))
    return found


def _take(session: CrmSession, new: NewInsight, *, ref: str | None = None) -> Insight:
    now = session.gate.clock.business_now()
    customer = one_at_a_time(session, new.customer_id)
    topic = topic_named(session, new.topic)
    kind = new.kind or topic.kind
    learnt = new.learnt_at or now
    if learnt > now:
        raise problem("learnt_at", _("This is still to come."))
    made = Insight(
        customer_id=customer.id,
        topic_id=topic.id,
        kind=kind,
        text=_text(new.text),
        source=new.source,
        ref=ref,
        learnt_at=learnt,
        confidence=confidence_of(new.confidence, LEVELS[FROM[new.source]]),
        expires_on=_expiry(session, kind, new.expires_on, learnt) or expiry_by(session, topic, kind, learnt),
        due_on=_due(session, kind, new.due_on, learnt),
        state=CURRENT,
        owner_id=_owner(session, new.owner_id) or session.actor.user_id or customer.owner_id,
    )
    session.add(made)
    session.flush()
    note_event(session, made, "noted", learnt)
    replace(session, made, topic)
    session.emit(InsightNoted(insight_id=made.id, customer_id=customer.id, topic=topic.name, kind=kind))
    return made


def one_at_a_time(session: CrmSession, customer_id: UUID) -> Customer:
    """Return a customer of whom nobody else notes anything before this is done: else two could each be the newest of a
    topic. Raises NotFound for one that there is not or that the actor cannot see."""
    query = select(Customer).where(Customer.id == customer_id, Customer.deleted_at.is_(None))
    customer = session.scalars(query.with_for_update(key_share=True)).first()
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def expiry_by(session: CrmSession, topic: InsightTopic, kind: str, heard: datetime) -> date | None:
    """Return the last day on which what was heard of then is trusted; promises end otherwise, and some last."""
    return day_of(session, heard) + timedelta(days=topic.days) if topic.days and kind != PROMISE else None


def _text(said: str) -> str:
    if not said.strip():
        raise problem("text", _("Say what is known."))
    return said.strip()


def _expiry(session: CrmSession, kind: str, day: date | None, learnt: datetime) -> date | None:
    if day is not None and kind == PROMISE:
        raise problem("expires_on", _("A promise does not expire: it is kept, broken or withdrawn."))
    if day is not None and day < day_of(session, learnt):
        raise problem("expires_on", _("It was not known yet then."))
    return day


def _due(session: CrmSession, kind: str, day: date | None, learnt: datetime) -> date | None:
    if kind == PROMISE:
        if day is None:
            raise problem("due_on", _("Say by when it is promised."))
        if day < day_of(session, learnt):
            raise problem("due_on", _("It was not promised yet then."))
    elif day is not None:
        raise problem("due_on", _("This is no promise."))
    return day


def _owner(session: CrmSession, owner_id: UUID | None) -> UUID | None:
    if owner_id is not None:
        user = session.get(User, owner_id)
        if user is None or not user.active:
            raise NotFound(_("There is no active user {id}."), id=owner_id)
    return owner_id


def _checked(session: CrmSession, said: str, customer_id: UUID) -> str:
    """Return the name of a record that the actor sees and that is about the customer."""
    found = _record(session, said, "ref")
    if isinstance(found, Customer):
        about: UUID | None = found.id
    else:
        about = getattr(found, "customer_id", None)
    if about != customer_id:
        raise problem("ref", _("This record is not about this customer."))
    return said.strip()


def _record(session: CrmSession, said: str, name: str = "record") -> Any:
    resource, _colon, identity = said.strip().rpartition(":")
    known = session.gate.registry.resources.get(resource)
    try:
        key = UUID(identity)
    except ValueError:
        key = None
    if known is None or key is None:
        raise problem(name, _('"{said}" names no record. Write it as resource:id.'), said=said)
    found = session.get(known.model, key)
    if found is None:
        raise NotFound(_("There is no such record: {id}."), id=said)
    return found


OPERATIONS = [note, note_from_record, import_insight, correct]
