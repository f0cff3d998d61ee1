"""Importing purchases with lines, interactions and products."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction, Product, ProductCategory
from crmkit.errors import MappingError
from crmkit.exchange.api import ExportOptions, ImportOptions, export, plan_import
from crmkit.exchange.options import RESOURCES
from tests.exchange.importing import ACTOR, count, customers, figures, load, rows_of

HEADING = "invoice,occurred_at,customer,sku,description,quantity,unit_price,currency\n"


def interactions(crm: CRM) -> dict[str, Interaction]:
    """Return all interactions by external id, with their lines."""
    with crm.session(ACTOR) as session:
        query = select(Interaction).options(selectinload(Interaction.lines))
        return {one.external_id or "": one for one in session.scalars(query)}


@pytest.fixture
def known(crm: CRM, make: Callable[..., Path]) -> CRM:
    """A CRM that knows two customers."""
    load(crm, make("id,name,email\n1,Ann,ann@example.com\n2,Ben,\n", "customers.csv"))
    return crm


def test_an_invoice_is_one_purchase_with_its_lines(known: CRM, make: Callable[..., Path]) -> None:
    """Rows of one invoice become one purchase, also where they do not stand together; products are made."""
    text = HEADING + (
        "A1,2024-03-01T10:00:00Z,1,S1,Soap,2,1.50,EUR\n"
        "A2,2024-03-02T10:00:00Z,2,S2,Towel,1,9.99,EUR\n"
        "A1,2024-03-01T10:00:00Z,1,S2,Towel,1,9.99,EUR\n"
    )
    assert figures(load(known, make(text))) == (3, 3, 0, 0, 0)
    found = interactions(known)
    first = found["A1"]
    assert (first.kind, first.amount_minor, first.currency) == ("purchase", 1299, "EUR")
    assert first.occurred_at == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert [(line.line_no, str(line.quantity), line.amount_minor) for line in first.lines] == [
        (1, "2.0000", 300),
        (2, "1.0000", 999),
    ]
    assert found["A2"].amount_minor == 999
    assert count(known, Product) == 2
    assert first.customer_id == customers(known)["Ann"].id


def test_an_invoice_comes_once(known: CRM, make: Callable[..., Path]) -> None:
    """An invoice that was imported before is a duplicate, in whatever file it comes."""
    row = "A1,2024-03-01T10:00:00Z,1,S1,Soap,2,1.50,EUR\n"
    load(known, make(HEADING + row, "a.csv"))
    more = row + "A9,2024-03-01T10:00:00Z,1,S1,Soap,1,1.50,EUR\n"
    assert figures(load(known, make(HEADING + more, "b.csv"))) == (2, 1, 0, 1, 0)


def test_negative_invoices_are_refunds(known: CRM, make: Callable[..., Path]) -> None:
    """What is cancelled is a refund with a positive amount; a discount within a purchase stays negative."""
    text = HEADING + (
        "C1,2024-03-01T10:00:00Z,1,S1,Soap,-2,1.50,EUR\n"
        "A1,2024-03-01T10:00:00Z,1,S1,Soap,2,1.50,EUR\n"
        "A1,2024-03-01T10:00:00Z,1,D,Discount,-1,0.50,EUR\n"
    )
    load(known, make(text))
    found = interactions(known)
    assert (found["C1"].kind, found["C1"].amount_minor) == ("refund", 300)
    assert [(str(line.quantity), line.amount_minor) for line in found["C1"].lines] == [("2.0000", 300)]
    assert (found["A1"].kind, found["A1"].amount_minor) == ("purchase", 250)


def test_unknown_customers_are_refused_or_made(known: CRM, make: Callable[..., Path]) -> None:
    """A purchase of somebody unknown comes back with all rows of the invoice; or the customer is made."""
    text = HEADING + (
        "A1,2024-03-01T10:00:00Z,7,S1,Soap,2,1.50,EUR\n"
        "A2,2024-03-01T10:00:00Z,1,S1,Soap,2,1.50,EUR\n"
        "A1,2024-03-01T10:00:00Z,7,S2,Towel,1,9.99,EUR\n"
    )
    report = load(known, make(text))
    assert figures(report) == (3, 1, 0, 0, 2)
    assert report.rejected_file is not None
    assert [(row["invoice"], row["_column"]) for row in rows_of(report.rejected_file)] == [("A1", "customer")] * 2
    again = load(known, report.rejected_file, create_customers=True)
    assert figures(again) == (2, 2, 0, 0, 0)
    assert customers(known)["7"].standing == "customer"
    assert interactions(known)["A1"].amount_minor == 1299


def test_one_bad_line_refuses_its_invoice_alone(known: CRM, make: Callable[..., Path]) -> None:
    """A line that cannot be read refuses the whole invoice, which comes back to be mended; others are recorded."""
    text = HEADING + (
        "A1,2024-03-01T10:00:00Z,1,S1,Soap,two,1.50,EUR\n"
        "A1,2024-03-01T10:00:00Z,1,S2,Towel,1,9.99,EUR\n"
        "A2,2024-03-01T10:00:00Z,2,S2,Towel,1,9.99,EUR\n"
    )
    report = load(known, make(text))
    assert figures(report) == (3, 1, 0, 0, 2)
    assert report.rejected_file is not None
    first, second = rows_of(report.rejected_file)
    assert (first["_column"], first["_value"]) == ("quantity", "two")
    assert "Line 2" in second["_reason"]


def test_amounts_in_the_companys_zone_and_currency(known: CRM, make: Callable[..., Path]) -> None:
    """Times without a zone are the stated zone's; amounts without a currency the stated currency's."""
    text = 'order no,order date,email,total\nA1,2024-07-01 10:00,ann@example.com,"¥1,234"\n'
    load(known, make(text), resource="purchases", zone="Asia/Shanghai", currency="JPY", decimal_mark=".")
    found = interactions(known)["A1"]
    assert (found.amount_minor, found.currency) == (1234, "JPY")
    assert found.occurred_at == datetime(2024, 7, 1, 2, tzinfo=UTC)


def test_chinese_orders(known: CRM, make: Callable[..., Path]) -> None:
    """Chinese headings of a shop's orders are understood."""
    text = "订单号,下单时间,客户编号,商品编码,商品名称,数量,单价\nD1,2024年3月1日 10:00,1,S1,肥皂,2,3.50\n"
    plan = plan_import(known, make(text), ImportOptions(currency="CNY"))
    assert plan.resource == "purchases"
    load(known, make(text), currency="CNY", zone="Asia/Shanghai")
    assert interactions(known)["D1"].amount_minor == 700


def test_interactions_with_payload_come_once(known: CRM, make: Callable[..., Path]) -> None:
    """Calls with details are recorded; their source's ids make them come once."""
    text = (
        "kind,occurred_at,customer,external_id,subject,payload.answered,duration\n"
        "call,2024-03-01T10:00:00Z,1,X1,Question,true,60\n"
        "note,2024-03-01T11:00:00Z,2,X2,Remark,,\n"
        "dance,2024-03-01T11:00:00Z,2,X3,Tango,,\n"
    )
    report = load(known, make(text), resource="interactions")
    assert figures(report) == (3, 2, 0, 0, 1)
    found = interactions(known)
    assert (found["X1"].duration, found["X1"].payload) == (60, {"answered": True})
    assert figures(load(known, make(text), resource="interactions", again=True)) == (3, 0, 0, 2, 1)


def test_products_with_categories(crm: CRM, make: Callable[..., Path]) -> None:
    """Products and the categories that they name are made; update changes what is known."""
    text = "sku,title,category,category_title,kind\nS1,Soap,bath,Bathroom,main\nS2,Refill,bath,Bathroom,add-on\n"
    assert figures(load(crm, make(text, "a.csv"))) == (2, 2, 0, 0, 0)
    with crm.session(ACTOR) as session:
        assert session.scalars(select(ProductCategory.title)).all() == ["Bathroom"]
    changed = "sku,title\nS1,Fine soap\nS3,Brush\nS3,Brush\n"
    assert figures(load(crm, make(changed, "b.csv"), on_duplicate="update")) == (3, 1, 2, 0, 0)
    with crm.session(ACTOR) as session:
        titles = dict(session.execute(select(Product.sku, Product.title)).all())
    assert titles == {"S1": "Fine soap", "S2": "Refill", "S3": "Brush"}


def test_purchases_need_a_time(crm: CRM, make: Callable[..., Path]) -> None:
    """What is missing for purchases is named."""
    with pytest.raises(MappingError, match="occurred_at"):
        plan_import(crm, make("customer,amount\n1,2\n"), ImportOptions(resource="purchases"))


def test_the_demos_files_are_imported_as_they_are(crm: CRM, tmp_path: Path) -> None:
    """The headings of the sample's files are understood without a word."""
    from crmkit.demo.files import CUSTOMER_HEADINGS, PRODUCT_HEADINGS, PURCHASE_HEADINGS

    for headings, resource in (
        (CUSTOMER_HEADINGS, "customers"),
        (PURCHASE_HEADINGS, "purchases"),
        (PRODUCT_HEADINGS, "products"),
    ):
        path = tmp_path / f"{resource}.csv"
        path.write_text(",".join(headings) + "\n" + ",".join("" for _heading in headings) + "\n")
        plan = plan_import(crm, path)
        assert (plan.resource, set(plan.unmapped) - {"category_title_zh"}) == (resource, set())


def test_customers_are_not_made_without_being_asked(known: CRM, make: Callable[..., Path]) -> None:
    """Importing purchases adds no customer by itself."""
    load(known, make(HEADING + "A1,2024-03-01T10:00:00Z,9,S1,Soap,2,1.50,EUR\n"))
    assert count(known, Customer) == 2


def test_amounts_of_whole_invoices_are_not_amounts_of_lines(known: CRM, make: Callable[..., Path]) -> None:
    """An invoice's total on its first row, or on each, is not added to its lines; one that differs is refused."""
    text = (
        "invoice,occurred_at,customer,sku,quantity,unit_price,total\n"
        "A1,2024-03-01T10:00:00Z,1,S1,2,30,100\nA1,2024-03-01T10:00:00Z,1,S2,1,40,\n"
        "A2,2024-03-01T10:00:00Z,1,S1,2,30,100\nA2,2024-03-01T10:00:00Z,1,S2,1,40,100\n"
        "A3,2024-03-01T10:00:00Z,1,S1,2,30,105\nA3,2024-03-01T10:00:00Z,1,S2,1,40,\n"
        "A4,2024-03-01T10:00:00Z,1,S1,2,30,50\nA4,2024-03-01T10:00:00Z,1,S2,1,40,0\n"
    )
    report = load(known, make(text), currency="EUR")
    found = {name: one.amount_minor for name, one in interactions(known).items()}
    assert {"A1": 10000, "A2": 10000, "A4": 5000} == found
    assert report.rejected_file is not None
    assert ["A3", "A3"] == [row["invoice"] for row in rows_of(report.rejected_file)]


def test_shared_signs_are_settled_by_the_rows_currency(known: CRM, make: Callable[..., Path]) -> None:
    """A sign that several currencies have is the one of the row's currency, and never one that has another sign."""
    text = (
        "invoice,occurred_at,customer,currency,amount\n"
        "A1,2024-03-01T10:00:00Z,1,USD,$5\nA2,2024-03-01T10:00:00Z,1,AUD,$6\n"
        "A3,2024-03-01T10:00:00Z,1,EUR,$7\nA4,2024-03-01T10:00:00Z,1,,$8\n"
    )
    report = load(known, make(text), currency="EUR")
    assert [("A1", 500, "USD"), ("A2", 600, "AUD")] == [
        (name, one.amount_minor, one.currency) for name, one in sorted(interactions(known).items())
    ]
    assert report.rejected_file is not None
    assert ["amount", "amount"] == [row["_column"] for row in rows_of(report.rejected_file)]
    text = "invoice,occurred_at,customer,amount\nB1,2024-03-01T10:00:00Z,1,$9\n"
    assert figures(load(known, make(text), currency="EUR")) == (1, 0, 0, 0, 1)


def test_negative_refunds_are_positive_interactions(known: CRM, make: Callable[..., Path]) -> None:
    """A refund that its system writes with a minus is recorded with the amount that was given back."""
    text = "id,kind,occurred_at,customer,amount,currency,body\nR1,refund,2024-03-01T10:00:00Z,1,-5.00,EUR,sorry\n"
    assert figures(load(known, make(text), resource="interactions")) == (1, 1, 0, 0, 0)
    assert 500 == interactions(known)["R1"].amount_minor


def test_an_own_export_says_what_it_holds(known: CRM, make: Callable[..., Path], tmp_path: Path) -> None:
    """The file of each resource is known by its headings, whatever other systems call theirs."""
    for resource in RESOURCES:
        path = tmp_path / f"own-{resource}.csv"
        export(known, ACTOR, path, ExportOptions(resource=resource))
        assert resource == plan_import(known, path).resource


def test_every_line_of_a_refund_is_positive(known: CRM, make: Callable[..., Path]) -> None:
    """The sign of the whole invoice decides; a charge within a refund takes its amount down."""
    text = HEADING + (
        "C7,2024-03-01T10:00:00Z,1,S1,Soap,-2,5.00,EUR\n"
        "C7,2024-03-01T10:00:00Z,1,S2,Towel,-1,3.00,EUR\n"
        "C7,2024-03-01T10:00:00Z,1,FEE,Handling,1,1.50,EUR\n"
        "C7,2024-03-01T10:00:00Z,1,S3,Brush,-4,0.25,EUR\n"
    )
    assert figures(load(known, make(text))) == (4, 4, 0, 0, 0)
    found = interactions(known)["C7"]
    assert (found.kind, found.amount_minor) == ("refund", 1250)
    assert [line.amount_minor for line in found.lines] == [1000, 300, -150, 100]


def test_rows_without_invoice_numbers_are_purchases_of_their_own(known: CRM, make: Callable[..., Path]) -> None:
    """Rows that are alike are two purchases; the same file again brings nothing new."""
    text = "customer_id,order_date,revenue\n1,2024-03-01,32.50\n1,2024-03-01,32.50\n2,2024-03-02,8\n"
    path = make(text)
    assert figures(load(known, path, resource="purchases", currency="EUR")) == (3, 3, 0, 0, 0)
    assert sorted(one.amount_minor or 0 for one in interactions(known).values()) == [800, 3250, 3250]
    again = load(known, path, resource="purchases", currency="EUR", again=True)
    assert figures(again) == (3, 0, 0, 3, 0)


def test_details_on_later_rows_of_an_invoice_are_kept(crm: CRM, make: Callable[..., Path]) -> None:
    """What a later row alone says goes into the purchase; two rows that say different things refuse the invoice."""
    lines = [
        "invoice,date,customer,price,payload.store,payload.coupon",
        "1,2024-01-01,c1,5,North,",
        "1,2024-01-01,c1,7,,SPRING",
        "2,2024-01-01,c1,5,North,",
        "2,2024-01-01,c1,7,South,",
    ]
    load(crm, make("id,name\nc1,Ann\n", "c.csv"))
    report = load(crm, make("\n".join(lines), "p.csv"), resource="purchases", currency="EUR")
    assert figures(report) == (4, 2, 0, 0, 2), report.reasons
    with crm.session(ACTOR) as session:
        (made,) = session.scalars(select(Interaction).where(Interaction.kind == "purchase"))
        assert made.payload == {"store": "North", "coupon": "SPRING"}
    assert report.rejected_file is not None
    assert [row["_column"] for row in rows_of(report.rejected_file)] == ["", "payload.store"]
