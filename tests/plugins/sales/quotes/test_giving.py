"""How a quote gets to the customer: the PDF, the page by a signed link, the mail; and how the customer answers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from crmkit_sales.quotes.document import document_of
from crmkit_sales.quotes.models import Quote
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import CRM, Attachment, Settings, open_attachment
from crmkit.core.store.clock import Clock
from crmkit.errors import Conflict, MissingExtra
from tests.plugins.sales.quotes.shop import SYSTEM, Shop


@pytest.fixture
def door(shop: Shop) -> Iterator[TestClient]:
    """The doors of the shop."""
    with TestClient(shop.crm.asgi(), base_url="https://chairs.example", follow_redirects=False) as client:
        yield client


def given(shop: Shop, **values: Any) -> tuple[UUID, str]:
    """Return a quote that is with the customer, and the path of its page."""
    quote = shop.quote(shop.line("chair", 2, tax_rate=Decimal(19)), title="Two chairs", **values)
    shop.run("sales.quote.send", target=quote)
    return quote, shop.run("sales.quote.link", target=quote).path


def answer(door: TestClient, path: str, **values: str) -> Any:
    """Send the form of the page."""
    (token,) = re.findall(r'name="form" value="([^"]+)"', door.get(path).text)
    return door.post(path, data={"form": token, **values})


def test_the_page_shows_the_quote(shop: Shop, door: TestClient) -> None:
    """Everything that is offered stands on it, and nothing of what it costs the company; opening it does nothing."""
    quote, path = given(shop, terms="Paid within 14 days")
    shown = door.get(path).text
    for part in ("Q-1/1", "Two chairs", "Chair", "€200.00", "€38.00", "€238.00", "Paid within 14 days", "Ada Byron"):
        assert part in shown
    assert "Preise" not in shown
    assert shop.read(quote).state == "sent"
    chinese = door.get(f"{path}?lang=zh_Hans").text
    assert "€238.00" in chinese


def test_a_customer_accepts_on_the_page(shop: Shop, door: TestClient) -> None:
    """Just the version that was read, by name, and once; the page says so from then on."""
    quote, path = given(shop)
    assert answer(door, path, answer="accept", name="Ada Byron", agree="1").status_code == 303
    found = shop.read(quote)
    assert (found.state, found.answered_by, found.answered_way) == ("accepted", "Ada Byron", "page")
    again = door.get(path).text
    assert "This quote was accepted" in again
    assert "<form" not in again


@pytest.mark.parametrize("values", [{"answer": "accept", "name": "Ada"}, {"answer": "accept", "agree": "1"}, {}])
def test_what_is_missing_is_said(shop: Shop, door: TestClient, values: dict[str, str]) -> None:
    """Without the tick, a name or an answer the page comes back, and nothing has changed."""
    quote, path = given(shop)
    response = answer(door, path, **values)
    assert (response.status_code, shop.read(quote).state) == (422, "sent")


def test_a_customer_declines_on_the_page(shop: Shop, door: TestClient) -> None:
    """With a reason, if one was given."""
    quote, path = given(shop)
    answer(door, path, answer="decline", reason="Too dear")
    found = shop.read(quote)
    assert (found.state, found.declined_reason, found.answered_way) == ("declined", "Too dear", "page")


def test_an_old_version_cannot_be_accepted(shop: Shop, door: TestClient) -> None:
    """Not even by a form that was opened before: it is said that a newer one has replaced it."""
    quote, path = given(shop)
    (token,) = re.findall(r'name="form" value="([^"]+)"', door.get(path).text)
    shop.run("sales.quote.revise", target=quote)
    late = {"form": token, "answer": "accept", "name": "Ada", "agree": "1"}
    assert door.post(path, data=late).status_code == 422
    assert shop.read(quote).state == "superseded"
    assert "replaced by a newer one" in door.get(path).text


def test_the_page_ends_with_the_quote(shop: Shop) -> None:
    """After its last day the link opens nothing."""
    _quote, path = given(shop, valid_until=shop.read(shop.quote()).priced_on + timedelta(days=2))
    for days, status in ((2, 200), (4, 404)):
        clock = Clock(system=lambda days=days: shop.crm.clock.now() + timedelta(days=days))
        with (
            CRM.open(shop.crm.settings, clock=clock) as crm,
            TestClient(crm.asgi(), base_url="https://x.example") as door,
        ):
            assert door.get(path).status_code == status


def test_a_draft_has_no_page(shop: Shop, door: TestClient) -> None:
    """No link can be made of it, and one made otherwise opens nothing."""
    quote = shop.quote(shop.line("chair"))
    with pytest.raises(Conflict):
        shop.run("sales.quote.link", target=quote)
    values = {"page": "sales.quote", "customer_id": shop.customers["ada"], "ref": f"sales.quote:{quote}"}
    assert door.get(shop.run("public_link.create", values, by=SYSTEM).path).status_code == 404


def test_another_customers_link_opens_nothing(shop: Shop, door: TestClient) -> None:
    """A link that is about a quote of somebody else is as none."""
    quote, _path = given(shop)
    values = {"page": "sales.quote", "customer_id": shop.customers["lin"], "ref": f"sales.quote:{quote}"}
    assert door.get(shop.run("public_link.create", values, by=SYSTEM).path).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_pdf(shop: Shop, language: str) -> None:
    """A quote is a PDF in its own language, kept among the customer's files, and made once."""
    quote, _path = given(shop, language=language)
    first, again = (shop.run("sales.quote.print", target=quote) for _time in range(2))
    with shop.crm.session(shop.sam) as session:
        file = open_attachment(session, first.id)
    assert (first.id, file.filename, file.content[:5]) == (again.id, "Q-1-1.pdf", b"%PDF-")


def test_the_document_says_what_the_page_says(shop: Shop) -> None:
    """In both languages, with the sums in the same order and the total last."""
    quote, _path = given(shop)
    shop.run("sales.quote.revise", target=quote)
    with shop.crm.session(shop.sam) as session:
        found = session.get_one(Quote, quote)
        english, chinese = (document_of(session, found, language) for language in ("en", "zh_Hans"))
    assert english.sums == (("Net", "€200.00"), ("Tax 19 %", "€38.00"), ("Total", "€238.00"))
    assert [amount for _title, amount in chinese.sums] == ["€200.00", "€38.00", "€238.00"]
    assert english.lines[0].quantity == "2 pcs"


def test_without_typst_it_is_said_what_to_install(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else goes on."""
    monkeypatch.setitem(sys.modules, "typst", None)
    quote, _path = given(shop)
    with pytest.raises(MissingExtra) as error:
        shop.run("sales.quote.print", target=quote)
    assert "crmkit[sales]" in error.value.render()


def test_a_quote_goes_by_mail(shop: Shop) -> None:
    """Where messaging is there: with the address of its page, and the PDF."""
    from crmkit_messaging.sending.models import OutgoingMessage

    shop.crm.enable("messaging")
    with CRM.open(shop.crm.settings) as crm:
        mailing = evolve(shop, crm=crm)
        quote = mailing.quote(mailing.line("chair"))
        mailing.run("sales.quote.send", {"way": "mail"}, target=quote)
        with crm.session(SYSTEM) as session:
            message = session.scalars(select(OutgoingMessage)).one()
            body, subject = str(message.body), str(message.subject)
            files = session.scalars(select(Attachment.id)).all()
    assert (mailing.read(quote).state, subject, len(files)) == ("sent", "Our quote Q-1/1: Ada Byron", 1)
    assert re.search(r"https://chairs\.example/p/sales\.quote/\S+", body)


def test_settings(tmp_path: Path, shop: Shop) -> None:
    """The usual tax rate and the days that a quote holds are the admin's to set."""
    options = {"sales": {"tax_rate": "19", "quote_days": 14}}
    settings = Settings(database=shop.crm.settings.database, options=options)
    with CRM.open(settings) as crm:
        other = evolve(shop, crm=crm)
        quote = other.read(other.quote(other.line("chair")))
        assert (quote.valid_until - quote.priced_on, str(quote.total)) == (timedelta(days=14), "119.00 EUR")
