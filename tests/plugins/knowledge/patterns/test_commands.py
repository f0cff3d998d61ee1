"""``crmkit knowledge patterns`` adds the templates that come along, once, and lists them."""

from __future__ import annotations

from crmkit_knowledge.patterns.shipped import SHIPPED

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_they_are_added_and_listed(crmkit: Crmkit) -> None:
    crmkit.has("knowledge")
    made = crmkit.json("knowledge", "patterns", "install")["items"]
    assert {each.name for each in SHIPPED} == {each["name"] for each in made}
    assert [] == crmkit.json("knowledge", "patterns", "install")["items"]
    listed = crmkit.json("knowledge", "patterns", "list")["items"]
    assert {each.name for each in SHIPPED} == {each["name"] for each in listed}
