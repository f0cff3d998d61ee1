"""Giving a quote to the customer: by mail where messaging is there, else by hand; as a PDF, and by a link to its page.

Must not know how a mail leaves.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from crmkit import Attachment, Conflict, CrmSession, Input, IssuedLink, link_address, operation, texts
from crmkit.i18n import translate
from crmkit_sales.quotes.approving import require_complete
from crmkit_sales.quotes.document import document_of, pdf_of, said_day
from crmkit_sales.quotes.errors import ApprovalNeeded, WrongState
from crmkit_sales.quotes.events import QuoteSent
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.margins import approval_needed
from crmkit_sales.quotes.models import Quote
from crmkit_sales.quotes.words import APPROVED, DRAFT, IN_APPROVAL, SENT, STATES

_ = texts("crmkit_sales")

SEND = "sales.quote.send"
PAGE = "sales.quote"
MAIL = "messaging.send"
CHOICES = {"hand": _("I hand it over myself"), "mail": _("By mail")}

SUBJECT = _("Our quote {name}: {title}")
BODY = _("Please find our quote {name} below. It is valid until {day}.")
SEE = _("You can read and accept it here: {address}")

Purpose = Annotated[str, Input(title=_("Purpose"), max_length=60, options="consent_purpose", classified="internal")]


@operation("sales.quote.send", title=_("Send the quote"), permission=SEND, effect="update")
def send(
    session: CrmSession,
    quote: Quote,
    *,
    way: Annotated[Literal["hand", "mail"], Input(title=_("How"), choices=CHOICES, classified="internal")] = "hand",
    subject: Annotated[str, Input(title=_("Subject"), max_length=300, help=_("Empty: the usual one."))] = "",
    text: Annotated[
        str, Input(title=_("Text"), max_length=20_000, multiline=True, help=_("The address of its page is added."))
    ] = "",
    attach: Annotated[
        bool, Input(title=_("With the PDF"), classified="internal", help=_("Of what goes by mail."))
    ] = True,
    purpose: Purpose = "service",
) -> Quote:
    """Give a quote that is ready to the customer, who can accept it from now on; it is never changed again. A draft for
    which nobody has to agree is finished on the way.

    By mail it leaves once the rules for its purpose let it. Raises ApprovalNeeded where others have to agree first,
    WrongState where it was sent already, InvalidInput without lines or past its last day; by mail Conflict where
    messaging is not there, and with the PDF MissingExtra without ``crmkit[sales]``.
    """
    lines = lines_of(session, quote)
    if (quote.state == DRAFT and approval_needed(session, quote, lines) is not None) or quote.state == IN_APPROVAL:
        raise ApprovalNeeded(
            _("Others have to agree to {name} before it is sent."),
            fix=_("Finish the draft: they are asked then."),
            name=quote.name,
        )
    if quote.state not in (DRAFT, APPROVED):
        raise WrongState(_("{name} cannot be sent: {state}."), name=quote.name, state=STATES[quote.state])
    require_complete(session, quote, lines)
    if way == "mail" and MAIL not in session.gate.registry.operations:
        raise Conflict(
            _("Mails need the plugin messaging, which is not enabled."),
            fix=_("Print the quote, and say that you hand it over yourself."),
        )
    quote.state, quote.sent_at = SENT, session.gate.clock.business_now()
    session.flush()
    if way == "mail":
        _mail(session, quote, subject, text, attach=attach, purpose=purpose)
    session.emit(
        QuoteSent(
            quote_id=quote.id,
            customer_id=quote.customer_id,
            opportunity_id=quote.opportunity_id,
            total_minor=quote.total_minor,
            currency=quote.currency,
        )
    )
    return quote


@operation("sales.quote.link", title=_("Make a link for the customer"), permission=SEND, effect="other")
def make_link(session: CrmSession, quote: Quote) -> IssuedLink:
    """Make a link to the page on which the customer reads, accepts or declines a quote that was sent. It holds until
    the quote's last day is over. Raises WrongState for a quote that is not with the customer."""
    if quote.state != SENT:
        raise WrongState(_("{name} is not with the customer: {state}."), name=quote.name, state=STATES[quote.state])
    return link_for(session, quote)


@operation("sales.quote.print", title=_("Make the PDF"), permission="sales.quote.update", effect="update")
def make_document(session: CrmSession, quote: Quote) -> Attachment:
    """Put a quote as a PDF among the customer's files, and return the file. What was sent is printed once; a draft says
    that it is one.

    Raises MissingExtra without ``crmkit[sales]``, FontMissing where no font has its characters.
    """
    kept = session.get(Attachment, quote.document_id) if quote.document_id is not None else None
    if kept is not None:
        return kept
    content = pdf_of(document_of(session, quote))
    upload = {"filename": f"{quote.name.replace('/', '-')}.pdf", "content": content}
    found: Attachment = session.run("attachment.add", {"upload": upload, "customer_id": quote.customer_id})
    if quote.state not in (DRAFT, IN_APPROVAL, APPROVED):
        quote.document_id = found.id
    return found


def link_for(session: CrmSession, quote: Quote) -> IssuedLink:
    """Return a new link to the page of a quote, which holds until its last day is over."""
    days = max((quote.valid_until - session.today()).days + 1, 1)
    about = f"sales.quote:{quote.id}"
    found: IssuedLink = session.run(
        "public_link.create", {"page": PAGE, "customer_id": quote.customer_id, "ref": about, "days": days}
    )
    return found


def _mail(session: CrmSession, quote: Quote, subject: str, text: str, *, attach: bool, purpose: str) -> None:
    files: list[UUID] = []
    if attach:
        files.append(session.run("sales.quote.print", target=quote).id)
    address = link_address(session.crm, link_for(session, quote))
    words = {"name": quote.name, "title": quote.title, "day": said_day(quote.valid_until, quote.language)}
    body = text.strip() or translate(BODY, quote.language, **words)
    see = translate(SEE, quote.language, address=address)
    session.run(
        MAIL,
        {
            "customer_id": quote.customer_id,
            "channel": "email",
            "purpose": purpose,
            "subject": subject.strip() or translate(SUBJECT, quote.language, **words),
            "body": f"{body}\n\n{see}",
            "attachments": files,
            "ref": f"sales.quote:{quote.id}",
        },
    )


OPERATIONS = [send, make_link, make_document]
