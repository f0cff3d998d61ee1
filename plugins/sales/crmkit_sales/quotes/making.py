"""Writing quotes: drafts, their lines, and the next version of what was sent.

Must not know approval, sending or answers.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from crmkit import (
    UNSET,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    Money,
    NotFound,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit_sales.pipelines.lines import lines_of as lines_of_opportunity
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.numbers import next_number
from crmkit_sales.quotes.errors import WrongState
from crmkit_sales.quotes.lines import LineInput, Lines, add_up, given_again, lines_of, major_of, write_lines
from crmkit_sales.quotes.models import Quote
from crmkit_sales.quotes.words import DRAFT, LANGUAGES, STATES, SUPERSEDED
from crmkit_sales.settings import settings_of

_ = texts("crmkit_sales")

UPDATE = "sales.quote.update"
LONGEST = 730
"""Days that a quote may hold at most: the link to its page holds no longer."""

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Until = Annotated[date, Input(title=_("Valid until"), classified="internal")]
Language = Annotated[str, Input(title=_("Language"), choices=LANGUAGES, classified="internal")]
Included = Annotated[bool, Input(title=_("Prices include tax"), classified="internal")]
Discount = Annotated[
    Decimal, Input(title=_("Discount (percent)"), classified="internal", help=_("On the whole, beside those of lines."))
]
DiscountMinor = Annotated[int, Input(title=_("Discount as an amount"), minimum=0, classified="internal")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")]
Terms = Annotated[str, Input(title=_("Terms"), max_length=5000, multiline=True, classified="internal")]
Primary = Annotated[
    bool,
    Input(
        title=_("The opportunity's quote"),
        classified="internal",
        help=_("Its net amount becomes the opportunity's once it is accepted."),
    ),
]


@operation("sales.quote.create", title=_("Add a quote"), effect="create")
def create_quote(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), resource="customer", classified="internal")] = None,
    opportunity_id: Annotated[
        UUID | None, Input(title=_("Opportunity"), resource="sales.opportunity", classified="internal")
    ] = None,
    title: Title = "",
    currency: Currency | None = None,
    valid_until: Until | None = None,
    language: Language | None = None,
    tax_included: Included = False,
    terms: Terms = "",
    primary: Primary | None = None,
    lines: Lines = (),
) -> Quote:
    """Begin a quote for a customer, or about an opportunity, whose customer, title and currency it then has; its lines
    too, where none are given.

    It holds for the days in the settings unless it says otherwise. The first quote about an opportunity is the
    opportunity's, unless said otherwise. Raises NotFound for an unknown customer or opportunity, InvalidInput for what
    is no currency, a day that is past, and lines that cannot be.
    """
    opportunity = session.get(Opportunity, opportunity_id) if opportunity_id is not None else None
    if opportunity_id is not None and opportunity is None:
        raise NotFound(_("There is no such opportunity."))
    customer = _customer(session, customer_id, opportunity)
    config = session.crm.config.get(session)
    money = currency or (opportunity.currency if opportunity is not None else None) or config.base_currency
    if money is None:
        raise InvalidInput([_problem(_("Say in which currency."), "currency")])
    Money(0, money)
    today = session.today()
    until = valid_until or today + timedelta(days=settings_of(session.crm.settings).quote_days)
    _check_until(session, until)
    quote = Quote(
        number=next_number(session, "quote"),
        customer_id=customer.id,
        owner_id=opportunity.owner_id if opportunity is not None else session.actor.user_id or customer.owner_id,
        team_id=opportunity.team_id if opportunity is not None else customer.team_id,
        opportunity_id=opportunity.id if opportunity is not None else None,
        title=title.strip() or (opportunity.title if opportunity is not None else customer.name),
        currency=money,
        priced_on=today,
        valid_until=until,
        language=language or _language(customer, config.language),
        tax_included=tax_included,
        terms=terms,
        primary=_is_first(session, opportunity) if primary is None else primary,
    )
    session.add(quote)
    session.flush()
    wanted = lines or _lines_of_opportunity(session, opportunity, quote)
    write_lines(session, quote, wanted)
    return quote


@attrs.frozen(kw_only=True)
class QuoteUpdate:
    """What to change of a draft; what is not given stays."""

    title: Title | UnsetType = UNSET
    valid_until: Until | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    tax_included: Included | UnsetType = UNSET
    discount: Discount | UnsetType | None = UNSET
    discount_minor: DiscountMinor | UnsetType | None = UNSET
    currency: Currency | UnsetType = UNSET
    terms: Terms | UnsetType = UNSET
    primary: Primary | UnsetType = UNSET


@operation("sales.quote.update", title=_("Change the quote"), effect="update")
def update_quote(session: CrmSession, quote: Quote, changes: QuoteUpdate) -> Quote:
    """Change a draft and add it up anew. A discount of the whole is a percentage or an amount: giving one takes the
    other away. ``currency`` can be changed while there are no lines.

    Raises WrongState for what is no draft any more, InvalidInput for what cannot be.
    """
    require_draft(quote)
    values = given(changes)
    lines = lines_of(session, quote)
    if values.get("currency", quote.currency) != quote.currency and lines:
        raise InvalidInput([_problem(_("The lines have prices in {currency}."), "currency", currency=quote.currency)])
    if values.get("discount") is not None and values.get("discount_minor") is None:
        values["discount_minor"] = None
    elif values.get("discount_minor") is not None and values.get("discount") is None:
        values["discount"] = None
    if "valid_until" in values:
        _check_until(session, values["valid_until"])
    discount = values.get("discount")
    if discount is not None and discount.is_finite() and discount != round(discount, 4):
        raise InvalidInput([_problem(_("Give at most four decimal places."), "discount")])
    for name, value in values.items():
        setattr(quote, name, value)
    Money(0, quote.currency)
    add_up(quote, lines)
    return quote


@operation("sales.quote.set_lines", title=_("Write the lines"), permission=UPDATE, effect="update")
def set_lines(session: CrmSession, quote: Quote, *, lines: Lines) -> Quote:
    """Put lines in place of those of a draft, and add it up anew. A line without a price gets the price list's.

    Raises WrongState for what is no draft any more, InvalidInput with each field that is wrong.
    """
    require_draft(quote)
    write_lines(session, quote, lines)
    _touch(session, quote)
    return quote


@operation("sales.quote.reprice", title=_("Take today's prices"), permission=UPDATE, effect="update")
def reprice(session: CrmSession, quote: Quote) -> Quote:
    """Put the prices that lists have today into a draft; prices that were written by hand stay. Raises WrongState for
    what is no draft any more."""
    require_draft(quote)
    again = given_again(quote, lines_of(session, quote), prices=False)
    quote.priced_on = session.today()
    write_lines(session, quote, again)
    return quote


@operation("sales.quote.revise", title=_("Make the next version"), permission=UPDATE, effect="create")
def revise(session: CrmSession, quote: Quote) -> Quote:
    """Begin the next version of a quote that was sent, as a draft with the same lines, and return it; the one before is
    replaced by it from now on.

    Raises WrongState for a draft, for what waits for approval, what was accepted, and what was replaced already.
    """
    if quote.state in (DRAFT, "in_approval", "approved"):
        raise WrongState(_("{name} was not sent yet: change it itself."), name=quote.name)
    if quote.state in ("accepted", SUPERSEDED):
        raise WrongState(_("{name} cannot be replaced: {state}."), name=quote.name, state=STATES[quote.state])
    last = session.scalars(select(func.max(Quote.revision)).where(Quote.number == quote.number)).one()
    days = settings_of(session.crm.settings).quote_days
    made = Quote(
        number=quote.number,
        revision=last + 1,
        customer_id=quote.customer_id,
        owner_id=quote.owner_id,
        team_id=quote.team_id,
        opportunity_id=quote.opportunity_id,
        title=quote.title,
        currency=quote.currency,
        priced_on=quote.priced_on,
        valid_until=max(quote.valid_until, session.today() + timedelta(days=days)),
        language=quote.language,
        tax_included=quote.tax_included,
        discount=quote.discount,
        discount_minor=quote.discount_minor,
        terms=quote.terms,
        primary=quote.primary,
    )
    quote.state = SUPERSEDED
    session.add(made)
    session.flush()
    write_lines(session, made, given_again(quote, lines_of(session, quote)))
    return made


@operation("sales.quote.delete", title=_("Delete the draft"), permission=UPDATE, effect="delete")
def delete_quote(session: CrmSession, quote: Quote) -> None:
    """Delete a draft. Raises WrongState for what is no draft any more: what was sent is kept."""
    require_draft(quote)
    session.delete(quote)


def require_draft(quote: Quote) -> None:
    """Raise WrongState for a quote that is no draft any more."""
    if not quote.is_draft:
        raise WrongState(
            _("{name} cannot be changed any more: {state}."),
            fix=_("Take it back, or make the next version."),
            name=quote.name,
            state=STATES[quote.state],
        )


def _touch(session: CrmSession, quote: Quote) -> None:
    """Give the quote a new version where only its lines have changed, so that two who write them at once are heard."""
    if not session.is_modified(quote):
        flag_modified(quote, "priced_on")


def _customer(session: CrmSession, customer_id: UUID | None, opportunity: Opportunity | None) -> Customer:
    wanted = customer_id or (opportunity.customer_id if opportunity is not None else None)
    if wanted is None:
        raise InvalidInput([_problem(_("Say for whom, or about which opportunity."), "customer_id")])
    customer = session.get(Customer, wanted)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=wanted)
    if opportunity is not None and opportunity.customer_id != customer.id:
        raise InvalidInput([_problem(_("The opportunity is another customer's."), "opportunity_id")])
    return customer


def _lines_of_opportunity(session: CrmSession, opportunity: Opportunity | None, quote: Quote) -> list[LineInput]:
    """Return what an opportunity is about as lines of a quote in the same currency."""
    if opportunity is None or opportunity.currency != quote.currency:
        return []
    return [
        LineInput(
            product_id=line.product_id,
            text=line.text,
            quantity=round(line.quantity, 4),
            unit_price=major_of(line.unit_price_minor, quote.currency),
            discount=line.discount,
        )
        for line in lines_of_opportunity(session, opportunity.id)
    ]


def _is_first(session: CrmSession, opportunity: Opportunity | None) -> bool:
    if opportunity is None:
        return False
    return session.scalar(select(Quote.id).where(Quote.opportunity_id == opportunity.id).limit(1)) is None


def _language(customer: Customer, usual: str) -> str:
    own = str(getattr(customer, "language", "") or usual)
    return "zh_Hans" if own.startswith("zh") else "en"


def _check_until(session: CrmSession, until: date) -> None:
    today = session.today()
    if until < today:
        raise InvalidInput([_problem(_("This day is past."), "valid_until")])
    if until > today + timedelta(days=LONGEST):
        raise InvalidInput([_problem(_("A quote holds for at most {days} days."), "valid_until", days=LONGEST)])


def _problem(text: str, name: str, **values: Any) -> Problem:
    return Problem(InvalidInput.code, text, field=name, **values)


OPERATIONS = [create_quote, update_quote, set_lines, reprice, revise, delete_quote]
