"""Field rules: shipped and typed by an admin, and for whom they do not hold."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_quality.rules.models import FieldRule, Violation
from crmkit_quality.scores.checking import check_all
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.errors import Conflict, InvalidInput, Refused
from tests.plugins.quality.conftest import SYSTEM, add, person

RULE = {
    "name": "vip_city",
    "title": "A VIP has a city",
    "about": "city",
    "valid_when": "has(customer.city)",
    "applies_when": 'any_of(customer.tags, ["vip"])',
    "severity": "error",
}


def violated(crm: CRM, rule: str, actor: Any = SYSTEM) -> set[Any]:
    """Return for whom a rule does not hold, as somebody sees it."""
    with crm.session(actor) as session:
        return set(session.scalars(select(Violation.customer_id).where(Violation.rule == rule)))


def test_a_rule_of_an_admin_is_an_expression(quality: CRM) -> None:
    """It is violated where it applies and does not hold, by the two executions of one language."""
    bare, fine, other = add(quality, "A", tags=["vip"]), add(quality, "B", tags=["vip"], city="X"), add(quality, "C")
    quality.run(SYSTEM, "quality.rule.create", RULE)
    check_all(quality)
    assert violated(quality, "vip_city") == {bare}
    assert not {fine, other} & violated(quality, "vip_city")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"valid_when": "customer.ctiy == 'x'"}, "valid_when"),
        ({"valid_when": ""}, "valid_when"),
        ({"applies_when": "1 +"}, "applies_when"),
        ({"name": "Two words"}, "name"),
        ({"name": "email"}, "name"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(lite: CRM, values: dict[str, str], field: str) -> None:
    """The error names the field that is wrong."""
    with pytest.raises(InvalidInput) as caught:
        lite.run(SYSTEM, "quality.rule.create", {**RULE, **values})
    assert [problem.field for problem in caught.value.problems] == [field]


def test_since_stays_while_a_rule_is_violated(lite: CRM) -> None:
    """A second check finds the same violation, since when it was first found; put right it is gone."""
    customer = add(lite, "n/a")
    check_all(lite)
    with lite.session(SYSTEM) as session:
        first = session.scalars(select(Violation.since).where(Violation.rule == "name")).one()
    check_all(lite)
    with lite.session(SYSTEM) as session:
        assert session.scalars(select(Violation.since).where(Violation.rule == "name")).one() == first
    lite.run(SYSTEM, "customer.update", {"name": "Ada Lovelace"}, target=customer)
    lite.worker().run_until_idle()
    assert violated(lite, "name") == set()


def test_a_rule_that_is_off_has_no_violations(lite: CRM) -> None:
    """They are gone at once, whoever sees whom; and a check finds none."""
    add(lite, "n/a")
    check_all(lite)
    with lite.session(SYSTEM) as session:
        rule = session.scalars(select(FieldRule.id).where(FieldRule.name == "name")).one()
    lite.run(SYSTEM, "quality.rule.update", {"enabled": False}, target=rule)
    lite.worker().run_until_idle()
    assert violated(lite, "name") == set()
    check_all(lite)
    assert violated(lite, "name") == set()


def test_a_shipped_rule_is_switched_off_not_removed(lite: CRM) -> None:
    """It would come back with the next version."""
    with lite.session(SYSTEM) as session:
        rule = session.scalars(select(FieldRule.id).where(FieldRule.name == "email")).one()
    with pytest.raises(Conflict):
        lite.run(SYSTEM, "quality.rule.delete", target=rule)
    assert lite.run(SYSTEM, "quality.rule.ship") == 0


def test_a_rule_whose_facts_are_gone_costs_itself_alone(lite: CRM) -> None:
    """The others are judged all the same."""
    lite.enable("sales")
    lite.run(SYSTEM, "quality.rule.create", {**RULE, "valid_when": "sales.open_count > 0", "applies_when": ""})
    lite.disable("sales")
    customer = add(lite, "n/a")
    with CRM.open(lite.settings) as later:
        check_all(later)
        assert violated(later, "vip_city") == set()
        assert violated(later, "name") == {customer}


def test_violations_of_others_are_not_seen(quality: CRM) -> None:
    """Neither as records nor by their number; nor can they be had by running the check oneself."""
    sam, sue = person(quality, "sam", "seller"), person(quality, "sue", "seller")
    mine = add(quality, "n/a", owner_id=sam.user_id)
    add(quality, "test", owner_id=sue.user_id)
    check_all(quality)
    assert violated(quality, "name", sam) == {mine}
    with pytest.raises(Refused):
        quality.run(sam, "quality.check.run")
    with pytest.raises(Refused):
        quality.run(sam, "quality.check.slice")


def test_only_who_may_makes_rules(lite: CRM) -> None:
    """What is asked of everybody's data is not each seller's to say."""
    with pytest.raises(Refused):
        lite.run(person(lite, "sam", "seller"), "quality.rule.create", RULE)
    assert lite.run(person(lite, "ada", "admin"), "quality.rule.create", RULE).name == "vip_city"
