"""The pages of quotes: the list, a quote with everything about it, and two versions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Attachment, CrmSession, Customer, NotFound, Page, Product, new_id, texts
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.prices.costs import may_see_costs
from crmkit_sales.prices.money import Margin
from crmkit_sales.quotes.approving import BECAUSE
from crmkit_sales.quotes.comparing import differences
from crmkit_sales.quotes.display import LIST, PAGE
from crmkit_sales.quotes.lines import lines_of, major_of, totals_of
from crmkit_sales.quotes.margins import approval_needed, margin_of
from crmkit_sales.quotes.models import Quote, QuoteLine, QuotePolicy
from crmkit_sales.quotes.words import APPROVED, DRAFT, IN_APPROVAL, SENT, STATES, TONES, WAYS

_ = texts("crmkit_sales")

MOST = 100
SPARE = 3
"""Empty lines below those of a draft: without script there is no other way to add one."""


@frozen(kw_only=True)
class EditedLine:
    """A line as the editor shows it: what stands in its fields."""

    product_id: str = ""
    product: str = ""
    text: str = ""
    quantity: str = ""
    unit: str = ""
    unit_price: str = ""
    discount: str = ""
    tax_rate: str = ""


def quotes_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the quotes that the reader sees, the newest first: all, those of a state, or those of a customer."""
    state = query.get("state", "") if query.get("state", "") in STATES else ""
    customer_id = _id(query.get("customer"))
    counted = select(Quote.state, func.count(Quote.id)).group_by(Quote.state)
    rows = select(Quote, Customer).join(Customer, Customer.id == Quote.customer_id)
    if customer_id is not None:
        rows = rows.where(Quote.customer_id == customer_id)
        counted = counted.where(Quote.customer_id == customer_id)
    if state:
        rows = rows.where(Quote.state == state)
    found = session.execute(rows.order_by(Quote.created_at.desc(), Quote.id.desc()).limit(MOST)).all()
    counts = {row[0]: row[1] for row in session.execute(counted)}
    return {
        "rows": [(quote, customer) for quote, customer in found],
        "counts": [(name, title, counts.get(name, 0)) for name, title in STATES.items() if counts.get(name)],
        "states": STATES,
        "tones": TONES,
        "state": state,
        "customer": session.get(Customer, customer_id) if customer_id is not None else None,
        "home": LIST,
        "page": PAGE,
        "may_create": _may(session, "sales.quote", "create"),
        "more": len(found) == MOST,
    }


def quote_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a version of a quote with everything about it. Raises NotFound for one that is not seen."""
    quote = _quote(session, query.get("id"))
    lines = lines_of(session, quote)
    may_update = _may(session, "sales.quote", "update")
    needed = approval_needed(session, quote, lines) if quote.state == DRAFT and lines else None
    shows_margin = may_see_costs(session)
    policy = session.get(QuotePolicy, quote.policy_id) if quote.policy_id is not None else None
    versions = session.scalars(select(Quote).where(Quote.number == quote.number).order_by(Quote.revision.desc())).all()
    return {
        "quote": quote,
        "lines": lines,
        "sums": totals_of(quote, lines),
        "margin": _shown(margin_of(session, quote, lines)) if shows_margin else None,
        "customer": session.get(Customer, quote.customer_id),
        "opportunity": session.get(Opportunity, quote.opportunity_id) if quote.opportunity_id is not None else None,
        "document": session.get(Attachment, quote.document_id) if quote.document_id is not None else None,
        "versions": versions,
        "before": next((each for each in versions if each.revision == quote.revision - 1), None),
        "states": STATES,
        "tones": TONES,
        "ways": WAYS,
        "needed": (BECAUSE[needed.because], needed.policy.title) if needed is not None else None,
        "policy": policy,
        "edited": _edited(session, quote, lines) if quote.state == DRAFT and may_update else None,
        "is_draft": quote.state == DRAFT,
        "is_waiting": quote.state == IN_APPROVAL,
        "is_ready": quote.state == APPROVED or (quote.state == DRAFT and bool(lines) and needed is None),
        "may_take_back": quote.state in (IN_APPROVAL, APPROVED) and may_update,
        "is_out": quote.state == SENT,
        "may_revise": quote.state in (SENT, "declined", "expired") and may_update,
        "may_update": may_update,
        "may_send": _may(session, "sales.quote", "send"),
        "may_answer": _may(session, "sales.quote", "answer"),
        "has_mail": "messaging.send" in session.gate.registry.operations,
        "today": session.today(),
        "here": f"{PAGE}?id={quote.id}",
        "home": LIST,
        "page": PAGE,
        "key": str(new_id()),
    }


def compare_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what is different between two versions of a quote, by default the one before. Raises NotFound."""
    newer = _quote(session, query.get("id"))
    other = _id(query.get("with"))
    if other is None:
        older = session.scalar(select(Quote).where(Quote.number == newer.number, Quote.revision == newer.revision - 1))
    else:
        older = session.get(Quote, other)
    if older is None or older.number != newer.number:
        raise NotFound(_("There is no other version of this quote."))
    if older.revision > newer.revision:
        older, newer = newer, older
    return {
        "older": older,
        "newer": newer,
        "found": differences(older, lines_of(session, older), newer, lines_of(session, newer)),
        "page": PAGE,
    }


def _edited(session: CrmSession, quote: Quote, lines: Sequence[QuoteLine]) -> list[EditedLine]:
    ids = {line.product_id for line in lines if line.product_id is not None}
    titles = {each.id: each.title for each in session.scalars(select(Product).where(Product.id.in_(ids)))}
    return [
        *(
            EditedLine(
                product_id=str(line.product_id or ""),
                product=titles.get(line.product_id, "") if line.product_id is not None else "",
                text=line.text,
                quantity=_plain(line.quantity),
                unit=line.unit,
                unit_price=str(major_of(line.unit_price_minor, quote.currency)),
                discount=_plain(line.discount) if line.discount else "",
                tax_rate=_plain(line.tax_rate),
            )
            for line in lines
        ),
        *(EditedLine() for _number in range(SPARE)),
    ]


def _shown(found: Margin) -> Mapping[str, Any]:
    return {"amount": found.amount, "rate": found.rate, "unknown": found.unknown}


def _quote(session: CrmSession, text: str | None) -> Quote:
    identity = _id(text)
    quote = session.get(Quote, identity) if identity is not None else None
    if quote is None:
        raise NotFound(_("There is no such quote."))
    return quote


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted) or rights.scope(resource, action) != "none"


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


PAGES = [
    Page(
        name="sales.quotes",
        title=_("Quotes"),
        path="/quotes",
        template="sales/quotes/quotes.html",
        context=quotes_page,
        permission="sales.quote.read",
        icon="file-text",
        order=30,
    ),
    Page(
        name="sales.quote",
        title=_("Quote"),
        path="/quote",
        template="sales/quotes/quote.html",
        context=quote_page,
        permission="sales.quote.read",
        icon="file-text",
        menu=False,
    ),
    Page(
        name="sales.quote_versions",
        title=_("Versions of a quote"),
        path="/quote/compare",
        template="sales/quotes/compare.html",
        context=compare_page,
        permission="sales.quote.read",
        icon="file-text",
        menu=False,
    ),
]
