"""Sending a template to oneself, to see it in a real mail program. Must not know consent: nobody else gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from crmkit import (
    CRM,
    Actor,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    Job,
    Message,
    NotFound,
    Problem,
    User,
    deliver,
    new_id,
    operation,
    texts,
)
from crmkit_messaging.composing.models import TESTS, MessageTemplate, TemplateVersion
from crmkit_messaging.composing.operations import MANAGE, Language, Variant
from crmkit_messaging.composing.rendering import MAIL, render_text, text_for

if TYPE_CHECKING:
    from crmkit_messaging.composing.models import TemplateText

_ = texts("crmkit_messaging")

JOB = "messaging.template.test"


@operation("messaging.template.test", title=_("Send a test to myself"), effect="update", permission=MANAGE)
def send_test(
    session: CrmSession,
    template: MessageTemplate,
    *,
    language: Language | None = None,
    variant: Variant | None = None,
    customer_id: Annotated[
        UUID | None, Input(title=_("As it looks for"), resource="customer", classified="internal")
    ] = None,
) -> MessageTemplate:
    """Send the newest version of a template to the own address, as it looks with samples or for a customer.

    The message leaves a little later, by a job; what became of it stands in ``tested_outcome`` and ``tested_reason``.
    Raises Conflict for a channel other than e-mail and for who has no address, NotFound for a customer that cannot be
    seen.
    """
    if template.channel != MAIL:
        raise Conflict(_("Only mails can be sent to oneself: staff have no address of other channels."))
    user = _user(session, session.actor)
    if user is None or not user.email:
        raise Conflict(_("You have no e-mail address here."), fix=_("Have one entered for your account."))
    _chosen(session, template, language, variant, customer_id)
    template.tested_at, template.tested_by = session.gate.clock.now(), session.actor.id
    template.tested_outcome, template.tested_reason = "waiting", ""
    session.defer(
        JOB,
        template_id=str(template.id),
        language=language,
        variant=variant,
        customer_id=None if customer_id is None else str(customer_id),
        message_id=str(new_id()),
    )
    return template


def _user(session: CrmSession, actor: Actor) -> User | None:
    return None if actor.user_id is None else session.get(User, actor.user_id)


def newest(template: MessageTemplate) -> TemplateVersion:
    """Return the draft of a template, or its newest version."""
    return max(template.versions, key=lambda each: each.number)


def _chosen(
    session: CrmSession, template: MessageTemplate, language: str | None, variant: str | None, customer_id: UUID | None
) -> tuple[TemplateText, Any]:
    from crmkit import Customer

    customer = None if customer_id is None else session.get(Customer, customer_id)
    if customer_id is not None and customer is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    text = text_for(session, newest(template), customer, language=language, variant=variant)
    if text is None:
        raise NotFound(_('"{name}" has no text yet.'), name=template.name)
    return text, customer


def carry_out(
    crm: CRM,
    actor: Actor,
    *,
    template_id: str,
    message_id: str,
    language: str | None = None,
    variant: str | None = None,
    customer_id: str | None = None,
) -> None:
    """Send a test: made out in one transaction, handed over in none, and what became of it noted in another."""
    with crm.session(actor) as session:
        template, user = session.get(MessageTemplate, UUID(template_id)), _user(session, actor)
        if template is None or user is None or not user.email:
            return
        try:
            text, customer = _chosen(
                session, template, language, variant, None if customer_id is None else UUID(customer_id)
            )
        except NotFound:
            return
        made = render_text(session, text, customer, sample=True)
        message = Message(
            id=UUID(message_id),
            channel=template.channel,
            address=str(user.email),
            subject=f"[{made.variant}] {made.subject}" if len(newest(template).texts) > 1 else made.subject,
            body=made.text,
            html=made.html or None,
            headers={"Auto-Submitted": "auto-generated"},
        )
    try:
        delivery = deliver(crm, message)
    except Exception:
        # A carrier that raises says nothing: the test is not repeated, a person does that with one press.
        outcome, reason = "uncertain", ""
    else:
        outcome, reason = str(delivery.outcome), delivery.reason
    crm.run(
        actor,
        "messaging.template.note_test",
        {"outcome": outcome, "reason": reason[:300]},
        target=UUID(template_id),
    )


@operation(
    "messaging.template.note_test", title=_("Note what a test came to"), effect="update", permission=MANAGE, hidden=True
)
def note_test(
    session: CrmSession,
    template: MessageTemplate,
    *,
    outcome: Annotated[str, Input(title=_("Outcome of the test"), max_length=10, choices=TESTS, classified="internal")],
    reason: Annotated[str, Input(title=_("What the server said"), max_length=300, classified="internal")] = "",
) -> MessageTemplate:
    """Note what became of a test. Raises InvalidInput for an unknown outcome."""
    if outcome not in TESTS:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such outcome."), field="outcome", value=outcome)])
    template.tested_outcome, template.tested_reason = outcome, reason
    return template


OPERATIONS = [send_test, note_test]
JOBS = [
    Job(
        name=JOB,
        handler=carry_out,
        title=_("Send a test of a template"),
        acts_as="actor",
        apart=True,
        attempts=1,
    )
]
