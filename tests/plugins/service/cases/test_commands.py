"""``crmkit service case``: for people, and with --json for scripts."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.service.cases.conftest import OTHERS

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with service enabled and a customer."""
    crmkit.has("work", "service")
    crmkit.ok("customer", "add", "name=Ada", "email=ada@x.example")
    return crmkit


def test_a_case_goes_its_way_on_the_command_line(shop: Crmkit) -> None:
    """Opened, noted, answered, reopened by its customer, merged and taken apart again; the history says so."""
    case = ("service", "case")
    made = shop.json(*case, "new", "ada@x.example", "The kettle", "--text", "Broken", "--priority", "high")
    assert (made["number"], made["state"], made["priority"]) == (1001, "new", "high")
    shop.ok(*case, "note", "1001", "Be careful")
    assert shop.json(*case, "reply", "1001", "Sorry", "--then", "resolved")["state"] == "resolved"
    assert shop.json(*case, "received", "1001", "Still broken")["state"] == "reopened"
    shown = shop.json(*case, "show", "1001")
    assert [(each["direction"], each["text"]) for each in shown["messages"]] == [
        ("in", "Broken"),
        ("internal", "Be careful"),
        ("out", "Sorry"),
        ("in", "Still broken"),
    ]
    shop.ok(*case, "new", "ada@x.example", "Again")
    assert shop.json(*case, "merge", "1002", "1001")["number"] == 1001
    assert shop.json(*case, "show", "1002")["number"] == 1001
    assert shop.json(*case, "unmerge", "1002")["state"] == "new"
    assert shop.json(*case, "link", "1002", "parent", "1001")["number"] == 1002
    assert shop.json(*case, "priority", "1002", "low")["priority"] == "low"
    listed = shop.json(*case, "list", "--open", "--customer", "ada@x.example")["items"]
    assert sorted(each["number"] for each in listed) == [1001, 1002]
    rows = shop.json(*case, "history", "1002")["items"]
    kinds = [each["kind"] for each in rows if each["kind"] not in OTHERS]
    assert kinds == ["opened", "state", "merged", "state", "unmerged", "linked", "priority"]
    refused = shop(*case, "state", "1001", "closed", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (6, "SVC101")
