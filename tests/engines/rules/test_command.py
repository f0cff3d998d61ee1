"""``crmkit rule``: rules on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]

THEN = json.dumps([{"operation": "customer.tag", "arguments": {"names": ["'buyer'"]}}])


def test_a_rule_is_saved_tried_and_followed(crmkit: Crmkit, tmp_path: Path) -> None:
    """From saving one to its log; what is given changes a rule that is there, and what is not given stays."""
    crmkit.ok("customer", "add", "name=Li Wei")
    when = 'when=event.kind == "purchase"'
    saved = crmkit.json("rule", "save", "buyers", "on=interaction.recorded", when, f"then:={THEN}", "--note", "first")
    assert (saved["result"]["version"], saved["result"]["cycles"]) == (1, [])
    crmkit.ok("rule", "save", "buyers", "title=Buyers", "--disabled")
    shown = crmkit.json("rule", "show", "buyers")
    assert (shown["rule"]["title"], shown["rule"]["when"], shown["enabled"]) == ("Buyers", when[5:], False)
    assert [version["note"] for version in shown["versions"]] == ["", "first"]
    crmkit.ok("rule", "enable", "buyers")
    crmkit.ok("interaction", "add", "purchase", "--customer", "Li Wei", "amount=12", "currency=CNY")
    tried = crmkit.json("rule", "test", "buyers", "Li Wei")
    assert (tried["holds"], tried["trial"]["outcome"], tried["trial"]["done"]) == (True, "fired", ["customer.tag"])
    shown = crmkit.ok("rule", "test", "buyers", "Li Wei").out.splitlines()
    # No line is about everybody among whom the rule is, and nothing is said to have been done.
    assert [line.split()[0] for line in shown[:3]] == ["It", "Holds", "yes"]
    assert 'event.kind == "purchase"' in shown[2]
    assert [line.rpartition("  ")[0].strip() for line in shown[3:]] == [
        "Would have ended as",
        "Would be done",
        "Would be told",
    ]
    assert not crmkit.json("rule", "test", "buyers", "Li Wei", 'when=event.kind == "call"')["holds"]
    assert crmkit("worker", "--once").code == 0
    (entry,) = crmkit.json("rule", "log", "buyers", "--customer", "Li Wei")["items"]
    assert (entry["outcome"], entry["version"], entry["details"]["done"]) == ("fired", 3, ["customer.tag"])
    assert "fired" in crmkit.ok("rule", "log").out


def test_a_rule_is_back_tested(crmkit: Crmkit) -> None:
    """A draft is held against the version that is there; a rule that is not there yet can be back-tested too."""
    crmkit.ok("customer", "add", "name=Li Wei")
    crmkit.ok("interaction", "add", "purchase", "--customer", "Li Wei", "amount=12", "currency=CNY")
    crmkit.ok("rule", "save", "buyers", "on=interaction.recorded", f"then:={THEN}", "when=purchase.count > 5")
    found = crmkit.json("rule", "backtest", "buyers", "when=purchase.count > 0", "--days", "3")
    assert [version["firings"] for version in found["versions"]] == [1, 0]
    assert (len(found["more"]), found["days"][0]["proposed"]) == (1, 1)
    assert "Proposed" in crmkit.ok("rule", "backtest", "buyers", "when=purchase.count > 0").out
    draft = ("on=interaction.recorded", f"then:={THEN}")
    assert len(crmkit.json("rule", "backtest", "newer", *draft)["versions"]) == 1


def test_rules_are_listed_turned_off_and_taken_back(crmkit: Crmkit) -> None:
    """The list says what sets a rule off and whether it is in effect; what is wrong is an error with its field."""
    crmkit.ok("rule", "save", "weekly", "every=week", f"then:={THEN}")
    crmkit.ok("rule", "disable", "weekly")
    (row,) = [row for row in crmkit.json("rule", "list")["items"] if row["name"] == "weekly"]
    assert (row["trigger"], row["enabled"], row["in_effect"], row["origin"]) == ("week", False, False, "own")
    assert "weekly" in crmkit.ok("rule", "list").out
    assert "customer.tag" in crmkit.ok("rule", "show", "weekly").out
    assert crmkit("rule", "reset", "weekly").code == 2
    assert crmkit.json("rule", "reset", "weekly", "--yes") == {"result": None}
    assert crmkit("rule", "show", "weekly").code == 5
    wrong = crmkit("rule", "save", "x", "on=customer.created", "when=nothing.known", f"then:={THEN}", "--json")
    assert (wrong.code, wrong.json["error"]["problems"][0]["field"]) == (3, "when")


def test_a_rule_that_feeds_itself_is_warned_of(crmkit: Crmkit) -> None:
    """The warning names the way."""
    then = json.dumps([{"operation": "interaction.record", "arguments": {"kind": "'note'"}}])
    done = crmkit("rule", "save", "echo", "on=interaction.recorded", f"then:={then}")
    assert (done.code, "echo → echo" in done.err) == (0, True)


def test_a_rule_keeps_its_dates_when_something_else_is_changed(crmkit: Crmkit) -> None:
    """They change when they are given; an empty one is taken away."""
    crmkit.ok("rule", "save", "spring", "every=week", f"then:={THEN}", "--from", "2030-03-01", "--until", "2030-06-01")
    dates = [crmkit.json("rule", "show", "spring")[key] for key in ("effective_from", "effective_until")]
    crmkit.ok("rule", "save", "spring", "title=Spring", "--until", "")
    shown = crmkit.json("rule", "show", "spring")
    assert (dates[0], None) == (shown["effective_from"], shown["effective_until"])
    assert dates[1] is not None


def test_a_long_back_test_is_summed_by_week_and_the_current_version_stands_once(crmkit: Crmkit) -> None:
    """By day up to 31 days; scripts get the days."""
    crmkit.ok("customer", "add", "name=Li Wei")
    crmkit.ok("interaction", "add", "purchase", "--customer", "Li Wei", "amount=12", "currency=CNY")
    crmkit.ok("rule", "save", "buyers", "on=interaction.recorded", f"then:={THEN}")
    long, short = (crmkit.ok("rule", "backtest", "buyers", "--days", days).out for days in ("32", "31"))
    assert ("By week" in long, "By week" in short, "By day" in short) == (True, False, True)
    assert ("Proposed" in long, "Current" in long, "█" in long) == (False, True, True)
    found = crmkit.json("rule", "backtest", "buyers")
    assert [(each["version"], each["number"]) for each in found["versions"]] == [("Current", 1)]
    assert [(each["proposed"], each["current"]) for each in found["days"]] == [(None, 1)]
    assert (found["more"], found["less"]) == ([], [])


def test_what_names_no_rule_is_said_to_be_none(crmkit: Crmkit) -> None:
    """In a back-test and in the log, where nothing is given that would make a new one."""
    assert [crmkit("rule", verb, "nobodys").code for verb in ("backtest", "log")] == [5, 5]


def test_the_log_and_trials_show_money_in_major_units(crmkit: Crmkit) -> None:
    """With its currency, and the log in the reader's words."""
    crmkit.ok("customer", "add", "name=Li Wei")
    when = "when=event.interaction.amount >= 12"
    crmkit.ok("rule", "save", "buyers", "on=interaction.recorded", f"then:={THEN}", when)
    crmkit.ok("interaction", "add", "purchase", "--customer", "Li Wei", "amount=12", "currency=CNY")
    assert "= 12.00 CNY" in crmkit.ok("rule", "test", "buyers", "Li Wei").out
    crmkit("worker", "--once")
    (entry,) = crmkit.json("rule", "log", "buyers")["items"]
    assert {"event.interaction.amount": "12.00 CNY"} == entry["details"]["read"]
    assert "触发" in crmkit.ok("--language", "zh", "rule", "log").out
    assert "Nothing in the log fits." in crmkit.ok("rule", "log", "buyers", "--outcome", "loop").out
