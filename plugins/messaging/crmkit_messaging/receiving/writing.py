"""The page on which somebody writes to a customer, or answers what the customer wrote. It says beforehand what the gate
would say, and leaves everything else to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Attachment, ContactPoint, CrmSession, Customer, Interaction, NotFound, Page, new_id, texts
from crmkit_messaging.composing.models import PUBLISHED, MessageTemplate, TemplateVersion
from crmkit_messaging.mail.models import Mailbox
from crmkit_messaging.receiving.models import ReceivedMail
from crmkit_messaging.receiving.pages import WRITE
from crmkit_messaging.receiving.threads import plain_subject
from crmkit_messaging.sending.deciding import Decision
from crmkit_messaging.sending.models import Policy
from crmkit_messaging.sending.reading import decide
from crmkit_messaging.sending.words import REASONS, SUPPRESSIONS

_ = texts("crmkit_messaging")

LONGEST_QUOTE = 10_000
FILES = 20
RECENT = 5


def write(session: CrmSession, query: Mapping[str, str], language: str = "en") -> Mapping[str, Any]:
    """Return what the form shows: to whom, about what, by which ways, and what the gate would say for each purpose.

    Raises NotFound for a customer that the reader does not see.
    """
    customer_id, reply_to_id = _id(query.get("customer")), _id(query.get("reply_to"))
    asked = session.get(Interaction, reply_to_id) if reply_to_id is not None else None
    if customer_id is None and asked is not None:
        customer_id = asked.customer_id
    customer = session.get(Customer, customer_id) if customer_id is not None else None
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no such customer."))
    if asked is not None and asked.customer_id != customer.id:
        asked = None
    mail = None
    if asked is not None:
        mail = session.scalar(select(ReceivedMail).where(ReceivedMail.interaction_id == asked.id))
    purposes = _purposes(session)
    points = session.scalars(
        select(ContactPoint)
        .where(ContactPoint.customer_id == customer.id, ContactPoint.kind == "email")
        .order_by(ContactPoint.preferred.desc(), ContactPoint.position, ContactPoint.id)
    ).all()
    point = mail.contact_point_id if mail is not None else None
    purpose = query.get("purpose") if query.get("purpose") in purposes else "service"
    decisions = {
        name: decide(session, customer.id, "email", name, urgent=asked is not None, contact_point_id=point)
        for name in purposes
    }
    return {
        "customer": customer,
        "asked": asked,
        "subject": _subject(asked),
        "quote": _quote(asked),
        "points": points,
        "point": point,
        "purposes": purposes,
        "purpose": purpose,
        "decisions": decisions,
        "reasons": {name: _reason(each) for name, each in decisions.items()},
        "mailboxes": session.scalars(
            select(Mailbox).where(Mailbox.active, Mailbox.smtp_host.is_not(None)).order_by(Mailbox.usual.desc())
        ).all(),
        "mailbox": mail.mailboxes[0] if mail is not None and mail.mailboxes else "",
        "templates": _templates(session),
        "files": session.scalars(
            select(Attachment)
            .where(Attachment.customer_id == customer.id)
            .order_by(Attachment.recorded_at.desc(), Attachment.id.desc())
            .limit(FILES)
        ).all(),
        "recent": _recent(session, customer.id) if asked is None else [],
        "key": str(new_id()),
        "here": WRITE,
    }


def _recent(session: CrmSession, customer_id: UUID) -> list[Interaction]:
    """Return the mails that the customer wrote last: what somebody probably answers."""
    query = (
        select(Interaction)
        .join(ReceivedMail, ReceivedMail.interaction_id == Interaction.id)
        .where(ReceivedMail.customer_id == customer_id, ReceivedMail.kind == "mail")
        .order_by(Interaction.occurred_at.desc(), Interaction.id.desc())
        .limit(RECENT)
    )
    return list(session.scalars(query))


def _purposes(session: CrmSession) -> dict[str, str]:
    """Return the purposes of messages, with titles; service first."""
    options: Mapping[str, Any] = session.crm.config.get(session).options.get("consent_purpose", {})
    known = {name: str(title) for name, title in options.items()} if isinstance(options, Mapping) else {}
    for name in session.scalars(select(Policy.purpose).order_by(Policy.purpose)):
        known.setdefault(name, name)
    known.setdefault("service", _("Service"))
    return dict(sorted(known.items(), key=lambda each: (each[0] != "service", each[0])))


def _reason(decision: Decision) -> tuple[str, Mapping[str, Any]]:
    """Return why a message does not leave at once, as a text with the values of its fields."""
    values = dict(decision.values)
    if decision.reason == "suppressed":
        values["suppression"] = SUPPRESSIONS.get(str(values.get("suppression")), "")
    return REASONS.get(decision.reason, decision.reason), values


def _subject(asked: Interaction | None) -> str:
    if asked is None or type(asked.subject) is not str or not asked.subject.strip():
        return ""
    subject = asked.subject.strip()
    return subject if plain_subject(subject) != subject.casefold() else f"Re: {subject}"


def _quote(asked: Interaction | None) -> str:
    """Return what is answered, with marks of quoting."""
    if asked is None or type(asked.body) is not str or not asked.body.strip():
        return ""
    lines = asked.body.strip()[:LONGEST_QUOTE].split("\n")
    return "\n\n\n" + f"{asked.occurred_at:%Y-%m-%d %H:%M} UTC:\n" + "\n".join(f"> {line}".rstrip() for line in lines)


def _templates(session: CrmSession) -> list[tuple[str, str]]:
    """Return the templates of mails that can be sent, by name with their titles."""
    published = select(TemplateVersion.id).where(
        TemplateVersion.template_id == MessageTemplate.id, TemplateVersion.state == PUBLISHED
    )
    query = (
        select(MessageTemplate)
        .where(MessageTemplate.channel == "email", published.exists())
        .order_by(MessageTemplate.title)
    )
    return [(each.name, each.title or each.name) for each in session.scalars(query)]


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


PAGES = [
    Page(
        name="messaging.write",
        title=_("Write a message"),
        path="/write",
        template="messaging/receiving/write.html",
        context=write,
        permission="messaging.message.send",
        icon="pencil",
        menu=False,
    )
]
