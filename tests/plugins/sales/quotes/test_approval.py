"""Approval by margin or discount: who has to agree, to what, and what becomes of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from crmkit_sales.quotes.approving import digest_of
from crmkit_sales.quotes.display import record_panels
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.models import Quote, QuotePolicy
from crmkit_work.approvals.reading import requests_of
from sqlalchemy import select

from crmkit.errors import Conflict, InvalidInput, Refused
from tests.plugins.sales.quotes.shop import SYSTEM, Shop


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """Quotes below 30 % of margin need mia, those above 20 % of discount too."""
    steps = [{"title": "Manager", "who": "user", "name": "mia"}]
    chain = {"name": "manager", "operation": "sales.quote.release", "steps": steps}
    shop.run("work.approval_chain.create", chain, by=SYSTEM)
    for values in (
        {"name": "margin", "title": "Margin of 30 %", "least_margin": Decimal(30), "unknown_costs": False},
        {"name": "discount", "title": "Discount of 20 %", "most_discount": Decimal(20), "position": 1},
    ):
        shop.run("sales.quote_policy.create", {**values, "chain": "manager"}, by=shop.mia)
    return shop


def waiting(shop: Shop) -> list[Any]:
    """Return what waits for mia."""
    with shop.crm.session(shop.mia) as session:
        return list(requests_of(session, which="waiting"))


def decide(shop: Shop, how: str) -> None:
    """Let mia decide what waits for her, and carry it out."""
    (asked,) = waiting(shop)
    shop.run(f"work.approval.{how}", {"approval_id": asked.id, "reason": "So be it"}, by=shop.mia)
    shop.work()


def finished(shop: Shop, *lines: Any) -> UUID:
    """Return a quote whose draft is finished."""
    quote = shop.quote(*lines)
    shop.run("sales.quote.submit", target=quote)
    return quote


@pytest.mark.parametrize(
    ("discount", "state"),
    # A chair is 100 and costs 60: the margin is 30 % at a price of 85.71.
    [("14.28", "approved"), ("14.3", "in_approval"), ("0", "approved")],
)
def test_the_margin_decides(guarded: Shop, discount: str, state: str) -> None:
    """Just below the limit others have to agree, just above nobody has to."""
    quote = guarded.read(finished(guarded, guarded.line("chair", discount=Decimal(discount))))
    asked = int(state == "in_approval")
    assert (quote.state, int(quote.policy_id is not None), len(waiting(guarded))) == (state, asked, asked)


def test_the_discount_decides_where_no_cost_is_known(guarded: Shop) -> None:
    """Lines without a known cost have no margin that could be too small, unless the policy says so."""
    line = {"text": "Advice", "unit_price": Decimal(100)}
    assert guarded.read(finished(guarded, {**line, "discount": "20"})).state == "approved"
    assert guarded.read(finished(guarded, {**line, "discount": "20.01"})).state == "in_approval"
    with guarded.crm.session(SYSTEM) as session:
        margin = session.scalars(select(QuotePolicy.id).where(QuotePolicy.name == "margin")).one()
    guarded.run("sales.quote_policy.update", {"unknown_costs": True}, target=margin, by=guarded.mia)
    assert guarded.read(finished(guarded, line)).state == "in_approval"


def test_what_is_approved_can_be_sent(guarded: Shop) -> None:
    """Until then it can be neither sent nor changed; then it is sent as it was agreed to."""
    quote = finished(guarded, guarded.line("chair", discount=Decimal(30)))
    with pytest.raises(Conflict):
        guarded.run("sales.quote.send", target=quote)
    with pytest.raises(Conflict):
        guarded.run("sales.quote.set_lines", {"lines": []}, target=quote)
    decide(guarded, "approve")
    assert guarded.read(quote).state == "approved"
    guarded.run("sales.quote.send", target=quote)
    assert guarded.read(quote).state == "sent"


def test_what_is_rejected_is_a_draft_again(guarded: Shop) -> None:
    """It can be changed then, and needs nobody once it is good enough."""
    quote = finished(guarded, guarded.line("chair", discount=Decimal(30)))
    decide(guarded, "reject")
    assert guarded.read(quote).state == "draft"
    guarded.run("sales.quote.set_lines", {"lines": [guarded.line("chair")]}, target=quote)
    guarded.run("sales.quote.send", target=quote)
    assert guarded.read(quote).state == "sent"


def test_nobody_releases_a_quote_alone(guarded: Shop) -> None:
    """Not even with the right fingerprint: only an approval does."""
    quote = finished(guarded, guarded.line("chair", discount=Decimal(30)))
    with guarded.crm.session(SYSTEM) as session:
        found = session.get_one(Quote, quote)
        digest = digest_of(found, lines_of(session, found))
    with pytest.raises(Refused):
        guarded.run("sales.quote.release", {"digest": digest}, target=quote)


def test_taking_back_withdraws_the_request(guarded: Shop) -> None:
    """What is changed afterwards is not what others were asked about, so they are asked anew."""
    quote = finished(guarded, guarded.line("chair", discount=Decimal(30)))
    guarded.run("sales.quote.take_back", target=quote)
    assert (guarded.read(quote).state, waiting(guarded)) == ("draft", [])
    guarded.run("sales.quote.set_lines", {"lines": [guarded.line("chair", discount=Decimal(50))]}, target=quote)
    guarded.run("sales.quote.submit", target=quote)
    decide(guarded, "approve")
    assert guarded.read(quote).state == "approved"


def test_an_approval_of_what_was_changed_comes_to_nothing(guarded: Shop) -> None:
    """Somebody else took the quote back and finished another one: the first request releases nothing."""
    quote = finished(guarded, guarded.line("chair", discount=Decimal(30)))
    guarded.run("sales.quote.take_back", target=quote, by=SYSTEM)
    guarded.run("sales.quote.set_lines", {"lines": [guarded.line("chair", discount=Decimal(60))]}, target=quote)
    guarded.run("sales.quote.submit", target=quote)
    first, second = sorted(waiting(guarded), key=lambda each: each.created_at)
    guarded.run("work.approval.approve", {"approval_id": first.id}, by=guarded.mia)
    guarded.work()
    assert guarded.read(quote).state == "in_approval"
    guarded.run("work.approval.approve", {"approval_id": second.id}, by=guarded.mia)
    guarded.work()
    assert guarded.read(quote).state == "approved"


def test_policies_that_cannot_be(shop: Shop) -> None:
    """A policy has a limit, and is the managers' to make."""
    with pytest.raises(InvalidInput):
        shop.run("sales.quote_policy.create", {"name": "none", "chain": "manager"}, by=shop.mia)
    with pytest.raises(Refused):
        shop.run("sales.quote_policy.create", {"name": "mine", "chain": "manager", "most_discount": 90})


def test_the_approver_finds_the_quote_and_its_margin(guarded: Shop) -> None:
    """The request names the quote; on its page a manager reads the margin, and a seller does not."""
    quote = finished(guarded, guarded.line("chair", discount=Decimal(30)))
    (asked,) = waiting(guarded)
    assert (asked.target, asked.title) == (f"sales.quote:{quote}", "Q-1/1 Ada Byron")
    shown: dict[str, list[str]] = {}
    for login in ("mia", "sam"):
        with guarded.crm.session(guarded.people[login]) as session:
            (panel,) = record_panels(session, session.get_one(Quote, quote))
            shown[login] = [str(line.figure) for line in panel.lines]
    assert shown == {"mia": ["70.00 EUR", "10.00 EUR"], "sam": ["70.00 EUR"]}
