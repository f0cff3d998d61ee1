"""What happens to quotes. Amounts are in minor units, with tax."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Currency = Annotated[str, Input(classified="public")]


@event("sales.quote.sent")
class QuoteSent:
    """A version of a quote was given to the customer."""

    quote_id: UUID
    customer_id: UUID
    opportunity_id: UUID | None
    total_minor: int
    currency: Currency


@event("sales.quote.accepted")
class QuoteAccepted:
    """The customer has accepted just this version of a quote."""

    quote_id: UUID
    customer_id: UUID
    opportunity_id: UUID | None
    total_minor: int
    currency: Currency


@event("sales.quote.declined")
class QuoteDeclined:
    """The customer has declined a quote."""

    quote_id: UUID
    customer_id: UUID
    opportunity_id: UUID | None


@event("sales.quote.expired")
class QuoteExpired:
    """The last day of a quote that was sent has passed without an answer."""

    quote_id: UUID
    customer_id: UUID
    opportunity_id: UUID | None


EVENTS = [QuoteSent, QuoteAccepted, QuoteDeclined, QuoteExpired]
