"""``crmkit loyalty try`` and ``what-if``: printed as tables and as JSON."""

from __future__ import annotations

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_rules_are_tried_from_the_command_line(crmkit: Crmkit) -> None:
    crmkit.has("loyalty")
    crmkit.ok("run", "loyalty.program.create", "name=club")
    crmkit.ok("run", "loyalty.point_type.create", "program=club", "name=points")
    done = crmkit("loyalty", "try", "--line", "TEA=10")
    assert done.code != 0
    assert "no rules that count" in done.err
    assert crmkit("loyalty", "try", "--line", "TEA").code != 0
    assert crmkit("loyalty", "what-if", "draft").code != 0
    version = crmkit.json("run", "loyalty.rule_set.draft")["result"]["id"]
    crmkit.ok("run", "loyalty.earn_rule.create", f"--target={version}", "name=base", "points=amount * 2")
    (part,) = crmkit.json("loyalty", "try", "--set", "draft", "--line", "TEA=10")["items"]
    assert (part["rule"], part["points"], part["outcome"]) == ("base", 20, "given")
    found = crmkit.json("loyalty", "what-if", "draft", "--months", "3")
    assert [each["by"] for each in found["items"]] == ["books", "now", "tried"]
    assert len(found["by_month"]) == 4
    assert found["gainers"] == 0
