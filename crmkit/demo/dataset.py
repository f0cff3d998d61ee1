"""The packaged sample: a year of real purchases of one British gift wholesaler, as values in order of time.

It exists so that the demonstration, the documentation and later models work on real behaviour. It must not know
databases, importers or the invented people of `crmkit.demo.names`. Source, licence and changes: ``data/NOTICE.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit.demo.categories import CATEGORIES, SampleCategory, category_of, kind_of
from crmkit.demo.columns import unpack
from crmkit.demo.places import SampleCountry, country_of
from crmkit.errors import UnreadableFile
from crmkit.i18n import texts

_ = texts("crmkit")

CURRENCY = "GBP"
DATA_FILE = "online-retail.columns.xz"
SHOP_ZONE = ZoneInfo("Europe/London")

_PENNY = Decimal("0.01")


class SampleLine(NamedTuple):
    """One line of a purchase. A tuple, as there are 400,000 of them.

    ``unit_price`` is in pounds as published (four lines have three decimals); ``quantity`` is negative on a
    cancellation.
    """

    sku: str
    quantity: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """Return quantity times unit price in pounds, exact."""
        return self.quantity * self.unit_price

    @property
    def rounded_amount(self) -> Decimal:
        """Return the amount in pounds, rounded to the penny (half to even)."""
        return self.amount.quantize(_PENNY, ROUND_HALF_EVEN)


@frozen(kw_only=True)
class SamplePurchase:
    """One invoice of a known customer: a sale, or the cancellation of one (``cancelled``).

    ``invoice`` is as published (a cancellation begins with C and does not say what it cancels); ``occurred_at`` is an
    aware UTC instant; ``country`` is the published name, a key of `countries`.
    """

    invoice: str
    occurred_at: datetime
    customer: int
    country: str
    lines: tuple[SampleLine, ...]
    cancelled: bool

    @property
    def amount(self) -> Decimal:
        """Return the sum of the lines in pounds, exact; negative for a cancellation."""
        return sum((line.amount for line in self.lines), Decimal(0))


@frozen(kw_only=True)
class SampleProduct:
    """One product: its code, its most frequent published description, and category and kind as crmkit guesses them."""

    sku: str
    title: str
    category: SampleCategory
    kind: str


@frozen(kw_only=True)
class SampleSummary:
    """Figures of the sample, counted from its rows. Amounts are in pounds; ``cancelled_amount`` is negative."""

    customers: int
    buyers: int
    invoices: int
    lines: int
    revenue: Decimal
    cancellations: int
    cancelled_lines: int
    cancelled_amount: Decimal
    free_lines: int
    products: int
    countries: int
    first: datetime
    last: datetime


def purchases() -> Iterator[SamplePurchase]:
    """Yield the sales and cancellations of all known customers in order of time.

    Lines without a price are left out, and so is an invoice that has no other: see `free_goods`. Decoding all takes
    about a second. Raises UnreadableFile when the packaged data is missing or damaged.
    """
    return _invoices(free=False)


def origins() -> Mapping[str, str]:
    """Return for each cancellation that has one the invoice that it most likely cancels, by its number: the customer's
    latest invoice before it with most of the cancelled pieces.

    A guess of crmkit's own, as the published data does not say. Raises UnreadableFile as `purchases` does.
    """
    bought: dict[int, list[tuple[str, dict[str, int]]]] = {}
    found: dict[str, str] = {}
    for purchase in purchases():
        pieces: dict[str, int] = {}
        for line in purchase.lines:
            pieces[line.sku] = pieces.get(line.sku, 0) + abs(line.quantity)
        if not purchase.cancelled:
            bought.setdefault(purchase.customer, []).append((purchase.invoice, pieces))
            continue
        best = 0
        for invoice, there in reversed(bought.get(purchase.customer, [])):
            common = sum(min(number, there.get(sku, 0)) for sku, number in pieces.items())
            if common > best:
                best, found[purchase.invoice] = common, invoice
    return MappingProxyType(found)


def free_goods() -> Iterator[SamplePurchase]:
    """Yield what customers got at a price of zero, in order of time: samples and replacements, not revenue.

    The invoice may also be one of `purchases`. Raises UnreadableFile as `purchases` does.
    """
    return _invoices(free=True)


@lru_cache(maxsize=1)
def products() -> Mapping[str, SampleProduct]:
    """Return all products by their code. Raises UnreadableFile as `purchases` does."""
    titles: dict[str, str] = _load()[0]["products"]
    return MappingProxyType(
        {
            sku: SampleProduct(sku=sku, title=title or sku, category=category_of(sku, title), kind=kind_of(sku))
            for sku, title in titles.items()
        }
    )


def categories() -> tuple[SampleCategory, ...]:
    """Return the categories that products can have."""
    return CATEGORIES


@lru_cache(maxsize=1)
def countries() -> Mapping[str, SampleCountry]:
    """Return the countries of the sample by their published name. Raises UnreadableFile as `purchases` does."""
    published: list[str] = _load()[0]["countries"]
    return MappingProxyType({name: country_of(name) for name in published})


@lru_cache(maxsize=1)
def customers() -> Mapping[int, str]:
    """Return each customer's number, ascending, with the published country of the customer's latest invoice.

    Eight customers have invoices of two countries. Raises UnreadableFile as `purchases` does.
    """
    header, columns = _load()
    latest = dict(zip(columns["invoice_customer"], columns["invoice_country"], strict=True))
    return MappingProxyType({customer: header["countries"][latest[customer]] for customer in sorted(latest)})


@lru_cache(maxsize=1)
def summary() -> SampleSummary:
    """Return the sample's figures, counted from its rows. Raises UnreadableFile as `purchases` does."""
    buyers: set[int] = set()
    invoices = lines = cancellations = cancelled_lines = 0
    revenue = cancelled_amount = Decimal(0)
    times: list[datetime] = []
    for purchase in purchases():
        times.append(purchase.occurred_at)
        if purchase.cancelled:
            cancellations += 1
            cancelled_lines += len(purchase.lines)
            cancelled_amount += sum(line.rounded_amount for line in purchase.lines)
        else:
            buyers.add(purchase.customer)
            invoices += 1
            lines += len(purchase.lines)
            revenue += sum(line.rounded_amount for line in purchase.lines)
    return SampleSummary(
        customers=len(customers()),
        buyers=len(buyers),
        invoices=invoices,
        lines=lines,
        revenue=revenue,
        cancellations=cancellations,
        cancelled_lines=cancelled_lines,
        cancelled_amount=cancelled_amount,
        free_lines=sum(len(given.lines) for given in free_goods()),
        products=len(products()),
        countries=len(countries()),
        first=times[0],
        last=times[-1],
    )


def _invoices(*, free: bool) -> Iterator[SamplePurchase]:
    header, columns = _load()
    skus = list(header["products"])
    prices = [Decimal(price) for price in header["prices"]]
    names = header["countries"]
    offers = [
        (skus[sku], prices[price]) for sku, price in zip(columns["offer_sku"], columns["offer_price"], strict=True)
    ]
    line_offers = columns["line_offer"]
    quantities = columns["line_quantity"]
    time = datetime.fromisoformat(header["start"])
    at = 0
    for number, cancelled, minutes, customer, country, count in zip(
        columns["invoice_number"],
        columns["invoice_cancelled"],
        columns["invoice_minutes"],
        columns["invoice_customer"],
        columns["invoice_country"],
        columns["invoice_lines"],
        strict=True,
    ):
        time += timedelta(minutes=minutes)
        lines = tuple(
            SampleLine(offers[offer][0], quantity, offers[offer][1])
            for offer, quantity in zip(line_offers[at : at + count], quantities[at : at + count], strict=True)
            if bool(offers[offer][1]) is not free
        )
        at += count
        if lines:
            yield SamplePurchase(
                invoice=f"C{number}" if cancelled else str(number),
                occurred_at=time.replace(tzinfo=SHOP_ZONE).astimezone(UTC),
                customer=customer,
                country=names[country],
                lines=lines,
                cancelled=bool(cancelled),
            )


def _load() -> tuple[dict[str, Any], dict[str, Any]]:
    # Not kept: unpacked it is several megabytes, and unpacking takes a twentieth of a second.
    path = files("crmkit.demo").joinpath("data", DATA_FILE)
    try:
        return unpack(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            _("The packaged sample data {file} cannot be read: {reason}."),
            fix=_("Install crmkit again."),
            file=DATA_FILE,
            reason=str(error),
        ) from error
