"""Searching on the command line."""

from __future__ import annotations

from tests.cli.conftest import Crmkit


def filled(crmkit: Crmkit) -> str:
    """Add a customer and a note about him, and return the customer's id."""
    crmkit.ok("run", "interaction.declare_searchable", "kind=note")
    who = str(crmkit.json("customer", "add", "name=王小明", "email=wang@example.cn", "tags+=vip")["result"]["id"])
    crmkit.ok("interaction", "add", "note", "body=要求退款 of the tea pot", "--customer", who)
    return who


def test_words_find_records(crmkit: Crmkit) -> None:
    """The table shows where, with what was searched for in brackets; the document has all there is."""
    who = filled(crmkit)
    shown = crmkit.ok("search", "退款", "pots").out
    assert "[退款] of the tea [pot]" in shown
    (hit,) = crmkit.json("search", "王小明", "--in", "customers")["items"]
    assert (hit["resource"], hit["id"], hit["title"], hit["score"]) == ("customer", who, "王小明", 1.0)
    assert 2 == len(crmkit.json("search", "王小明 退款", "--limit", "5")["items"])
    assert 1 == len(crmkit.json("search", "王小明 退款", "--limit", "1")["items"])


def test_an_address_finds_its_customer(crmkit: Crmkit) -> None:
    """With the reason."""
    filled(crmkit)
    assert "Same e-mail address" in crmkit.ok("search", "WANG@example.cn").out


def test_nothing_found(crmkit: Crmkit) -> None:
    """It says so, and is no error."""
    assert "Nothing was found." in crmkit.ok("search", "nobody").out
    assert {"items": [], "next": None, "failed": []} == crmkit.json("search", "nobody")


def test_what_cannot_be_searched(crmkit: Crmkit) -> None:
    """An unknown kind, no text, a text with --rebuild."""
    assert "customer, interaction, product" in crmkit("search", "tea", "--in", "cases").err
    assert 3 == crmkit("search", "tea", "--in", "cases").code
    assert 3 == crmkit("search").code
    assert 3 == crmkit("search", "tea", "--rebuild").code


def test_rebuilding(crmkit: Crmkit) -> None:
    """All kinds, or those that are named, with how many records were indexed."""
    filled(crmkit)
    assert {"indexed": {"customer": 1, "interaction": 1, "product": 0}} == crmkit.json("search", "--rebuild")
    assert "customer: 1 records were indexed." in crmkit.ok("search", "--rebuild", "--in", "customers").out
    assert 1 == len(crmkit.json("search", "退款")["items"])
