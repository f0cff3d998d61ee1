"""A quote as a document: what stands on its page for the customer and in its PDF, in the quote's own language.

Must not change anything, nor know who reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import frozen
from babel.dates import format_date
from babel.numbers import format_decimal

from crmkit import CrmSession, Customer, Money, format_money, texts, typeset
from crmkit.i18n import translate
from crmkit_sales.quotes.lines import lines_of, totals_of
from crmkit_sales.quotes.models import Quote, QuoteLine
from crmkit_sales.quotes.words import DRAFT, IN_APPROVAL

_ = texts("crmkit_sales")

WORDS: Mapping[str, str] = {
    "quote": _("Quote"),
    "for": _("For"),
    "date": _("Date"),
    "valid_until": _("Valid until"),
    "position": _("No."),
    "item": _("Item"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "discount": _("Discount"),
    "amount": _("Amount"),
    "gross": _("Sum before discounts"),
    "net": _("Net"),
    "total": _("Total"),
    "terms": _("Terms"),
    "draft": _("Draft: this is no offer yet."),
    "page": _("Page"),
}
"""The words of the document, by what its layout calls them."""


@frozen(kw_only=True)
class DocumentLine:
    """A line as it is read: figures in words of the language."""

    text: str
    quantity: str
    unit_price: str
    discount: str
    amount: str


@frozen(kw_only=True)
class Document:
    """A quote as it is read. ``sums`` are pairs of a title and an amount, the total last."""

    name: str
    title: str
    seller: str
    customer: str
    day: str
    valid_until: str
    lines: tuple[DocumentLine, ...]
    sums: tuple[tuple[str, str], ...]
    terms: str
    draft: bool
    language: str
    words: Mapping[str, str]


def document_of(session: CrmSession, quote: Quote, language: str | None = None) -> Document:
    """Return a quote as it is read in a language, by default its own."""
    tongue = language or quote.language
    lines = lines_of(session, quote)
    customer = session.get(Customer, quote.customer_id)
    return Document(
        name=quote.name,
        title=quote.title,
        seller=session.crm.config.get(session).name,
        customer=str(customer.name) if customer is not None else "",
        day=said_day(quote.priced_on if quote.sent_at is None else quote.sent_at.date(), tongue),
        valid_until=said_day(quote.valid_until, tongue),
        lines=tuple(_line(quote, each, tongue) for each in lines),
        sums=tuple(_sums(quote, lines, tongue)),
        terms=quote.terms,
        draft=quote.state in (DRAFT, IN_APPROVAL),
        language=tongue,
        words={name: translate(text, tongue) for name, text in WORDS.items()},
    )


def pdf_of(document: Document) -> bytes:
    """Return a document as a PDF. Raises MissingExtra without typst, FontMissing where no font has its characters."""
    values: dict[str, Any] = {
        "name": document.name,
        "title": document.title,
        "seller": document.seller,
        "customer": document.customer,
        "day": document.day,
        "valid_until": document.valid_until,
        "terms": document.terms,
        "draft": document.draft,
        "words": dict(document.words),
        "discounted": any(each.discount for each in document.lines),
        "lines": [
            {
                "text": each.text,
                "quantity": each.quantity,
                "unit_price": each.unit_price,
                "discount": each.discount,
                "amount": each.amount,
            }
            for each in document.lines
        ],
        "sums": [{"title": title, "amount": amount} for title, amount in document.sums],
    }
    return typeset(_layout(), values, language=document.language, extra="sales")


@cache
def _layout() -> str:
    return files("crmkit_sales").joinpath("templates", "quotes", "quote.typ").read_text("utf-8")


def _line(quote: Quote, line: QuoteLine, language: str) -> DocumentLine:
    number = said_number(line.quantity, language)
    return DocumentLine(
        text=line.text,
        quantity=f"{number} {line.unit}".strip(),
        unit_price=format_money(Money(line.unit_price_minor, quote.currency), language),
        discount=f"{said_number(line.discount, language)} %" if line.discount else "",
        amount=format_money(Money(line.gross_minor - line.discount_minor, quote.currency), language),
    )


def _sums(quote: Quote, lines: Sequence[QuoteLine], language: str) -> list[tuple[str, str]]:
    def amount(minor: int) -> str:
        return format_money(Money(minor, quote.currency), language)

    found: list[tuple[str, str]] = []
    if quote.discount_total_minor:
        before = quote.gross_minor - quote.line_discounts_minor
        title = translate(_("Discount"), language)
        if quote.discount is not None:
            title = f"{title} ({said_number(quote.discount, language)} %)"
        found.append((translate(_("Subtotal"), language), amount(before)))
        found.append((title, amount(-quote.discount_total_minor)))
    groups = totals_of(quote, lines).taxes
    if groups and not quote.tax_included:
        found.append((translate(_("Net"), language), amount(quote.net_minor)))
    text = _("Of it tax {rate} %") if quote.tax_included else _("Tax {rate} %")
    taxes = [(translate(text, language, rate=said_number(group.rate, language)), amount(group.tax)) for group in groups]
    total = (translate(_("Total"), language), amount(quote.total_minor))
    return [*found, *taxes, total]


def said_number(value: Decimal, language: str) -> str:
    """Return a number as people of a language write it, without zeros behind."""
    return str(format_decimal(value, format="#,##0.####", locale=_locale(language)))


def said_day(value: date, language: str) -> str:
    """Return a day as people of a language write it."""
    return str(format_date(value, "long", locale=_locale(language)))


def _locale(language: str) -> str:
    return "zh_Hans_CN" if language == "zh_Hans" else "en_GB" if language == "en" else language
