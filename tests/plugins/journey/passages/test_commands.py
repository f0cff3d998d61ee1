"""Flows as files on the command line: checked, applied, compared, published; and who is where."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine

FILE = """\
name: care
title: Care
entry:
  on: event
  kinds: [call]
goal:
  kinds: [purchase]
start: pause
nodes:
  pause: {type: wait, span: 3 days, next: finish}
  finish: {type: exit}
"""


def test_a_file_is_checked_applied_compared_and_published(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("journey")
    file = tmp_path / "care.yaml"
    file.write_text(FILE)
    assert crmkit.json("journey", "flows", "check", str(file))["items"] == []
    dry = crmkit.json("journey", "flows", "apply", str(file), "--dry-run")
    assert (dry["changed"], dry["published"]) == (True, False)
    assert crmkit.json("journey", "flows", "list")["items"] == []
    assert crmkit.json("journey", "flows", "apply", str(file), "--publish")["published"]
    (listed,) = crmkit.json("journey", "flows", "list")["items"]
    assert (listed["name"], listed["state"], listed["version"]) == ("care", "live", 1)
    assert "span: 3 days" in crmkit.ok("journey", "flows", "export", "care").out
    file.write_text(FILE.replace("3 days", "5 days"))
    changed = crmkit.json("journey", "flows", "apply", str(file))
    assert "+    span: 5 days" in changed["difference"]
    assert "+    span: 5 days" in crmkit.json("journey", "flows", "compare", "care", "1")["difference"]
    assert crmkit.json("journey", "flows", "publish", "care")["version"] == 2
    for verb, state in (("pause", "paused"), ("resume", "live"), ("retire", "retired")):
        assert crmkit.json("journey", "flows", verb, "care")["state"] == state


def test_faults_end_with_one(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("journey")
    file = tmp_path / "care.yaml"
    file.write_text(FILE.replace("next: finish", "next: finsh"))
    found = crmkit("journey", "flows", "check", str(file))
    assert (found.code, "finsh" in found.out) == (1, True)
    file.write_text("name: [")
    broken = crmkit("journey", "flows", "check", str(file))
    assert (broken.code, "Line 1" in broken.err) == (3, True)


def test_passages_are_listed_and_replayed(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("journey")
    file = tmp_path / "care.yaml"
    file.write_text(FILE)
    crmkit.ok("journey", "flows", "apply", str(file), "--publish")
    made = crmkit.json("customer", "add", "name=Ada")["result"]
    crmkit.ok("run", "journey.passage.enter", "flow=care", f"customer_id={made['id']}")
    crmkit.ok("journey", "run")
    (passage,) = crmkit.json("journey", "passages", "--flow", "care", "--customer", str(made["id"]))["items"]
    assert (passage["status"], passage["node"]) == ("waiting", "pause")
    assert crmkit.json("journey", "passages", "--status", "failed")["items"] == []
    assert crmkit.json("journey", "replay", "--flow", "care")["passages"] == 1
    assert crmkit.json("journey", "replay", "--passage", passage["id"])["steps"] == 1
    wrong = crmkit("journey", "replay", "--passage", "x")
    assert (wrong.code, "is no id" in wrong.err) == (3, True)
