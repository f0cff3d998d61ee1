"""``crmkit needs alike``, ``topics`` and ``mine``."""

from __future__ import annotations

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def ready(crmkit: Crmkit) -> None:
    """Make an installation with needs."""
    crmkit.has("needs")


def test_needs_that_may_be_the_same_are_listed(crmkit: Crmkit) -> None:
    ready(crmkit)
    assert "No needs seem to be the same." in crmkit.ok("needs", "alike").out
    for title in ("Invoices by mail", "Mail invoices", "Glass that stays whole"):
        crmkit.ok("needs", "add", title)
    (pair,) = crmkit.json("needs", "alike")["items"]
    assert (pair["older"], pair["newer"], pair["shared"]) == (101, 102, ["invoices", "mail"])
    assert 0 < pair["score"] <= 1
    assert crmkit.json("needs", "alike", "102")["items"] == [pair]
    assert crmkit.json("needs", "alike", "103")["items"] == []
    assert crmkit("needs", "alike", "999").code != 0


def test_topics_are_looked_for_and_listed(crmkit: Crmkit) -> None:
    ready(crmkit)
    assert "There are no topics." in crmkit.ok("needs", "topics").out
    customers = [crmkit.json("run", "customer.create", f"name=Someone {place}")["result"]["id"] for place in "abcd"]
    for place in range(20):
        said = "The refund has not arrived" if place % 2 else "The parcel was late again"
        who = f"customer_id={customers[place // 2 % 4]}"
        crmkit.ok("run", "interaction.record", "kind=email", who, f"body={said} {place}")
    found = crmkit.json("needs", "mine", "--topics", "2", "--days", "7")["items"]
    assert sorted(each["texts"] for each in found) == [10, 10]
    assert {each["customers"] for each in found} == {4}
    assert any("refund" in each["terms"] for each in found)
    assert all(len(each["examples"]) == 3 for each in found)
    assert crmkit.json("needs", "topics")["items"] == found
    assert crmkit.json("needs", "topics", "--run", "1")["items"] == found
    assert crmkit("needs", "topics", "--run", "7").code != 0
    assert crmkit("needs", "mine", "--kind", "smoke").code != 0
