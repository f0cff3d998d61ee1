"""What is written to who is asked, in the customer's language: a text of its own, or a template of messaging's.

Must not send anything.
"""

from __future__ import annotations

from typing import Any

from crmkit import CrmSession, Customer, link_address, texts
from crmkit.i18n import translate
from crmkit_feedback.asking.distributing import CHANNELS
from crmkit_feedback.asking.links import link_for
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.choosing import content_of_version, version_of
from crmkit_feedback.surveys.content import said
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

INVITING = _(
    "Hello {name},\n\nhow did we do? Please tell us, it takes a minute or two:\n\n{link}\n\n"
    "The link is for you alone and can be used until {day}.\n\nThank you\n{business}"
)
REMINDING = _(
    "Hello {name},\n\na while ago we asked you for your opinion. If you have a minute or two, we would still like to"
    " hear it:\n\n{link}\n\nThe link is for you alone and can be used until {day}. If you have answered already, thank"
    " you, and there is nothing more to do.\n\n{business}"
)
SHORT = _("{business}: how did we do? Please tell us: {link}")
SHORT_REMINDING = _("{business}: we would still like to hear your opinion: {link}")


def message_for(
    session: CrmSession, distribution: Distribution, survey: Survey, invitation: Invitation, turn: int
) -> dict[str, Any]:
    """Return what is handed to messaging for an invitation; ``turn`` 0 is the invitation, others are reminders."""
    customer = session.get_one(Customer, invitation.customer_id)
    business = session.business()
    language = customer.language if type(customer.language) is str and customer.language else business.language
    title = said(content_of_version(version_of(session, survey)).title, language, survey.title)
    link = link_address(session.crm, link_for(session, invitation))
    given: dict[str, Any] = {
        "customer_id": invitation.customer_id,
        "purpose": distribution.purpose,
        "channel": CHANNELS[distribution.way],
        "language": language,
        "key": f"feedback invitation {invitation.id} {turn}",
        "ref": f"feedback.invitation:{invitation.id}",
        "expires_at": invitation.expires_at,
        "automatic": True,
    }
    if distribution.template:
        return {**given, "template": distribution.template, "values": {"link": link, "survey": title}}
    sms = distribution.way == "sms"
    text = (SHORT_REMINDING if turn else SHORT) if sms else (REMINDING if turn else INVITING)
    until = invitation.expires_at or session.gate.clock.business_now()
    body = translate(text, language).format(
        name=customer.name, link=link, day=until.date().isoformat(), business=business.name
    )
    return {**given, "body": body} if sms else {**given, "subject": title, "body": body}
