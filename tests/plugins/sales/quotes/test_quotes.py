"""Quotes: how they are written, finished, sent and answered, and what follows in the next version."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.quotes.comparing import differences
from crmkit_sales.quotes.models import Quote
from sqlalchemy import text

from crmkit import CRM
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import Clock
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused, StaleWrite
from tests.plugins.sales.quotes.shop import SYSTEM, Shop


def events(shop: Shop) -> list[str]:
    """Return the names of the events of quotes, in order."""
    with shop.crm.engines.system_read.connect() as connection:
        found = connection.execute(
            text("SELECT name FROM crm_event WHERE name LIKE 'sales.quote.%' ORDER BY recorded_at, id")
        )
        return list(found.scalars())


def sent(shop: Shop, *lines: Any, **values: Any) -> Any:
    """Return a quote that is with the customer."""
    quote = shop.quote(*(lines or (shop.line("chair", 2),)), **values)
    shop.run("sales.quote.send", target=quote)
    return quote


def opportunity(shop: Shop, **values: Any) -> Any:
    """Return an opportunity of ada."""
    given = {"customer_id": shop.customers["ada"], "title": "Ten chairs", "currency": "EUR", "amount_minor": 1}
    return shop.run("sales.opportunity.create", {**given, **values}).id


def test_a_quote_is_written(shop: Shop) -> None:
    """It has a number and a version, prices of the list for so many, and comes to the sum of its lines."""
    quote = shop.read(
        shop.quote(
            shop.line("chair", 12, discount=Decimal(10), tax_rate=Decimal(19)),
            {"text": "Delivery", "unit_price": Decimal("49.90"), "tax_rate": Decimal(19)},
        )
    )
    lines = shop.lines(quote.id)
    assert [(line.text, line.list_name, line.unit_price_minor, line.net_minor) for line in lines] == [
        ("Chair", "usual", 9000, 97200),
        ("Delivery", None, 4990, 4990),
    ]
    assert (quote.name, quote.state, str(quote.net), str(quote.total)) == (
        "Q-1/1",
        "draft",
        "1021.90 EUR",
        "1216.06 EUR",
    )
    assert sum(line.total_minor for line in lines) == quote.total_minor


def test_a_discount_of_the_whole(shop: Shop) -> None:
    """It is a percentage or an amount, the last one given, and is spread over the lines to the cent."""
    quote = shop.quote(shop.line("chair", 3), shop.line("table", 1), {"text": "Screws", "unit_price": "0.01"})
    shop.run("sales.quote.update", {"discount": Decimal(5)}, target=quote)
    assert str(shop.read(quote).net) == "665.01 EUR"
    shop.run("sales.quote.update", {"discount_minor": 10001}, target=quote)
    found = shop.read(quote)
    assert (found.discount, str(found.net)) == (None, "600.00 EUR")
    assert sum(line.share_minor for line in shop.lines(quote)) == 10001


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"text": "Delivery"}, "lines.0.unit_price"),
        ({"unit_price": "5"}, "lines.0.text"),
        ({"text": "x", "unit_price": "5.001"}, "lines.0.unit_price"),
        ({"text": "x", "unit_price": "5", "quantity": "0"}, "lines.0.quantity"),
        ({"text": "x", "unit_price": "5", "quantity": "1.00001"}, "lines.0.quantity"),
        ({"text": "x", "unit_price": "5", "discount": "101"}, "lines.0.discount"),
        ({"product_id": "0197a1b2-0000-7000-8000-000000000000"}, "lines.0.product_id"),
    ],
)
def test_lines_that_cannot_be(shop: Shop, line: dict[str, Any], field: str) -> None:
    """The field that is wrong is named."""
    with pytest.raises(InvalidInput) as error:
        shop.quote(line)
    assert [problem.field for problem in error.value.problems] == [field]


def test_two_who_write_the_lines_at_once(shop: Shop) -> None:
    """The second one is told, and nothing of the first is lost."""
    quote = shop.quote(shop.line("chair"))
    version = shop.read(quote).version
    shop.run("sales.quote.set_lines", {"lines": [shop.line("table")]}, target=quote, version=version)
    with pytest.raises(StaleWrite):
        shop.run("sales.quote.set_lines", {"lines": []}, target=quote, version=version)
    assert [line.text for line in shop.lines(quote)] == ["Table"]


def test_prices_of_today(shop: Shop) -> None:
    """A draft takes the prices that lists have by now; what was written by hand stays."""
    quote = shop.quote(shop.line("chair"), shop.line("table", unit_price=Decimal(390)))
    for sku in ("chair", "table"):
        values = {"price_list": "usual", "sku": sku, "unit_price": "111", "valid_from": date(2026, 1, 1), "unit": "pcs"}
        shop.run("sales.price.set", values, by=shop.mia)
    shop.run("sales.quote.reprice", target=quote)
    assert [line.unit_price_minor for line in shop.lines(quote)] == [11100, 39000]


def test_a_quote_about_an_opportunity(shop: Shop) -> None:
    """It has the opportunity's customer, title, currency and lines, and is its own quote if it is the first."""
    about = opportunity(shop)
    lines = [{"text": "Chairs", "quantity": 10, "unit_price_minor": 9500, "discount": 2}]
    shop.run("sales.opportunity.set_lines", {"currency": "EUR", "lines": lines}, target=about)
    quote = shop.run("sales.quote.create", {"opportunity_id": about})
    assert (quote.customer_id, quote.title, quote.primary) == (shop.customers["ada"], "Ten chairs", True)
    assert str(shop.read(quote.id).net) == "931.00 EUR"
    assert shop.run("sales.quote.create", {"opportunity_id": about}).primary is False


def test_what_was_sent_is_never_changed(shop: Shop) -> None:
    """Neither it nor its lines; the next version replaces it and begins with the same."""
    quote = sent(shop)
    for operation, values in (("update", {"title": "x"}), ("set_lines", {"lines": []}), ("delete", {}), ("submit", {})):
        with pytest.raises(Conflict):
            shop.run(f"sales.quote.{operation}", values, target=quote)
    newer = shop.run("sales.quote.revise", target=quote)
    assert (newer.name, newer.state, shop.read(quote).state) == ("Q-1/2", "draft", "superseded")
    assert [line.total_minor for line in shop.lines(newer.id)] == [line.total_minor for line in shop.lines(quote)]
    with pytest.raises(Conflict):
        shop.run("sales.quote.revise", target=quote)


def test_versions_are_compared(shop: Shop) -> None:
    """What is different in the whole, and of each line, is said."""
    quote = sent(shop, shop.line("chair", 2), shop.line("table"))
    newer = shop.run("sales.quote.revise", target=quote).id
    lines = [shop.line("chair", 3), {"text": "Delivery", "unit_price": "10"}]
    shop.run("sales.quote.set_lines", {"lines": lines}, target=newer)
    found = differences(shop.read(quote), shop.lines(quote), shop.read(newer), shop.lines(newer))
    assert [(each.kind, each.text, [part.name for part in each.parts]) for each in found.lines] == [
        ("changed", "Chair", ["quantity", "net"]),
        ("added", "Delivery", ["text", "quantity", "unit_price", "net"]),
        ("removed", "Table", []),
    ]
    assert [(part.name, str(part.before), str(part.after)) for part in found.whole] == [
        ("net", "600.00 EUR", "310.00 EUR"),
        ("total", "600.00 EUR", "310.00 EUR"),
    ]
    assert not differences(shop.read(quote), shop.lines(quote), shop.read(quote), shop.lines(quote))


def test_a_quote_is_accepted_once(shop: Shop) -> None:
    """Who has said so is kept, sealed; a second answer is refused, and there is one event."""
    quote = sent(shop)
    shop.run("sales.quote.accept", {"name": "Ada Byron"}, target=quote)
    found = shop.read(quote)
    assert (found.state, found.answered_by, found.answered_way) == ("accepted", "Ada Byron", "staff")
    for operation, values in (("accept", {"name": "Eve"}), ("decline", {}), ("revise", {})):
        with pytest.raises(Conflict):
            shop.run(f"sales.quote.{operation}", values, target=quote)
    assert events(shop) == ["sales.quote.sent", "sales.quote.accepted"]


def test_a_quote_is_declined(shop: Shop) -> None:
    """With the reason, where one was given; it can be replaced by the next version then."""
    quote = sent(shop)
    shop.run("sales.quote.decline", {"reason": "Too dear"}, target=quote)
    assert (shop.read(quote).state, shop.read(quote).declined_reason) == ("declined", "Too dear")
    assert shop.run("sales.quote.revise", target=quote).revision == 2


def test_a_draft_cannot_be_accepted(shop: Shop) -> None:
    """Nobody accepts what was not offered."""
    with pytest.raises(Conflict):
        shop.run("sales.quote.accept", {"name": "Ada"}, target=shop.quote(shop.line("chair")))


def test_quotes_expire(shop: Shop) -> None:
    """The day after its last one a quote is over, whether the job has run or not; the job says so once."""
    today = shop.read(shop.quote()).priced_on
    quote = sent(shop, valid_until=today)
    other = sent(shop, valid_until=today + timedelta(days=1))
    shop.run("sales.quote.expire", by=SYSTEM)
    assert shop.read(quote).state == "sent"
    with CRM.open(shop.crm.settings, clock=Clock(fixed=shop.crm.clock.now() + timedelta(days=1))) as crm:
        tomorrow = evolve(shop, crm=crm)
        with pytest.raises(Conflict):
            tomorrow.run("sales.quote.accept", {"name": "Ada"}, target=quote)
        assert [tomorrow.run("sales.quote.expire", by=SYSTEM) for _time in range(2)] == [1, 0]
        assert [tomorrow.read(each).state for each in (quote, other)] == ["expired", "sent"]
    with pytest.raises(Refused):
        shop.run("sales.quote.expire")


@pytest.mark.parametrize(("discount", "included"), [(None, False), ("3.3", False), (None, True)])
def test_an_accepted_quote_fills_its_opportunity(shop: Shop, discount: str | None, included: bool) -> None:
    """The opportunity comes to the quote's net amount to the cent, whatever its discounts and taxes are."""
    about = opportunity(shop)
    lines = [
        shop.line("chair", 3, unit_price="33.33", discount="7.7", tax_rate="19"),
        {"text": "Delivery", "unit_price": "10", "tax_rate": "7"},
    ]
    values = {"opportunity_id": about, "lines": lines, "tax_included": included}
    quote = shop.run("sales.quote.create", values).id
    if discount:
        shop.run("sales.quote.update", {"discount": Decimal(discount)}, target=quote)
    shop.run("sales.quote.send", target=quote)
    shop.run("sales.quote.accept", {"name": "Ada"}, target=quote)
    shop.work()
    with shop.crm.session(shop.sam) as session:
        assert session.get_one(Opportunity, about).amount == session.get_one(Quote, quote).net


def test_nobody_sends_nothing(shop: Shop) -> None:
    """A quote without lines is no offer, nor is one whose last day is past."""
    with pytest.raises(InvalidInput) as error:
        shop.run("sales.quote.send", target=shop.quote())
    assert [problem.field for problem in error.value.problems] == ["lines"]
    with pytest.raises(InvalidInput):
        shop.quote(valid_until=date(2020, 1, 1))


def test_mail_needs_messaging(shop: Shop) -> None:
    """Without it that is said, with what to do instead, and the quote stays a draft."""
    quote = shop.quote(shop.line("chair"))
    with pytest.raises(Conflict) as error:
        shop.run("sales.quote.send", {"way": "mail"}, target=quote)
    assert "messaging" in error.value.render()
    assert shop.read(quote).state == "draft"


def test_quotes_of_others_are_not_there(shop: Shop) -> None:
    """A customer whom one does not see has no quotes to see."""
    user = shop.run("user.create", {"login": "eve", "name": "Eve"}, by=SYSTEM)
    shop.run("user.assign_role", {"role": "seller"}, target=user.id, by=SYSTEM)
    quote = shop.quote(shop.line("chair"))
    with pytest.raises(NotFound):
        shop.run("sales.quote.update", {"title": "x"}, target=quote, by=Actor.user(user.id))
