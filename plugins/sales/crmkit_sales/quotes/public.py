"""The page on which a customer reads a quote, and accepts or declines it.

It shows just the version that the link is about. Opening it does nothing. Must not know prices' costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmkit import Conflict, CrmSession, InvalidInput, NotFound, Problem, PublicPage, Visit, texts
from crmkit_sales.quotes.document import document_of
from crmkit_sales.quotes.models import Quote
from crmkit_sales.quotes.sending import PAGE
from crmkit_sales.quotes.words import ACCEPTED, DECLINED, EXPIRED, SENT, SUPERSEDED

_ = texts("crmkit_sales")

RIGHTS = ("customer.read", "sales.quote.read", "sales.quote.answer")
SHOWN = (SENT, ACCEPTED, DECLINED, EXPIRED, SUPERSEDED)
ANSWERS = ("accept", "decline")


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return the quote that the link is about, in the language of the page."""
    quote = _about(session, visit)
    over = quote.state == SENT and quote.valid_until < session.today()
    return {
        "quote": document_of(session, quote, visit.language),
        "state": EXPIRED if over else quote.state,
        "open": quote.state == SENT and not over,
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Accept or decline the quote that the link is about; raises InvalidInput for what is neither, and where it cannot
    be answered any more."""
    quote = _about(session, visit)
    (answer,) = values.get("answer", ("",))[:1]
    name = (values.get("name") or ("",))[0]
    if answer not in ANSWERS:
        raise InvalidInput([Problem(InvalidInput.code, _("Accept or decline it."), field="answer")])
    given: dict[str, Any] = {"name": name}
    if answer == "accept" and "agree" not in values:
        raise InvalidInput([Problem(InvalidInput.code, _("Tick that you accept it."), field="agree")])
    if answer == "decline":
        given["reason"] = (values.get("reason") or ("",))[0]
    try:
        session.run(f"sales.quote.{answer}", given, target=quote)
    except Conflict as error:
        # Somebody was quicker, or the day is over: it is said on the page itself.
        raise InvalidInput(list(error.problems)) from None


def _about(session: CrmSession, visit: Visit) -> Quote:
    resource, _colon, identity = (visit.ref or "").partition(":")
    quote = session.get(Quote, UUID(identity)) if resource == PAGE and identity else None
    if quote is None or quote.customer_id != visit.customer_id or quote.state not in SHOWN:
        raise NotFound(_("There is no such page."))
    return quote


QUOTE = PublicPage(
    name=PAGE,
    title=_("Quote"),
    template="sales/quotes/public.html",
    show=show,
    submit=submit,
    rights=RIGHTS,
    expires=30,
)
"""The page of a quote for the customer."""
