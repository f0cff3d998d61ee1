"""``crmkit messaging templates`` and ``crmkit messaging suppressed``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine
FILE = """
templates:
- name: order/shipped
  title: Order shipped
  channel: email
  purpose: service
  texts:
  - language: en
    variant: a
    weight: 1
    subject: On its way
    blocks:
    - kind: text
      text: Hello {{ customer.given_name | default("there") }}
"""


def ready(crmkit: Crmkit) -> None:
    """Make an installation with messaging."""
    crmkit.has("messaging")


def test_templates_are_taken_in_looked_at_and_written(crmkit: Crmkit, tmp_path: Path) -> None:
    """From a file and into one, with what speaks against them in between."""
    ready(crmkit)
    (tmp_path / "in.yaml").write_text(FILE, "utf-8")
    loaded = crmkit.json("messaging", "templates", "load", str(tmp_path / "in.yaml"))
    assert [(row["name"], row["state"]) for row in rows_of(loaded)] == [("order/shipped", "added")]
    assert rows_of(crmkit.json("messaging", "templates", "check", "order/shipped")) == []
    crmkit.ok("messaging", "templates", "publish", "order/shipped")
    (row,) = rows_of(crmkit.json("messaging", "templates", "list"))
    assert (row["published"], row["draft"], row["languages"]) == (1, False, ["en"])
    crmkit.ok("customer", "add", "name=Ada Byron", "given_name=Ada", "email=ada@x.example")
    seen = crmkit.json("messaging", "templates", "preview", "order/shipped")
    assert json.dumps(seen).count("On its way") >= 1
    crmkit.ok("messaging", "templates", "export", "--to", str(tmp_path / "out.yaml"))
    again = crmkit.json("messaging", "templates", "load", str(tmp_path / "out.yaml"))
    assert [row["state"] for row in rows_of(again)] == ["same"]
    assert crmkit("messaging", "templates", "preview", "nix").code != 0


def test_addresses_are_suppressed_and_let_go(crmkit: Crmkit) -> None:
    """By the address itself; the list has codes alone."""
    ready(crmkit)
    crmkit.ok("messaging", "suppressed", "add", "someone@x.example", "--reason", "complaint")
    assert crmkit.json("messaging", "suppressed", "find", "Someone@x.example")["reason"] == "complaint"
    listed = crmkit("messaging", "suppressed", "list", "--json").out
    assert "complaint" in listed
    assert "someone" not in listed
    crmkit.ok("messaging", "suppressed", "lift", "someone@x.example", "--why", "a mistake")
    assert crmkit("messaging", "suppressed", "find", "someone@x.example").code != 0


def rows_of(document: Any) -> list[dict[str, Any]]:
    """Return the rows of a table that a command has printed."""
    found: list[dict[str, Any]] = document["items"]
    return found
