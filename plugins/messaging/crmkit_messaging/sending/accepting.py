"""Accepting messages: checked, written out and decided on for the first time; whether one leaves is decided anew when
it is about to. Must not talk to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import select

from crmkit import (
    Attachment,
    CrmkitError,
    CrmSession,
    Customer,
    Interaction,
    InvalidInput,
    NotFound,
    Problem,
    operation,
    surviving_id,
    texts,
)
from crmkit.errors import KeyReused
from crmkit_messaging.sending.channels import candidates, mailbox_problem, template_of
from crmkit_messaging.sending.deciding import Decision
from crmkit_messaging.sending.events import MessageHeld, MessageRefused
from crmkit_messaging.sending.inputs import NewMessage
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.reading import Request, chunks, decide_each, regulations
from crmkit_messaging.sending.waking import wake

_ = texts("crmkit_messaging")

SEND = "messaging.message.send"
"""The right to send."""
MOST_FILES = 20


@define(kw_only=True)
class _Draft:
    """A message on its way to a row."""

    new: NewMessage
    customer: Customer | None = None
    answers: Interaction | None = None
    existing: OutgoingMessage | None = None
    like: _Draft | None = None
    """The draft of the same batch that has the same key and came first."""
    row: OutgoingMessage | None = None
    channel: str = ""
    text: Mapping[str, Any] = field(factory=dict[str, Any])
    decision: Decision | None = None
    error: CrmkitError | None = None

    @property
    def open(self) -> bool:
        """Say whether the message is to be accepted."""
        return self.error is None and self.existing is None and self.like is None


def accept_many(session: CrmSession, items: Sequence[NewMessage]) -> list[OutgoingMessage | CrmkitError]:
    """Accept messages, and return for each what was kept of it, or the error for which it was not accepted.

    What the gate refuses is accepted and refused: it is kept with the reason.
    """
    drafts = [_Draft(new=item) for item in items]
    _find_customers(session, drafts)
    _find_accepted(session, drafts)
    _check(session, drafts)
    _choose(session, drafts)
    for draft in drafts:
        if draft.open:
            _write(session, draft)
    _keep(session, drafts)
    return [_answer(draft) for draft in drafts]


def _answer(draft: _Draft) -> OutgoingMessage | CrmkitError:
    if draft.like is not None:
        return _answer(draft.like)
    found = draft.error or draft.existing or draft.row
    assert found is not None
    return found


@operation("messaging.send", title=_("Send a message"), permission=SEND, effect="create", bulk=accept_many)
def send(session: CrmSession, message: NewMessage) -> OutgoingMessage:
    """Send a message to a customer through the one gate. It leaves once consent, quiet hours, caps and suppression let
    it; what came of it is the state of the message that is returned.

    Raises InvalidInput, NotFound for a customer that there is not, KeyReused for a key that another message has.
    """
    (answer,) = accept_many(session, [message])
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


# --- step by step -----------------------------------------------------------------------------------------------------


def _find_customers(session: CrmSession, drafts: Sequence[_Draft]) -> None:
    ids = list({draft.new.customer_id for draft in drafts})
    known: dict[UUID, Customer] = {}
    keyed = any(draft.new.key is not None for draft in drafts)
    for part in chunks(ids):
        query = select(Customer).where(Customer.id.in_(part)).order_by(Customer.id)
        # Who comes with the same key at the same time finds what the other has accepted.
        known.update((each.id, each) for each in session.scalars(_locked(query) if keyed else query))
    for draft in drafts:
        customer = known.get(draft.new.customer_id)
        if customer is None:
            now = surviving_id(session, draft.new.customer_id)
            customer = None if now is None else session.get(Customer, now)
        if customer is None:
            draft.error = NotFound(_("There is no such customer."))
        draft.customer = customer


def _locked(query: Any) -> Any:
    return query.with_for_update(key_share=True)


def _find_accepted(session: CrmSession, drafts: Sequence[_Draft]) -> None:
    """Find what was accepted before under the same keys."""
    keys = list({draft.new.key for draft in drafts if draft.new.key is not None})
    found: dict[str, OutgoingMessage] = {}
    for part in chunks(keys):
        query = select(OutgoingMessage).where(
            OutgoingMessage.actor_id == session.actor.id, OutgoingMessage.key.in_(part)
        )
        found.update((str(each.key), each) for each in session.scalars(query))
    first: dict[str, _Draft] = {}
    for draft in drafts:
        key = draft.new.key
        if key is None or not draft.open or draft.customer is None:
            continue
        known = found.get(key)
        if known is not None:
            if (known.customer_id, known.purpose) != (draft.customer.id, draft.new.purpose):
                draft.error = KeyReused()
            draft.existing = known
        elif key in first:
            same = first[key].customer is draft.customer and first[key].new.purpose == draft.new.purpose
            draft.error, draft.like = (None, first[key]) if same else (KeyReused(), None)
        else:
            first[key] = draft


def _check(session: CrmSession, drafts: Sequence[_Draft]) -> None:
    purposes = {*session.crm.config.get(session).options.get("consent_purpose", {}), *regulations(session).terms}
    channels = session.gate.registry.tables["channel"]
    for draft in drafts:
        if not draft.open or draft.customer is None:
            continue
        new = draft.new
        problems: list[Problem] = []
        if new.purpose not in purposes:
            problems.append(_problem("purpose", _("There is no such purpose."), new.purpose))
        if new.channel is not None and new.channel not in channels:
            problems.append(_problem("channel", _("There is no such channel."), new.channel))
        if new.template is None and not (new.body or "").strip() and not (new.html or "").strip():
            problems.append(_problem("body", _("Say something, or name a template."), None))
        if new.template is not None and (new.body or new.html):
            problems.append(_problem("body", _("Give a text or name a template, not both."), None))
        if new.expires_at is not None and new.not_before is not None and new.expires_at <= new.not_before:
            problems.append(_problem("expires_at", _("It ends before it begins."), new.expires_at))
        problems.extend(_template_problems(session, draft))
        problems.extend(_file_problems(session, draft.customer.id, new.attachments))
        problems.extend(_answer_problems(session, draft))
        flaw = None if new.mailbox is None else mailbox_problem(session, new.mailbox)
        if flaw is not None:
            problems.append(flaw)
        if problems:
            draft.error = InvalidInput(problems)


def _template_problems(session: CrmSession, draft: _Draft) -> list[Problem]:
    """Find the channel of the template, and say where the message asks for something else than it is for."""
    new = draft.new
    found = None if new.template is None else template_of(session, new.template)
    if new.template is None:
        return []
    if found is None:
        return [_problem("template", _('There is no template "{name}".'), new.template, name=new.template)]
    problems: list[Problem] = []
    draft.channel = found.channel
    if new.channel is not None and new.channel != found.channel:
        problems.append(_problem("channel", _("The template is for {channel}."), new.channel, channel=found.channel))
    if found.purpose and new.purpose != found.purpose:
        # What is written as advertising does not become service by being called so.
        problems.append(_problem("purpose", _("The template is for {purpose}."), new.purpose, purpose=found.purpose))
    return problems


def _file_problems(session: CrmSession, customer_id: UUID, files: Sequence[UUID]) -> list[Problem]:
    if len(files) > MOST_FILES:
        return [_problem("attachments", _("There are more than {limit} files."), None, limit=MOST_FILES)]
    if not files:
        return []
    theirs = select(Attachment.id).where(Attachment.id.in_(files), Attachment.customer_id == customer_id)
    known = set(session.scalars(theirs))
    return [
        _problem(f"attachments.{place}", _("The customer has no such file."), str(identity))
        for place, identity in enumerate(files)
        if identity not in known
    ]


def _answer_problems(session: CrmSession, draft: _Draft) -> list[Problem]:
    """Find what the message answers, and say what is wrong with it."""
    if draft.new.reply_to_id is None or draft.customer is None:
        return []
    found = session.get(Interaction, draft.new.reply_to_id)
    if found is None or found.customer_id not in (None, draft.customer.id):
        return [_problem("reply_to_id", _("The customer has no such interaction."), str(draft.new.reply_to_id))]
    draft.answers = found
    return []


def _choose(session: CrmSession, drafts: Sequence[_Draft]) -> None:
    """Choose the channel of each message that has none, and decide on all of them."""
    now = session.gate.clock.now()
    asked: list[tuple[_Draft, str]] = []
    for draft in drafts:
        if draft.open and draft.customer is not None:
            said = draft.new.channel or draft.channel
            names = [said] if said else candidates(session, draft.customer, draft.new)
            asked.extend((draft, name) for name in names or [""])
    requests = [_request(draft, name) for draft, name in asked]
    for (draft, name), decision in zip(asked, decide_each(session, requests, now), strict=True):
        if draft.decision is None or (draft.decision.outcome == "never" and decision.outcome != "never"):
            draft.channel, draft.decision = name, decision
        if not name:
            draft.decision = Decision(outcome="never", reason="no_channel")


def _request(draft: _Draft, channel: str) -> Request:
    new = draft.new
    assert draft.customer is not None
    return Request(
        customer_id=draft.customer.id,
        channel=channel,
        purpose=new.purpose,
        contact_point_id=new.contact_point_id,
        urgent=_is_urgent(draft),
        not_before=new.not_before,
        expires_at=new.expires_at,
    )


def _is_urgent(draft: _Draft) -> bool:
    """Say whether a message is urgent: said to be, or an answer, as who has just written is awake."""
    return draft.new.urgent or (draft.answers is not None and draft.answers.direction == "in")


def _write(session: CrmSession, draft: _Draft) -> None:
    """Write the message out, from its template where it has one."""
    new, customer = draft.new, draft.customer
    assert customer is not None
    subject = new.subject
    if subject is None and draft.answers is not None:
        asked = draft.answers.subject
        subject = _answering(asked) if type(asked) is str else None
    if new.template is None:
        draft.text = {"subject": subject, "body": new.body or "", "html": new.html, "language": new.language}
        return
    from crmkit_messaging.api import render

    try:
        made = render(session, new.template, customer.id, language=new.language, variant=new.variant, values=new.values)
    except CrmkitError as error:
        draft.error = error
        return
    if made.missing:
        flaw = _problem(
            "values", _("The template needs values for {names}."), None, names=", ".join(map(str, made.missing))
        )
        draft.error = InvalidInput([flaw])
        return
    draft.text = {
        "subject": new.subject or made.subject or subject,
        "body": made.text,
        "html": made.html or None,
        "language": made.language,
        "variant": made.variant,
    }


def _answering(subject: str) -> str:
    """Return the subject of an answer."""
    plain = subject.strip()
    marked = plain.casefold().startswith(("re:", "re：", "回复:", "回复：", "答复:", "答复："))
    return (plain if marked else f"Re: {plain}")[:500] if plain else ""


def _keep(session: CrmSession, drafts: Sequence[_Draft]) -> None:
    now = session.gate.clock.now()
    made = [draft for draft in drafts if draft.open and draft.decision is not None]
    for draft in made:
        draft.row = _row(session, draft, now)
        session.add(draft.row)
    session.flush()
    for draft in made:
        row = draft.row
        if row is None:
            continue
        told = {
            "message_id": row.id,
            "customer_id": row.customer_id,
            "channel": row.channel,
            "purpose": row.purpose,
            "reason": row.reason or "",
        }
        if row.state == "refused":
            session.emit(MessageRefused(**told))
        elif row.held_at is not None:
            session.emit(MessageHeld(**told))
        elif row.due_at is not None and row.due_at <= now:
            wake(session, row.channel, row.mailbox)


def _row(session: CrmSession, draft: _Draft, now: datetime) -> OutgoingMessage:
    new, decision, customer = draft.new, draft.decision, draft.customer
    assert decision is not None
    assert customer is not None
    never, later = decision.outcome == "never", decision.outcome == "later"
    return OutgoingMessage(
        created_at=now,
        customer_id=customer.id,
        channel=draft.channel,
        purpose=new.purpose,
        state="refused" if never else "waiting",
        reason=decision.reason or None,
        reason_values=dict(decision.values),
        due_at=None if never else decision.at if later else now,
        # What is only to leave later, as its sender said, is not held.
        held_at=now if later and decision.reason != "not_before" else None,
        ended_at=now if never else None,
        not_before=new.not_before,
        expires_at=new.expires_at,
        urgent=_is_urgent(draft),
        automatic=new.automatic,
        template=new.template,
        contact_point_id=new.contact_point_id,
        mailbox=new.mailbox or None,
        reply_to_id=new.reply_to_id,
        ref=new.ref,
        file_ids=[str(each) for each in new.attachments],
        actor_id=session.actor.id,
        key=new.key,
        **draft.text,
    )


def _problem(where: str, message: Any, given: object, **values: Any) -> Problem:
    return Problem(InvalidInput.code, message, field=where, value=given, **values)


OPERATIONS = [send]
