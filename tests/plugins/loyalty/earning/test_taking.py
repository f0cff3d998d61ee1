"""Purchases earn, refunds take back exactly that, whatever was spent meanwhile."""

from __future__ import annotations

import pytest
from crmkit_loyalty.earning.models import Contribution
from crmkit_loyalty.ledger.models import Transaction
from sqlalchemy import select

from crmkit import Conflict, InvalidInput
from tests.plugins.loyalty.shop import Shop

BASE = {"name": "base", "points": "amount * 10", "scope": "line"}


def test_a_purchase_earns_by_the_rules(both: Shop) -> None:
    """Each line by its rules, each rule's part written down; recorded twice it earns once."""
    both.run("product.create", {"sku": "TEA", "title": "Tea"})
    both.run("product.create", {"sku": "POT", "title": "Pot"})
    both.rules(BASE, {"name": "tea", "points": "5", "scope": "line", "condition": 'sku == "TEA"'})
    both.customer()
    both.buy(("TEA", 20), ("POT", 30), source="till", external_id="7")
    both.buy(("TEA", 20), ("POT", 30), source="till", external_id="7")
    assert both.balance() == 505
    with both.crm.session(both.actor) as session:
        found = [(row.rule, row.line_no, row.points) for row in session.scalars(select(Contribution))]
    assert sorted(found) == [("base", 1, 200), ("base", 2, 300), ("tea", 1, 5)]
    assert both.agrees()


def test_a_rule_reads_facts(both: Shop) -> None:
    """What is known of the customer counts in conditions and points."""
    both.rules({"name": "first", "points": "100", "condition": "purchase.count == 1"})
    both.record("purchase", amount=20)
    both.record("purchase", amount=20)
    assert both.balance() == 100


def test_nobody_earns_who_does_not_take_part(both: Shop) -> None:
    """A programme that people join by themselves gives nothing to others."""
    both.rules(BASE)
    stranger = both.run("customer.create", {"kind": "person", "name": "Li Na"}).id
    both.run("interaction.record", {"kind": "purchase", "customer_id": stranger, "currency": "CNY", "amount": 50})
    both.work()
    with both.crm.session(both.actor) as session:
        assert session.scalars(select(Transaction)).all() == []


def test_whoever_buys_joins_where_everybody_does(both: Shop) -> None:
    """But those who are held out."""
    both.rules({"name": "base", "points": "amount"})
    both.run("loyalty.program.update", {"enrolment": "automatic"}, target=_program(both))
    people = [both.run("customer.create", {"kind": "person", "name": f"P{number}"}).id for number in range(3)]
    for each in people:
        both.run("interaction.record", {"kind": "purchase", "customer_id": each, "currency": "CNY", "amount": 50})
    both.work()
    with both.crm.session(both.actor) as session:
        assert {row.customer_id for row in session.scalars(select(Transaction))} == set(people)


def test_a_refund_leaves_nothing_of_what_was_bought(both: Shop) -> None:
    """In parts and in whole; the same refund twice takes once."""
    both.run("product.create", {"sku": "TEA", "title": "Tea"})
    both.run("product.create", {"sku": "POT", "title": "Pot"})
    both.rules({**BASE, "points": "amount * 0.7"}, {"name": "order", "points": "33"})
    both.give(10)
    bought = both.buy(("TEA", 35), ("POT", 99))
    assert both.balance() == 10 + 24 + 69 + 33
    both.refund(bought, ("POT", 50), source="till", external_id="r1")
    both.refund(bought, ("POT", 50), source="till", external_id="r1")
    assert both.balance() == 136 - 35 - 12
    both.refund(bought, amount=84)
    assert both.balance() == 10
    assert both.agrees()


@pytest.mark.parametrize(
    ("policy", "after", "later"), [("negative", -60, 40), ("other_lots", 0, 100), ("write_off", 0, 100)]
)
def test_spent_points_of_a_refund_are_owed_or_not(both: Shop, policy: str, after: int, later: int) -> None:
    """The account goes below nought, and what comes pays that; or it is written off."""
    both.run("loyalty.program.update", {"clawback": policy}, target=_program(both))
    both.rules(BASE)
    bought = _bought(both, 10)
    both.spend(60)
    both.refund(bought, amount=10)
    assert both.balance() == after
    assert both.agrees()
    both.give(100)
    assert both.balance() == later
    assert both.agrees()
    both.spend(later)
    assert both.balance() == 0
    assert both.agrees()


def test_other_points_pay_for_a_refund(both: Shop) -> None:
    """As far as there are any."""
    both.run("loyalty.program.update", {"clawback": "other_lots"}, target=_program(both))
    both.rules(BASE)
    bought = _bought(both, 10)
    both.clock.advance(days=1)
    both.give(30)
    both.spend(60)
    both.refund(bought, amount=10)
    assert both.balance() == 0
    assert both.agrees()


def test_a_purchase_that_is_reversed_leaves_nothing(both: Shop) -> None:
    """After a refund of a part as well."""
    both.rules({**BASE, "points": "amount * 0.7"})
    bought = _bought(both, 35)
    both.refund(bought, amount=13)
    both.reverse(bought)
    assert both.balance() == 0
    assert both.agrees()


def test_a_refund_that_is_reversed_gives_everything_back(both: Shop) -> None:
    """With the expiry that it had; and what the account owed is paid."""
    both.rules(BASE)
    bought = _bought(both, 10)
    both.spend(60)
    back = both.refund(bought, amount=10)
    assert both.balance() == -60
    both.reverse(back)
    assert both.balance() == 40
    assert both.agrees()
    again = both.refund(bought, amount=10)
    assert both.balance() == -60
    assert again.id != back.id
    assert both.agrees()


def test_points_that_wait_are_taken_back_first(both: Shop) -> None:
    """A refund within the waiting time touches nothing else."""
    both.rules({**BASE, "pending_days": 14})
    bought = _bought(both, 10)
    assert (both.balance(), both.standing().pending) == (0, 100)
    both.refund(bought, amount=4)
    assert both.standing().pending == 60
    both.clock.advance(days=14)
    both.tick()
    assert (both.balance(), both.standing().pending) == (60, 0)
    assert both.agrees()


def test_a_limit_a_day_begins_anew_at_midnight(both: Shop) -> None:
    """Of the company's zone."""
    both.rules({"name": "visit", "points": "10", "cap_day": 25})
    for _purchase in range(3):
        both.record("purchase", amount=1)
    assert both.balance() == 25
    both.clock.advance(days=1)
    both.record("purchase", amount=1)
    assert both.balance() == 35


def test_published_rules_are_not_changed(both: Shop) -> None:
    """A new version has the rules that count now, and counts when it is published."""
    first = both.rules(BASE)
    with pytest.raises(Conflict):
        both.run("loyalty.earn_rule.create", {"name": "x", "points": "1"}, target=first.id)
    both.rules({**BASE, "points": "amount * 20"})
    _bought(both, 10)
    assert both.balance() == 200


def test_a_rule_that_cannot_be_used_is_refused(both: Shop) -> None:
    """With the field and what was probably meant."""
    version = both.run("loyalty.rule_set.draft")
    with pytest.raises(InvalidInput) as error:
        both.run(
            "loyalty.earn_rule.create",
            {"name": "x", "points": "amout * 2", "condition": "sku = 5"},
            target=version.id,
        )
    assert {problem.field for problem in error.value.problems} == {"points", "condition"}
    assert "Did you mean amount?" in error.value.render()


def _program(shop: Shop) -> object:
    from crmkit_loyalty.programs.finding import program_named

    with shop.crm.session(shop.actor) as session:
        return program_named(session).id


def _bought(shop: Shop, amount: int) -> object:
    """Record a purchase of one line."""
    shop.customer()
    values = {"kind": "purchase", "customer_id": shop.customers["Wang Lin"], "currency": "CNY"}
    found = shop.run("interaction.record", {**values, "lines": [{"description": "Tea", "amount": amount}]})
    shop.work()
    return found
