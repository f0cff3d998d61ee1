"""Making a quote ready to send: at once, or once others have agreed to its margin or discount.

Others agree to just what the quote is then: it cannot be changed while it waits, and what is released has to be what
they saw. Must not know sending.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from crmkit_work.api import is_approved
from msgspec import json
from sqlalchemy import select

from crmkit import Conflict, CrmSession, Input, InvalidInput, NotFound, Problem, Refused, Subscription, operation, texts
from crmkit.i18n import translate
from crmkit_sales.quotes.errors import WrongState
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.making import UPDATE, require_draft
from crmkit_sales.quotes.margins import Needed, approval_needed
from crmkit_sales.quotes.models import Quote, QuoteLine
from crmkit_sales.quotes.words import APPROVED, DRAFT, IN_APPROVAL, STATES

_ = texts("crmkit_sales")

RELEASE = "sales.quote.release"
BECAUSE = {
    "margin": _("Its margin is below what {title} allows."),
    "unknown": _("What some of it costs is unknown, so {title} applies."),
    "discount": _("Its discount is above what {title} allows."),
}
"""Why others have to agree, with the policy's title."""


@operation("sales.quote.submit", title=_("Finish the draft"), permission=UPDATE, effect="update")
def submit(session: CrmSession, quote: Quote) -> Quote:
    """Make a draft ready to send; where a policy wants others to agree, ask them first, as whoever acts.

    Raises WrongState for what is no draft, InvalidInput for a quote without lines or whose last day is past, NotFound
    where the policy's chain of approval is gone, and what asking for approval raises.
    """
    require_draft(quote)
    lines = lines_of(session, quote)
    require_complete(session, quote, lines)
    needed = approval_needed(session, quote, lines)
    if needed is None:
        quote.state, quote.policy_id, quote.approval_id = APPROVED, None, None
        return quote
    quote.state, quote.policy_id = IN_APPROVAL, needed.policy.id
    session.flush()
    request = {
        "chain": needed.policy.chain,
        "target_id": quote.id,
        "values": {"digest": digest_of(quote, lines)},
        "title": f"{quote.name} {quote.title}"[:300],
        "reason": said(session, needed),
    }
    quote.approval_id = session.run("work.approval.request", request)
    return quote


@operation(RELEASE, title=_("Release a quote"), permission=UPDATE, effect="update")
def release(
    session: CrmSession,
    quote: Quote,
    *,
    digest: Annotated[str, Input(title=_("Fingerprint"), max_length=64, classified="internal")],
) -> Quote:
    """Make a quote ready to send that others had to agree to. It is run by their approval alone, with the fingerprint
    of what they agreed to.

    Raises Refused without approval, WrongState where the quote does not wait for any, or is another one by now.
    """
    if not is_approved(session, RELEASE):
        raise Refused(_("Others have to agree to this first."), fix=_("Finish the draft: they are asked then."))
    if quote.state != IN_APPROVAL:
        raise WrongState(_("{name} waits for no approval: {state}."), name=quote.name, state=STATES[quote.state])
    if digest != digest_of(quote, lines_of(session, quote)):
        raise WrongState(_("{name} is another one than was agreed to."), name=quote.name)
    quote.state = APPROVED
    return quote


@operation("sales.quote.take_back", title=_("Change it again"), permission=UPDATE, effect="update")
def take_back(session: CrmSession, quote: Quote) -> Quote:
    """Make a draft again of what is ready to send or waits for approval, which is then withdrawn where whoever acts
    asked for it, and comes to nothing where not. Raises WrongState for what was sent, and for a draft."""
    if quote.state not in (IN_APPROVAL, APPROVED):
        raise WrongState(_("{name} cannot be taken back: {state}."), name=quote.name, state=STATES[quote.state])
    waiting = quote.approval_id if quote.state == IN_APPROVAL else None
    quote.state, quote.policy_id, quote.approval_id = DRAFT, None, None
    session.flush()
    if waiting is not None:
        _withdraw(session, waiting)
    return quote


@operation("sales.quote.refuse", title=_("Note that a quote was not approved"), permission=UPDATE, hidden=True)
def refuse(session: CrmSession, *, approval_id: Annotated[UUID, Input(classified="internal")]) -> None:
    """Make a draft again of what others did not agree to. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    quote = session.scalar(select(Quote).where(Quote.approval_id == approval_id, Quote.state == IN_APPROVAL))
    if quote is not None:
        quote.state = DRAFT


def not_approved(session: CrmSession, event: Any) -> None:
    """Take note of a request for approval that has come to nothing: the subscription."""
    session.run("sales.quote.refuse", {"approval_id": event.approval_id})


def is_about_quote(session: CrmSession, event: Any) -> bool:
    """Say whether a request for approval that is over was about a quote, and came to nothing."""
    return event.operation == RELEASE and event.state in ("rejected", "withdrawn", "expired", "failed")


def require_complete(session: CrmSession, quote: Quote, lines: Sequence[QuoteLine]) -> None:
    """Raise InvalidInput for a quote without lines, and for one whose last day is past."""
    problems: list[Problem] = []
    if not lines:
        problems.append(Problem(InvalidInput.code, _("There are no lines yet."), field="lines"))
    if quote.valid_until < session.today():
        problems.append(Problem(InvalidInput.code, _("This day is past."), field="valid_until"))
    if problems:
        raise InvalidInput(problems)


def digest_of(quote: Quote, lines: Sequence[QuoteLine]) -> str:
    """Return a fingerprint of everything that a quote offers."""
    content = [
        quote.number,
        quote.revision,
        quote.currency,
        quote.valid_until,
        quote.tax_included,
        quote.terms,
        quote.total_minor,
        quote.net_minor,
        quote.discount_total_minor,
        *(
            (
                line.product_id,
                line.text,
                line.unit,
                str(line.quantity.normalize()),
                line.unit_price_minor,
                line.net_minor,
            )
            for line in lines
        ),
        *(line.tax_minor for line in lines),
    ]
    return hashlib.sha256(json.encode(content)).hexdigest()


def said(session: CrmSession, needed: Needed) -> str:
    """Return in words why others have to agree, in the company's language."""
    language = session.crm.config.get(session).language
    return translate(BECAUSE[needed.because], language, title=needed.policy.title)


def _withdraw(session: CrmSession, approval_id: UUID) -> None:
    try:
        session.run("work.approval.withdraw", {"approval_id": approval_id})
    except (Conflict, NotFound, Refused):
        # Somebody else asked, or it was decided just now: what it releases waits no longer, so it comes to nothing.
        return


OPERATIONS = [submit, release, take_back, refuse]
SUBSCRIPTIONS = [
    Subscription(
        name="sales.quote_rejected", event="work.approval.decided", handler=not_approved, wanted=is_about_quote
    ),
    Subscription(
        name="sales.quote_unapproved", event="work.approval.ended", handler=not_approved, wanted=is_about_quote
    ),
]
