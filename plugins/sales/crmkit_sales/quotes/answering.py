"""What becomes of a quote that is with the customer: accepted, declined, or its last day passes.

Just the version that the customer has read is accepted. Must not know orders, which follow from the event.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import select

from crmkit import Conflict, CrmSession, Input, InvalidInput, Job, Problem, Refused, Subscription, operation, texts
from crmkit_sales.pipelines.lines import line_amount
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.quotes.errors import WrongState
from crmkit_sales.quotes.events import QuoteAccepted, QuoteDeclined, QuoteExpired
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.models import Quote, QuoteLine
from crmkit_sales.quotes.words import ACCEPTED, DECLINED, EXPIRED, SENT, STATES

_ = texts("crmkit_sales")

ANSWER = "sales.quote.answer"

Who = Annotated[str, Input(title=_("Name"), max_length=200, help=_("Who has said so."))]


@operation("sales.quote.accept", title=_("Accepted by the customer"), permission=ANSWER, effect="update")
def accept(session: CrmSession, quote: Quote, *, name: Who) -> Quote:
    """Note that the customer has accepted a quote, and who has said so.

    Raises WrongState for a quote that is not with the customer, or whose last day is past; InvalidInput without a name.
    """
    require_answerable(session, quote)
    if not name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say your name."), field="name")])
    _answer(session, quote, ACCEPTED, name)
    session.emit(
        QuoteAccepted(
            quote_id=quote.id,
            customer_id=quote.customer_id,
            opportunity_id=quote.opportunity_id,
            total_minor=quote.total_minor,
            currency=quote.currency,
        )
    )
    return quote


@operation("sales.quote.decline", title=_("Declined by the customer"), permission=ANSWER, effect="update")
def decline(
    session: CrmSession,
    quote: Quote,
    *,
    reason: Annotated[str, Input(title=_("Why"), max_length=1000, multiline=True)] = "",
    name: Who = "",
) -> Quote:
    """Note that the customer has declined a quote, and why. Raises WrongState as accepting does."""
    require_answerable(session, quote)
    _answer(session, quote, DECLINED, name)
    quote.declined_reason = reason.strip() or None
    session.emit(QuoteDeclined(quote_id=quote.id, customer_id=quote.customer_id, opportunity_id=quote.opportunity_id))
    return quote


@operation("sales.quote.expire", title=_("Let quotes expire"), permission=ANSWER, hidden=True)
def expire_due(session: CrmSession) -> int:
    """Note of each quote whose last day is past that it has expired, and return how many these are. Raises Refused
    outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    due = session.scalars(
        select(Quote).where(Quote.state == SENT, Quote.valid_until < session.today()).order_by(Quote.id).limit(5000)
    ).all()
    for quote in due:
        quote.state = EXPIRED
        session.emit(
            QuoteExpired(quote_id=quote.id, customer_id=quote.customer_id, opportunity_id=quote.opportunity_id)
        )
    return len(due)


@operation("sales.quote.apply", title=_("Take it into the opportunity"), permission="sales.quote.update")
def apply(session: CrmSession, quote: Quote) -> Opportunity:
    """Make the lines of a quote those of its opportunity, which then comes to the quote's net amount, to the cent; and
    return the opportunity. A line whose discount or tax the opportunity cannot express becomes one at its net amount.

    Raises Conflict for a quote about no opportunity, and what changing the opportunity raises.
    """
    opportunity = session.get(Opportunity, quote.opportunity_id) if quote.opportunity_id is not None else None
    if opportunity is None:
        raise Conflict(_("{name} is about no opportunity."), name=quote.name)
    lines = [_plain(line) for line in lines_of(session, quote)]
    session.run("sales.opportunity.set_lines", {"currency": quote.currency, "lines": lines}, target=opportunity)
    return opportunity


def _plain(line: QuoteLine) -> dict[str, Any]:
    named = {"product_id": line.product_id, "text": line.text[:300]}
    if line_amount(line.quantity, line.unit_price_minor, line.discount) == line.net_minor:
        return {
            **named,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
            "discount": line.discount,
        }
    return {**named, "quantity": Decimal(1), "unit_price_minor": line.net_minor}


def require_answerable(session: CrmSession, quote: Quote) -> None:
    """Raise WrongState for a quote that the customer cannot answer (any more)."""
    if quote.state != SENT:
        raise WrongState(_("{name} is not with the customer: {state}."), name=quote.name, state=STATES[quote.state])
    if quote.valid_until < session.today():
        raise WrongState(
            _("{name} was valid until {day}."),
            fix=_("Make the next version."),
            name=quote.name,
            day=quote.valid_until.isoformat(),
        )


def expire_nightly(session: CrmSession, tick: datetime) -> None:
    """Let quotes expire: the job."""
    session.run("sales.quote.expire")


def fill_opportunity(session: CrmSession, event: QuoteAccepted) -> None:
    """Take an opportunity's own quote into it once it is accepted: the subscription."""
    quote = session.get(Quote, event.quote_id)
    opportunity = session.get(Opportunity, event.opportunity_id) if event.opportunity_id is not None else None
    if quote is not None and quote.primary and opportunity is not None and opportunity.is_open:
        session.run("sales.quote.apply", target=quote)


def is_about_opportunity(session: CrmSession, event: QuoteAccepted) -> bool:
    """Say whether an accepted quote was about an opportunity."""
    return event.opportunity_id is not None


def _answer(session: CrmSession, quote: Quote, state: str, name: str) -> None:
    quote.state = state
    quote.answered_at = session.gate.clock.business_now()
    quote.answered_by = name.strip() or None
    quote.answered_way = "page" if session.actor.kind == "public" else "staff"


OPERATIONS = [accept, decline, expire_due, apply]
JOBS = [
    Job(
        name="sales.expire_quotes",
        title=_("Let quotes expire"),
        handler=expire_nightly,
        cron="10 0 * * *",
        catch_up="latest",
        acts_as="system",
    )
]
SUBSCRIPTIONS = [
    Subscription(
        name="sales.quote_fills_opportunity",
        event="sales.quote.accepted",
        handler=fill_opportunity,
        wanted=is_about_opportunity,
    )
]
