"""``crmkit segment``: tables for people, documents for scripts, and files."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine  # noqa: F401 - fixtures


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:  # noqa: F811
    """An installation with three customers, of whom two have bought and one has agreed, and two segments."""
    for name, city, amount in (("王小明", "上海", "300"), ("=Ann", "Kiel", "20"), ("Ben", "Kiel", None)):
        made = crmkit.json("customer", "add", f"name={name}", f"city={city}")["result"]["id"]
        if amount is not None:
            crmkit.ok(
                "run", "interaction.record", "kind=purchase", f"customer_id={made}", f"amount={amount}", "currency=CNY",
                "occurred_at=2026-06-01T12:00:00+08:00",
            )  # fmt: skip
        if name == "=Ann":
            crmkit.ok("run", "consent.record", "purpose=marketing", "channel=email", "--target", made)
    crmkit.ok("segment", "save", "buyers", "--where", "purchase.count >= 1", "--title", "Buyers")
    crmkit.ok("segment", "save", "kiel", "--where", 'customer.city == "Kiel"')
    return crmkit


def test_scripts_count(shop: Crmkit) -> None:
    """``segment count`` takes a condition, a segment or both, and says how many of how many."""
    found = shop.json("segment", "count", "--where", 'customer.city in ["上海"]')
    assert (found["count"], found["total"], found["share"]) == (1, 3, round(1 / 3, 6))
    assert shop.json("segment", "count", "buyers")["count"] == 2
    assert shop.json("segment", "count", "buyers", "--where", 'customer.city == "Kiel"')["count"] == 1
    assert shop.json("segment", "count", "buyers", "--as-of", "2026-05-31")["count"] == 0
    assert shop("segment", "count").code == 3


def test_mistakes_are_named(shop: Crmkit) -> None:
    """A fact or a segment that there is not is refused with what was meant, and without a traceback."""
    for arguments, code, meant in (
        (("count", "--where", "purchase.cuont > 1"), 3, "purchase.count"),
        (("count", "byers"), 5, "buyers"),
        (("why", "buyers", "nobody"), 5, "nobody"),
        (("save", "x"), 2, "--where"),
        (("save", "x", "--where", "segment.x"), 3, "x → x"),
        (("save", "x", "--where", 'customer.gender == "female"'), 3, "justification"),
        (("export", "x.doc", "buyers"), 2, ".csv"),
    ):
        done = shop("segment", *arguments)
        assert (done.code, meant in done.err) == (code, True), done


def test_segments_are_listed_and_shown(shop: Crmkit) -> None:
    """A list has all segments, and one is shown with what it comes to."""
    assert [(item["name"], item["origin"]) for item in shop.json("segment", "list")["items"]] == [
        ("buyers", "own"), ("kiel", "own"),
    ]  # fmt: skip
    found = shop.json("segment", "show", "buyers")
    assert (found["count"], found["worth"]["sum"], found["facts"]) == (
        2, {"amount": "320.00", "currency": "CNY"}, ["purchase.count"],
    )  # fmt: skip
    shown = shop.ok("segment", "show", "kiel").out
    assert all(text in shown for text in ("Kiel", "personal", "66.7 %"))


def test_a_preview_saves_nothing(shop: Crmkit) -> None:
    """``save --preview`` shows what would be, and the segment is as before."""
    found = shop.json("segment", "save", "buyers", "--where", "purchase.amount >= 100", "--preview")
    assert (found["count"]["count"], found["entering"], found["leaving"]) == (1, 0, 1)
    assert "1" in shop.ok("segment", "save", "buyers", "--where", "purchase.amount >= 100", "--preview").out
    assert shop.json("segment", "count", "buyers")["count"] == 2


def test_segments_are_compared(shop: Crmkit) -> None:
    """Overlap, reach and samples are tables, and documents for scripts."""
    found = shop.json("segment", "overlap", "buyers", "kiel")
    assert (found["sizes"], found["jaccard"][0][1]) == ([2, 2], round(1 / 3, 6))
    assert "0.33" in shop.ok("segment", "overlap").out
    assert {item["channel"]: item["agreed"] for item in shop.json("segment", "reach", "kiel")["items"]}["email"] == 1
    assert len(shop.json("segment", "sample", "buyers", "--limit", "1")["items"]) == 1


def test_why_says_it_in_words(shop: Crmkit) -> None:
    """Each part of the condition is shown with what the customer has, in the language that is asked for."""
    shop.ok("segment", "save", "both", "--where", "segment.buyers and segment.kiel")
    found = shop.json("segment", "why", "both", "Ben")
    assert found["belongs"] is False
    assert [(item["text"], item["holds"]) for item in found["reasons"] if item["depth"] == 2] == [
        ("purchase.count >= 1", False), ('customer.city == "Kiel"', True),
    ]  # fmt: skip
    assert "✗" in shop.ok("segment", "why", "both", "Ben").out
    chinese = shop.ok("segment", "why", "kiel", "Ben", "--language", "zh").out
    assert "城市" in chinese


def test_members_are_followed(shop: Crmkit) -> None:
    """Runs note who entered; frozen segments keep their members until they are thawed."""
    assert [item["entered"] for item in shop.json("segment", "run")["items"]] == [2, 2]
    shop.ok("segment", "freeze", "kiel")
    shop.ok("customer", "edit", "Ben", "city=上海")
    assert shop.json("segment", "count", "kiel")["count"] == 2
    shop.ok("segment", "thaw", "kiel")
    assert shop.json("segment", "count", "kiel")["count"] == 1
    assert [item["members"] for item in shop.json("segment", "stability", "kiel")["items"]] == [2, 2, 1]
    assert "█" in shop.ok("segment", "stability", "kiel").out
    shop.ok("segment", "disable", "kiel")
    shop.ok("segment", "reset", "kiel", "--yes")
    assert [item["name"] for item in shop.json("segment", "list")["items"]] == ["buyers"]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "xlsx"])
def test_an_export_is_a_file(shop: Crmkit, form: str) -> None:
    """Every form has the same rows; what a spreadsheet would compute stays text, and no file is overwritten."""
    given = ("export", f"kiel.{form}", "kiel", "--fact", "customer.name", "--fact", "purchase.amount")
    assert shop.json("segment", *given)["rows"] == 2
    path = shop.folder / f"kiel.{form}"
    assert (path.stat().st_mode & 0o77, shop("segment", *given).code) == (0, 3)
    if form == "xlsx":
        with zipfile.ZipFile(path) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert ("<f>" in sheet, "=Ann" in sheet, "<v>20</v>" in sheet) == (False, True, True)
        return
    text = path.read_text("utf-8-sig")
    if form == "csv":
        assert sorted(row[1:] for row in csv.reader(io.StringIO(text)))[0] == ["'=Ann", "20.00"]
        return
    rows = json.loads(text) if form == "json" else [json.loads(line) for line in text.splitlines()]
    shown = sorted((row["customer.name"], row["purchase.amount"]) for row in rows)
    assert shown == [("=Ann", "20.00"), ("Ben", "0.00")]


def test_an_export_under_consent(shop: Crmkit) -> None:
    """``--consent`` limits a file to those who agreed; who took it is audited with how many they were."""
    assert shop.json("segment", "export", "x.csv", "kiel", "--consent", "marketing/email")["rows"] == 1
    (line,) = shop.json("audit", "list", "--operation", "segment.export")["items"][:1]
    assert line["operation"] == "segment.export"


def test_a_run_of_an_unknown_segment_is_an_error(shop: Crmkit) -> None:
    """A segment that there is not is named, instead of nothing being done."""
    assert 5 == shop("segment", "run", "kiell").code


def test_what_was_saved_is_said_in_a_line(shop: Crmkit) -> None:
    """People read the version, scripts the definition."""
    assert "lot: version 1.\n" == shop.ok("segment", "save", "lot", "--where", "true").out
    assert "lot" == shop.json("segment", "disable", "lot")["result"]["name"]
