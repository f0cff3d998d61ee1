"""``crmkit sales lead``: for people, and with --json for scripts."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with sales enabled, a seller and a customer."""
    crmkit.has("work", "sales")
    crmkit.ok("user", "add", "eve", "Eve", "--role", "seller")
    crmkit.ok("customer", "add", "name=Ada", "email=ada@x.example")
    return crmkit


def test_a_lead_goes_its_way_on_the_command_line(shop: Crmkit) -> None:
    """Added, qualified, offered, accepted by its seller, converted; the list says where it stands."""
    made = shop.json("sales", "lead", "new", "ada@x.example", "--title", "Wholesale", "--need", "Green tea")
    assert (made["number"], made["state"]) == (1, "new")
    assert shop.json("sales", "lead", "qualify", "1")["state"] == "marketing_qualified"
    assert shop.json("sales", "lead", "offer", "1", "--to", "eve")["state"] == "offered"
    eve = {"CRMKIT_TOKEN": shop.json("token", "create", "eve", "--scope", "*", "--for", "eve")["token"]}
    assert shop.ok("sales", "lead", "accept", "1", "--json", env=eve).json["state"] == "accepted"
    shop("worker", "--once")
    assert shop.ok("sales", "lead", "convert", "1", "--json", env=eve).json["title"] == "Wholesale"
    listed = shop.json("sales", "lead", "list")
    assert [(each["number"], each["state"]) for each in listed["items"]] == [(1, "converted")]
    assert shop.json("sales", "lead", "list", "--open")["items"] == []


def test_where_each_point_comes_from(shop: Crmkit) -> None:
    """Now, and as of a day before anything had happened."""
    called = ("kind=call", "direction=in", f"customer_id={shop.json('customer', 'show', 'ada@x.example')['id']}")
    shop.ok("run", "interaction.record", *called)
    shop("worker", "--once")
    found = shop.json("sales", "lead", "explain", "ada@x.example")
    assert [(each["reason"], round(float(each["points"]))) for each in found["items"]] == [
        ("Called us", 10),
        ("= cold", 10),
    ]
    then = shop.json("sales", "lead", "explain", "ada@x.example", "--as-of", "2020-01-01")
    assert [(each["reason"], float(each["points"])) for each in then["items"]] == [("= cold", 0.0)]


def test_what_is_not_there_is_said(shop: Crmkit) -> None:
    """By its number, its name or its day, without a traceback."""
    for arguments, words in (
        (("accept", "17"), "There is no lead 17."),
        (("new", "ada@x.example", "--source", "nowhere"), 'There is no source "nowhere".'),
        (("explain", "ada@x.example", "--as-of", "yesterday"), "Write a day as in 2026-01-31."),
    ):
        failed = shop("sales", "lead", *arguments)
        assert failed.code != 0
        assert words in failed.out + failed.err
