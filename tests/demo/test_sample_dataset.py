"""The packaged sample agrees with what is published about the data set, and says so in values of the right type."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import frozen

from crmkit.demo import dataset
from crmkit.demo.dataset import SamplePurchase
from crmkit.errors import UnreadableFile

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
PENNY = Decimal("0.01")


@frozen(kw_only=True)
class Buyer:
    """Recency in days, number of invoices and pounds spent of one customer."""

    recency: int
    frequency: int
    monetary: Decimal


@pytest.fixture(scope="module")
def everything() -> list[SamplePurchase]:
    return list(dataset.purchases())


@pytest.fixture(scope="module")
def sales(everything: list[SamplePurchase]) -> list[SamplePurchase]:
    return [purchase for purchase in everything if not purchase.cancelled]


@pytest.fixture(scope="module")
def buyers(sales: list[SamplePurchase]) -> dict[int, Buyer]:
    analysis_date = date.fromisoformat(PUBLISHED["rfm"]["analysis_date"])
    of_customer: dict[int, list[SamplePurchase]] = defaultdict(list)
    for sale in sales:
        of_customer[sale.customer].append(sale)
    return {
        customer: Buyer(
            recency=(analysis_date - max(local_date(sale) for sale in theirs)).days,
            frequency=len({sale.invoice for sale in theirs}),
            monetary=sum((sale.amount for sale in theirs), Decimal(0)),
        )
        for customer, theirs in of_customer.items()
    }


def local_date(purchase: SamplePurchase) -> date:
    return purchase.occurred_at.astimezone(dataset.SHOP_ZONE).date()


def test_sales_are_the_published_clean_rows(sales: list[SamplePurchase]) -> None:
    """Lines, invoices and buyers of the sales are the numbers of the literature."""
    clean = PUBLISHED["clean"]
    assert clean["rows"] == sum(len(sale.lines) for sale in sales)
    assert clean["invoices"] == len({sale.invoice for sale in sales}) == len(sales)
    assert clean["customers"] == len({sale.customer for sale in sales})
    assert all(line.quantity > 0 and line.unit_price > 0 for sale in sales for line in sale.lines)


def test_nothing_of_a_known_customer_is_lost(everything: list[SamplePurchase]) -> None:
    """Sales, cancellations and free goods together are all rows that have a customer."""
    free = list(dataset.free_goods())
    rows = sum(len(purchase.lines) for purchase in [*everything, *free])
    assert PUBLISHED["rows_of_known_customers"] == rows
    assert PUBLISHED["customers_with_a_number"] == len({purchase.customer for purchase in [*everything, *free]})
    assert PUBLISHED["customers_with_a_number"] == len(dataset.customers())


@pytest.mark.parametrize("rounding", [ROUND_HALF_EVEN, ROUND_HALF_UP])
def test_revenue_is_the_published_one_however_it_is_rounded(sales: list[SamplePurchase], rounding: str) -> None:
    """Rounding each line, each invoice or only the total to the penny gives the same revenue."""
    expected = Decimal(PUBLISHED["clean"]["revenue"])
    assert Decimal("8911407.904") == sum(sale.amount for sale in sales)
    assert expected == sum(line.amount.quantize(PENNY, rounding) for sale in sales for line in sale.lines)
    assert expected == sum(sale.amount.quantize(PENNY, rounding) for sale in sales)


def test_lines_round_half_to_even() -> None:
    """The rounded amount of a line is whole pence, with a half going to the even penny."""
    assert [Decimal("0.00"), Decimal("0.02"), Decimal("-0.02")] == [
        dataset.SampleLine("1", quantity, Decimal("0.005")).rounded_amount for quantity in (1, 3, -3)
    ]


def test_only_four_lines_have_a_third_decimal(sales: list[SamplePurchase]) -> None:
    """Prices are whole pence but for four lines at a tenth of a penny."""
    finer = [line for sale in sales for line in sale.lines if line.unit_price != line.unit_price.quantize(PENNY)]
    assert [Decimal("0.001")] * 4 == [line.amount for line in finer]


def test_summary_is_counted_from_the_rows(everything: list[SamplePurchase], sales: list[SamplePurchase]) -> None:
    """The summary has the published figures, and agrees with the rows where none is published."""
    summary = dataset.summary()
    clean = PUBLISHED["clean"]
    assert (clean["rows"], clean["invoices"], clean["customers"]) == (summary.lines, summary.invoices, summary.buyers)
    assert Decimal(clean["revenue"]) == summary.revenue
    assert PUBLISHED["customers_with_a_number"] == summary.customers
    assert PUBLISHED["countries_of_known_customers"] == summary.countries
    cancelled = [purchase for purchase in everything if purchase.cancelled]
    assert len(cancelled) == summary.cancellations
    assert sum(purchase.amount for purchase in cancelled) == summary.cancelled_amount
    assert len({line.sku for purchase in everything for line in purchase.lines}) <= summary.products
    local = [
        moment.astimezone(dataset.SHOP_ZONE).strftime("%Y-%m-%d %H:%M:%S") for moment in (summary.first, summary.last)
    ]
    assert [PUBLISHED["first"], PUBLISHED["last"]] == local
    assert max(sale.occurred_at for sale in sales) == summary.last


def test_best_customers_are_the_published_ones(buyers: dict[int, Buyer]) -> None:
    """The five that spent most, and four others, have the published recency, frequency and monetary value."""
    best = sorted(buyers, key=lambda customer: buyers[customer].monetary, reverse=True)[:5]
    assert [one["customer"] for one in PUBLISHED["rfm"]["top_five"]] == best
    for expected in [*PUBLISHED["rfm"]["top_five"], *PUBLISHED["rfm"]["others"]]:
        actual = buyers[expected["customer"]]
        assert (expected["recency"], expected["frequency"]) == (actual.recency, actual.frequency)
        assert Decimal(expected["monetary"]) == actual.monetary


@pytest.mark.parametrize("measure", ["recency", "frequency", "monetary"])
def test_rfm_distribution_is_the_published_one(buyers: dict[int, Buyer], measure: str) -> None:
    """Mean, median and the sizes of the five score groups agree."""
    values = [float(getattr(buyer, measure)) for buyer in buyers.values()]
    assert PUBLISHED["rfm"]["mean"][measure] == pytest.approx(statistics.mean(values), abs=0.00005)
    assert PUBLISHED["rfm"]["median"][measure] == pytest.approx(statistics.median(values), abs=0.0005)
    edges = statistics.quantiles(values, n=5, method="inclusive")
    scores = Counter(1 + sum(edge < value for edge in edges) for value in values)
    if measure == "recency":
        scores = Counter({6 - score: count for score, count in scores.items()})
    assert PUBLISHED["rfm"]["score_counts"][measure] == [scores[score] for score in range(1, 6)]


def test_first_months_customers_come_back_as_published(sales: list[SamplePurchase]) -> None:
    """Of the customers of December 2010, the published number buys again in each month after."""
    months: dict[int, set[int]] = defaultdict(set)
    for sale in sales:
        day = local_date(sale)
        months[sale.customer].add(day.year * 12 + day.month - (2010 * 12 + 12))
    cohort = [active for active in months.values() if min(active) == 0]
    expected = PUBLISHED["customers_of_the_first_month_active_by_month"]
    assert expected == [sum(offset in active for active in cohort) for offset in range(13)]


def test_purchases_come_in_order_of_time_in_utc(everything: list[SamplePurchase]) -> None:
    """Times are aware UTC instants that never go back; London's summer time is an hour ahead of them."""
    assert all(before.occurred_at <= after.occurred_at for before, after in pairwise(everything))
    assert {UTC} == {purchase.occurred_at.tzinfo for purchase in everything}
    by_invoice = {purchase.invoice: purchase.occurred_at for purchase in everything}
    assert datetime(2010, 12, 1, 8, 26, tzinfo=UTC) == by_invoice["536365"]
    summer = next(moment for moment in by_invoice.values() if moment.month == 7)
    assert summer.hour + 1 == summer.astimezone(dataset.SHOP_ZONE).hour


def test_cancellations_take_back(everything: list[SamplePurchase]) -> None:
    """A cancellation has an invoice that begins with C and only negative quantities; a sale has neither."""
    for purchase in everything:
        assert purchase.cancelled == purchase.invoice.startswith("C")
        assert {purchase.cancelled} == {line.quantity < 0 for line in purchase.lines}


def test_free_goods_are_kept_apart(everything: list[SamplePurchase]) -> None:
    """No purchase has a line without a price, and free goods have nothing else."""
    assert all(line.unit_price > 0 for purchase in everything for line in purchase.lines)
    free = list(dataset.free_goods())
    assert {Decimal(0)} == {line.unit_price for purchase in free for line in purchase.lines}
    assert dataset.summary().free_lines == sum(len(purchase.lines) for purchase in free)


def test_every_line_names_a_product_with_category_and_kind(everything: list[SamplePurchase]) -> None:
    """Products cover all lines; each has a title and a known category; postage and fees are add-ons."""
    products = dataset.products()
    assert {line.sku for purchase in everything for line in purchase.lines} <= products.keys()
    known = set(dataset.categories())
    assert all(product.title.strip() and product.category in known for product in products.values())
    addons = {sku for sku, product in products.items() if product.kind == "addon"}
    assert {"POST", "C2", "M", "DOT", "BANK CHARGES", "D", "CRUK", "PADS"} == addons
    assert {"fees"} == {products[sku].category.code for sku in addons}


@pytest.mark.parametrize(
    ("sku", "title", "category"),
    [
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "lighting"),
        ("22423", "REGENCY CAKESTAND 3 TIER", "kitchen"),
        ("85099B", "JUMBO BAG RED RETROSPOT", "bags"),
        ("22086", "PAPER CHAIN KIT 50'S CHRISTMAS", "christmas"),
        ("POST", "POSTAGE", "fees"),
    ],
)
def test_known_products_have_their_title_and_category(sku: str, title: str, category: str) -> None:
    """The most frequent description is the title, and the first fitting category is taken."""
    product = dataset.products()[sku]
    assert (title, category) == (product.title, product.category.code)


def test_nine_products_in_ten_have_a_category_that_says_something() -> None:
    """The table of words leaves less than a tenth of the products under Other, and every category is used."""
    found = Counter(product.category.code for product in dataset.products().values())
    assert {category.code for category in dataset.categories()} == set(found)
    assert found["other"] < len(dataset.products()) / 10


def test_countries_have_names_and_codes() -> None:
    """Every country of an invoice or customer is listed; only the two that are none have no code."""
    countries = dataset.countries()
    assert set(dataset.customers().values()) <= set(countries)
    assert {"Unspecified", "European Community"} == {one.published for one in countries.values() if one.code is None}
    assert (countries["EIRE"].name, countries["EIRE"].code) == ("Ireland", "IE")


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_damaged_sample_is_one_clear_error(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing or damaged file of the package is named, with what to do."""
    (tmp_path / "data").mkdir()
    if content is not None:
        (tmp_path / "data" / dataset.DATA_FILE).write_bytes(content)
    monkeypatch.setattr(dataset, "files", lambda package: tmp_path)
    with pytest.raises(UnreadableFile, match=r"online-retail\.columns\.xz.*Install crmkit again"):
        list(dataset.purchases())
