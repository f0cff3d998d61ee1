"""``crmkit experiment`` on an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmkit.cli.commands.experiment import WIDTH, drawn
from tests.cli.conftest import Crmkit

WINBACK = """
name = "winback"
title = "Win back by mail"
arms = [{ name = "none", share = 0.5 }, { name = "mail", share = 0.5 }]
method = "fixed"
planned = 20

[[metrics]]
name = "buys"
value = "purchase.count"
kind = "share"
"""


@pytest.fixture
def saved(crmkit: Crmkit) -> Crmkit:
    """An installation with an experiment that was saved from a file."""
    Path("winback.toml").write_text(WINBACK, "utf-8")
    crmkit.ok("experiment", "save", "winback.toml")
    return crmkit


def test_an_experiment_is_saved_from_a_file_or_a_pipe(saved: Crmkit) -> None:
    """TOML from a file, JSON from standard input; each is a version of its own."""
    assert {"name": "winback", "number": 2} == saved.json("experiment", "save", "winback.toml")
    given = '{"name": "price", "title": "Price", "arms": [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}]}'
    refused = saved("experiment", "save", "-", input=given)
    assert (3, True) == (refused.code, "metrics" in refused.err)


@pytest.mark.parametrize("text", ["name = ", "{", '{"name": "x", "titel": "X"}', "x" * 2_000_000])
def test_a_file_that_is_none_is_refused(crmkit: Crmkit, text: str) -> None:
    """What is neither TOML nor JSON, what has an unknown field, and what is too large."""
    assert 3 == crmkit("experiment", "save", "-", input=text).code


def test_the_life_of_an_experiment(saved: Crmkit) -> None:
    """List, show, start, expose, result and stop say what is."""
    (listed,) = saved.json("experiment", "list")["items"]
    assert ("winback", "draft", "none 50%, mail 50%") == (listed["name"], listed["state"], listed["arms"])
    saved.ok("experiment", "start", "winback", "--note", "as agreed")
    for number in range(20):
        made = saved.json("run", "customer.create", f"name=Customer {number}")["result"]["id"]
        arm = saved.json("run", "experiment.expose", "experiment=winback", f"customer_id={made}")["result"]
        if arm == "mail":
            saved.ok(
                "run", "interaction.record", "kind=purchase", f"customer_id={made}", "amount=10.00", "currency=CNY"
            )
    found = saved.json("experiment", "result", "winback")
    arms = {arm["name"]: arm for arm in found["metrics"][0]["arms"]}
    assert (20, 20, "better", True) == (found["customers"], found["planned"], found["verdict"], found["trusted"])
    assert (0.0, 1.0) == (arms["none"]["estimate"]["value"], arms["mail"]["estimate"]["value"])
    text = saved.ok("experiment", "result", "winback").out
    assert all(word in text for word in ("better than the control arm", "none (control)", "+100.00%", "●"))
    saved.ok("experiment", "stop", "winback")
    assert "stopped" == saved.json("experiment", "show", "winback")["state"]
    assert "stopped" in saved.ok("experiment", "show", "winback").out
    assert 6 == saved("experiment", "stop", "winback").code


def test_a_result_as_of_an_earlier_day(saved: Crmkit) -> None:
    """Before the start nobody was exposed."""
    saved.ok("experiment", "start", "winback")
    assert 0 == saved.json("experiment", "result", "winback", "--as-of", "2026-01-01")["customers"]


def test_a_plan(crmkit: Crmkit) -> None:
    """How many, each and all together, and in how many days."""
    found = crmkit.json("experiment", "plan", "--base", "0.5", "--effect", "0.25", "--power", "0.9", "--per-day", "10")
    assert ([77, 77], 154, 16) == (found["sizes"], found["customers"], found["days"])
    assert "154" in crmkit.ok("experiment", "plan", "--base", "0.5", "--effect", "0.25", "--power", "0.9").out
    assert 3 == crmkit("experiment", "plan", "--base", "0.5", "--effect", "0").code


def test_unknown_and_unstarted_experiments(saved: Crmkit) -> None:
    """A name that was probably meant is suggested; a draft has no result."""
    unknown = saved("experiment", "show", "winbak")
    assert (5, True) == (unknown.code, "winback" in unknown.err)
    assert 6 == saved("experiment", "result", "winback").code


def test_an_interval_is_drawn_around_nothing() -> None:
    """The middle is no difference; the ends are as far as the farthest."""
    both = drawn(-1.0, 0.5, 1.0, 1.0)
    assert (WIDTH, "├", "┤", "|") == (len(both), both[0], both[-1], both[WIDTH // 2])
    assert drawn(0.2, 0.5, 1.0, 1.0).lstrip().startswith("|")
    assert "" == drawn(None, 0.5, 1.0, 1.0)
