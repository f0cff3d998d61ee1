"""Merging customers on the command line, and taking it back."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Crmkit


@pytest.fixture
def pair(crmkit: Crmkit) -> tuple[str, str]:
    """Two customers who are one."""
    first = crmkit.json("customer", "add", "name=Anna Meier", "city=Bonn", "tags+=vip")["result"]["id"]
    second = crmkit.json("customer", "add", "name=Anna Meyer", "email=anna@example.com", "city=Köln")["result"]["id"]
    return first, second


def test_the_plan_is_shown_and_nothing_is_done(crmkit: Crmkit, pair: tuple[str, str]) -> None:
    """As a table, and as JSON with every field."""
    first, second = pair
    shown = crmkit.ok("customer", "merge", first, second, "--dry-run").out
    assert "Köln" in shown
    plan = crmkit.json("customer", "merge", first, second, "--dry-run", "--take", "city=absorbed")
    assert [(item["field"], item["chosen"]) for item in plan["fields"] if item["field"] == "city"] == [("city", "Köln")]
    assert crmkit.json("customer", "list", "--count") == {"count": 2}


def test_customers_are_merged_and_parted_again(crmkit: Crmkit, pair: tuple[str, str]) -> None:
    """The old id leads to the survivor until the merge is undone, by its number or by the customer."""
    first, second = pair
    done = crmkit.json(
        "customer", "merge", first, second, "--yes", "--take", 'city:="Aachen"', "--reason", "the same phone"
    )
    assert crmkit.json("customer", "show", second)["id"] == first
    (listed,) = crmkit.json("customer", "merges", first)["items"]
    assert (listed["id"], listed["absorbed_name"], listed["reason"]) == (
        done["merge_id"],
        "Anna Meyer",
        "the same phone",
    )
    assert "Customer" in crmkit.ok("customer", "unmerge", done["merge_id"], "--dry-run").out
    crmkit.ok("customer", "unmerge", second, "--yes")
    assert [crmkit.json("customer", "show", each)["city"] for each in pair] == ["Bonn", "Köln"]


def test_several_are_merged_at_once(crmkit: Crmkit, pair: tuple[str, str]) -> None:
    """One after the other, each undone by itself."""
    third = crmkit.json("customer", "add", "name=A. Meier")["result"]["id"]
    done = crmkit.json("customer", "merge", *pair, third, "--yes")
    assert [each["absorbed_id"] for each in done] == [pair[1], third]
    early = crmkit("customer", "unmerge", done[0]["merge_id"], "--yes")
    assert (early.code, "CK663" in early.err) == (6, True)


def test_nobody_is_asked_where_nobody_can_answer(crmkit: Crmkit, pair: tuple[str, str]) -> None:
    """Without --yes nothing is done, and the exit code says so."""
    assert crmkit("customer", "merge", *pair).code == 2
    assert crmkit("customer", "merge", *pair, "--yes", "--take", "city=mine").code == 2
    assert crmkit("customer", "merge", pair[0], pair[0], "--yes").code == 6
    assert crmkit("customer", "unmerge", pair[0], "--yes").code == 5


def test_conflicts_are_shown(crmkit: Crmkit, pair: tuple[str, str]) -> None:
    """And decided by an option."""
    first, second = pair
    crmkit.ok("customer", "merge", first, second, "--yes", "--take", "city=absorbed")
    crmkit.ok("customer", "edit", first, "city=Aachen")
    refused = crmkit("customer", "unmerge", first, "--yes")
    assert (refused.code, "CK664" in refused.err) == (6, True)
    assert crmkit.json("customer", "unmerge", first, "--yes", "--on-conflict", "keep")["kept"] == 1
    assert crmkit.json("customer", "show", first)["city"] == "Aachen"
