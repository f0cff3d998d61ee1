"""Facts on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.cli.conftest import Crmkit


def filled(crmkit: Crmkit) -> list[str]:
    """Add two customers, of whom one bought something, and return their ids."""
    people = [
        str(crmkit.json("customer", "add", f"name={name}", f"city={city}")["result"]["id"])
        for name, city in (("王小明", "上海"), ("Anna", "York"))
    ]
    for amount, when in (("12.50", "2026-03-01T09:00+08:00"), ("7", "2026-03-05T09:00+08:00")):
        crmkit.ok(
            "interaction", "add", "purchase", f"amount={amount}", "currency=CNY", f"occurred_at={when}",
            "--customer", people[0],
        )  # fmt: skip
    return people


def test_facts_are_listed_and_shown(crmkit: Crmkit) -> None:
    """With what they say, their types and keys."""
    listed = {item["name"]: item for item in crmkit.json("fact", "list")["items"]}
    assert ("money", "instant?", False) == (
        listed["purchase.amount"]["type"],
        listed["purchase.last_at"]["type"],
        listed["contact.has_email"]["temporal"],
    )
    assert ["purchase.refund_amount"] == [
        item["name"] for item in crmkit.json("fact", "list", "refund_amount")["items"]
    ]
    shown = crmkit.json("fact", "show", "interaction.kind_count")
    assert ("kind of interaction", True) == (shown["keyed"], "call" in shown["keys"])
    assert "购买的次数" in crmkit.ok("--language", "zh", "fact", "show", "purchase.count").out
    wrong = crmkit("fact", "show", "purchase.cuont")
    assert (5, True) == (wrong.code, "purchase.count" in wrong.err)


def test_a_frame_is_printed(crmkit: Crmkit) -> None:
    """For whom a condition holds, as of a day, in the form that is asked for."""
    people = filled(crmkit)
    arguments = ("fact", "frame", "purchase.count", "purchase.amount", "customer.city")
    table = crmkit.ok(*arguments).out
    assert ["19.50" in table, "York" in table] == [True, True]
    out = crmkit.ok(*arguments, "--where", "purchase.count >= 1", "--as-of", "2026-03-02", "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    assert {
        "customer": people[0],
        "purchase.count": "1",
        "purchase.amount": "12.50",
        "customer.city": "上海",
    } == row
    lines = crmkit.ok(*arguments, "--format", "json").out.splitlines()
    assert people == [json.loads(line)["customer"] for line in lines]


def test_a_frame_is_written_to_a_file_and_audited(crmkit: Crmkit) -> None:
    """Not over one that is there."""
    filled(crmkit)
    arguments = ("fact", "frame", "purchase.count", "--output", "facts.csv")
    crmkit.ok(*arguments)
    assert 3 == len(Path("facts.csv").read_text("utf-8").splitlines())
    assert 3 == crmkit(*arguments).code
    exported = crmkit.json("audit", "list", "--operation", "data.export")["items"]
    assert [("fact", 2)] == [(item["details"]["resource"], item["details"]["rows"]) for item in exported]


def test_what_is_wrong_is_said(crmkit: Crmkit) -> None:
    """A condition, a day, options that contradict each other."""
    for arguments, part in (
        (("frame", "purchase.count", "--where", "purchase.count >"), "Column 17"),
        (("frame", "purchase.count", "--as-of", "yesterday"), "--as-of"),
        (("frame", "purchase.count", "--kept"), "materialised"),
        (("frame", "purchase.count", "--kept", "--as-of", "2026-01-01"), "--kept"),
        (("frame", "interaction.kind_count"), "key"),
        (("materialise", "--end"), "Name the facts"),
        (("materialise", "purchase.count", "--full"), "--refresh"),
    ):
        done = crmkit("fact", *arguments)
        assert (True, True) == (done.code != 0, part in done.err), (arguments, done)


def test_facts_are_materialised(crmkit: Crmkit) -> None:
    """And read as of when they were computed, until they are computed anew."""
    people = filled(crmkit)
    (kept,) = crmkit.json("fact", "materialise", "purchase.count")["items"]
    assert "purchase.count" == kept["name"]
    crmkit.ok("interaction", "add", "purchase", "amount=1", "currency=CNY", "--customer", people[0])

    def read() -> list[int]:
        shown = crmkit("fact", "frame", "purchase.count", "--where", "purchase.count > 0", "--kept", "--format", "json")
        return [json.loads(line)["purchase.count"] for line in shown.out.splitlines()]

    assert [2] == read()
    crmkit.ok("fact", "materialise", "--refresh")
    assert [3] == read()
    assert [] == crmkit.json("fact", "materialise", "purchase.count", "--end")["items"]


def test_an_instant_without_a_zone_is_one_of_the_business(crmkit: Crmkit) -> None:
    """An hour of a day is an hour where the business is, as with every other command."""
    crmkit.ok("customer", "add", "name=Li Wei")
    early, late = (crmkit("fact", "frame", "purchase.count", "--as-of", day) for day in ("2020-01-31T12:00", "x"))
    assert (0, 3) == (early.code, late.code)
    assert "--as-of" in late.err
