"""What follows when a mail was taken in: a task, an automatic answer, the end of an address. Each by itself, and each
again until it succeeds: a mail is there before any of it, and stays whatever happens to it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Interaction, Subscription, operation, texts
from crmkit.i18n import translate
from crmkit_messaging.mail.models import Mailbox
from crmkit_messaging.receiving.answering import answer_automatically
from crmkit_messaging.receiving.events import MailBounced, MailReceived
from crmkit_messaging.receiving.models import MailReference, ReceivedMail
from crmkit_messaging.receiving.threads import message_key, topic_codes, topic_form

_ = texts("crmkit_messaging")

InteractionId = Annotated[UUID, Input(title=_("Interaction"), classified="internal")]


def make_task(session: CrmSession, event: MailReceived) -> None:
    """Make a task of a mail that a person wrote, where its mailbox says so."""
    if event.kind == "mail" and not event.automatic:
        session.run("messaging.mail.make_task", {"interaction_id": event.interaction_id, "mailbox": event.mailbox})


@operation("messaging.mail.make_task", title=_("Make a task of a mail"), permission="messaging.mail.receive",
           effect="create", hidden=True)  # fmt: skip
def mail_to_task(
    session: CrmSession,
    *,
    interaction_id: InteractionId,
    mailbox: Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="internal")],
) -> UUID | None:
    """Make a task of a mail in the queue of its mailbox, where this one makes tasks, and return its id. The queue gives
    it to somebody, with the reason. A conversation about which there is an open task makes no second one."""
    from crmkit_work.api import TASK_STATES, NewTask, Task, create_task

    found = session.scalar(select(Mailbox).where(Mailbox.name == mailbox))
    interaction = session.get(Interaction, interaction_id)
    if found is None or not found.makes_tasks or interaction is None:
        return None
    if interaction.thread:
        related = select(Interaction.id).where(Interaction.thread == interaction.thread).limit(500)
        refs = [f"interaction:{each}" for each in session.scalars(related)]
        still_open = [name for name in TASK_STATES if name not in ("done", "dropped")]
        if session.scalar(select(Task.id).where(Task.ref.in_(refs), Task.state.in_(still_open)).limit(1)):
            return None
    subject = interaction.subject.strip() if type(interaction.subject) is str else ""
    task = create_task(
        session,
        NewTask(
            # A task's title is kept in plain; what somebody wrote is not.
            title=translate(_("Answer a mail"), session.crm.config.get(session).language),
            description=subject or None,
            customer_id=interaction.customer_id,
            ref=f"interaction:{interaction.id}",
            queue_id=found.task_queue_id,
            source="messaging",
        ),
    )
    return task.id


def answer(session: CrmSession, event: MailReceived) -> None:
    """Answer a mail automatically, where its mailbox does."""
    if event.kind == "mail":
        session.run("messaging.mail.answer", {"interaction_id": event.interaction_id, "mailbox": event.mailbox})


def settle_bounce(session: CrmSession, event: MailBounced) -> None:
    """Draw the consequence of a bounce or a complaint."""
    session.run("messaging.bounce.settle", {"bounce_id": event.bounce_id})


def refer_to_sent(session: CrmSession, event: object) -> None:
    """Note by what an answer to a message that was sent finds its thread."""
    interaction_id = getattr(event, "interaction_id", None)
    if interaction_id is not None and getattr(event, "channel", "") == "email":
        session.run("messaging.mail.refer", {"interaction_id": interaction_id})


@operation("messaging.mail.refer", title=_("Note by what answers find their thread"),
           permission="messaging.mail.receive", effect="create", hidden=True)  # fmt: skip
def refer(session: CrmSession, *, interaction_id: InteractionId) -> None:
    """Note the Message-ID, the subject and the participants of a mail that was sent, once."""
    interaction = session.get(Interaction, interaction_id)
    if interaction is None or session.get(MailReference, interaction_id) is not None:
        return
    people = [each.address for each in interaction.participants if type(each.address) is str]
    subject = interaction.subject
    ours = frozenset(each.casefold() for each in session.scalars(select(Mailbox.address)))
    form = topic_form(subject, people, ours) if type(subject) is str else None
    message_id = str(interaction.payload.get("message_id") or "")
    session.add(
        MailReference(
            interaction_id=interaction.id,
            customer_id=interaction.customer_id,
            message_key=message_key(message_id) if message_id else None,
            topic=None if form is None else topic_codes(session, form)[0],
            thread=interaction.thread or message_id or f"interaction:{interaction.id}",
            occurred_at=interaction.occurred_at,
        )
    )


def follow_resolved(session: CrmSession, event: object) -> None:
    """Note whose a mail is, once somebody has said so."""
    session.run("messaging.mail.follow", {"interaction_id": event.interaction_id})  # type: ignore[attr-defined]


@operation("messaging.mail.follow", title=_("Note whose a mail is"), permission="messaging.mail.receive",
           effect="update", hidden=True)  # fmt: skip
def follow(session: CrmSession, *, interaction_id: InteractionId) -> None:
    """Note whose a mail is, as its interaction says."""
    interaction = session.get(Interaction, interaction_id)
    mail = session.scalar(select(ReceivedMail).where(ReceivedMail.interaction_id == interaction_id))
    if interaction is None or mail is None:
        return
    mail.customer_id, mail.unresolved = interaction.customer_id, interaction.customer_id is None
    reference = session.get(MailReference, interaction_id)
    if reference is not None:
        reference.customer_id = interaction.customer_id


def is_mail(session: CrmSession, event: object) -> bool:
    """Say whether an event is about an e-mail."""
    return getattr(event, "kind", "") == "email"


OPERATIONS = [mail_to_task, answer_automatically, refer, follow]
SUBSCRIPTIONS = [
    Subscription(name="messaging.task_of_mail", event="messaging.mail.received", handler=make_task),
    Subscription(name="messaging.answer_mail", event="messaging.mail.received", handler=answer),
    Subscription(name="messaging.settle_bounce", event="messaging.mail.bounced", handler=settle_bounce),
    Subscription(name="messaging.refer_to_sent", event="messaging.message.sent", handler=refer_to_sent),
    Subscription(
        name="messaging.follow_resolved", event="interaction.resolved", handler=follow_resolved, wanted=is_mail
    ),
]
