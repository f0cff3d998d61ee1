"""Reports and goals on the command line."""

from __future__ import annotations

import json
import stat

import pytest

from tests.cli.conftest import Crmkit


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """Two customers, one of whom has bought; classified."""
    ada = crmkit.json("customer", "add", "name=Ada")["result"]["id"]
    crmkit.json("customer", "add", "name=Tea GmbH", "kind=organization")
    purchase = f"kind=purchase customer_id={ada} amount=30 currency=CNY occurred_at=2026-03-05T10:00:00+08:00"
    crmkit.ok("run", "interaction.record", *purchase.split())
    crmkit.ok("run", "classification.run")
    return crmkit


def test_reports_are_listed_and_shown_with_what_they_ask_for(shop: Crmkit) -> None:
    """The kernel's and those on the audit log; types and defaults of parameters."""
    names = {row["name"] for row in shop.json("report", "list")["items"]}
    assert {"customer.by_label", "customer.over_time", "purchase.summary", "audit.sign_ins", "audit.admins"} <= names
    found = shop.json("report", "show", "purchase.summary")
    assert next((each["name"], each["type"]) for each in found["parameters"]) == ("period", "period")
    assert found["parameters"][0]["default"] == "last 12 months"
    assert "gross" in next(each["definition"] for each in found["columns"] if each["name"] == "amount")


def test_a_report_is_printed_in_the_terminal(shop: Crmkit) -> None:
    """With its interval, a chart, and for people in their language."""
    said = shop.ok("report", "run", "customer.by_label", "-p", "dimension=type").out
    assert "50.0%" in said
    assert "9.5% – 90.5%" in said
    assert "█" in said
    assert "●" in said
    stacked = shop.ok("report", "run", "customer.over_time", "-p", "dimension=type", "-p", "period=this year").out
    assert "at the end of" in stacked.lower()
    lines = shop.ok("report", "run", "purchase.summary", "-p", "period=2026-03", "-p", "by=day").out
    assert "▁" in lines


def test_a_report_is_written_into_a_file_of_its_owners(shop: Crmkit) -> None:
    """In the form that the ending says, or that is asked for."""
    file = shop.folder / "report.html"
    shop.ok("report", "run", "purchase.summary", "-p", "period=2026", "-o", str(file))
    assert file.read_text("utf-8").startswith("<!doctype html>")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    printed = shop.ok("report", "run", "purchase.summary", "-p", "period=2026-03", "--format", "json").out
    assert json.loads(printed)["totals"]["values"]["purchases"] == 1
    assert shop("report", "run", "purchase.summary", "-o", str(shop.folder / "report.doc")).code == 2


def test_the_rows_behind_a_figure_are_listed(shop: Crmkit) -> None:
    """By the key of the row and the name of the column."""
    found = shop.json("report", "run", "customer.by_label", "-p", "dimension=type", "--rows", "person:customers")
    assert [row["values"]["name"] for row in found["rows"]] == ["Ada"]
    assert shop("report", "run", "purchase.summary", "--rows", "nonsense").code == 2


def test_the_audit_log_is_reported_on_like_anything_else(shop: Crmkit) -> None:
    """With periods, formats, and as of when."""
    assert shop("user", "show", "nobody").code == 5
    found = shop.json("report", "run", "audit.exports", "-p", "period=this year")
    assert found["rows"] == []
    shop.ok("export", str(shop.folder / "all.csv"))
    assert len(shop.json("report", "run", "audit.exports", "-p", "period=this year")["rows"]) == 1
    ada = shop.json("customer", "list")["items"][0]["id"]
    seen = shop.json("report", "run", "audit.seen", "-p", f"customer={ada}")
    assert "customer.create" in {row["values"]["operation"] for row in seen["rows"]}
    assert shop.json("report", "run", "audit.admins")["rows"] == []


def test_a_mistake_is_said_with_its_field(shop: Crmkit) -> None:
    """And ends with the exit code of invalid input."""
    done = shop("report", "run", "customer.by_label", "-p", "dimension=tipe")
    assert (done.code, "type" in done.err) == (3, True)
    assert shop("report", "run", "customer.by_lable").code == 5
    assert shop("report", "run", "customer.by_label", "-p", "dimension").code == 2


def test_a_report_is_scheduled_and_ended(shop: Crmkit) -> None:
    """For a user; what is scheduled is listed."""
    shop.ok("user", "add", "nora", "Nora")
    done = shop("report", "schedule", "weekly", "purchase.summary", "--cron", "0 6 * * 1", "--for", "nora")
    assert done.code == 0, done
    (row,) = shop.json("report", "schedules")["items"]
    assert (row["name"], row["recipient"], row["format"]) == ("weekly", "nora", "pdf")
    shop.ok("report", "schedule", "weekly", "--end")
    assert shop.json("report", "schedules")["items"] == []


def test_a_template_is_put_in_place_and_taken_back(shop: Crmkit) -> None:
    """A hostile one is refused."""
    file, page = shop.folder / "own.html", shop.folder / "page.html"
    file.write_text("<h1>OWN</h1>", "utf-8")
    shop.ok("report", "template", "purchase.summary", "--file", str(file))
    shop.ok("report", "run", "purchase.summary", "-o", str(page))
    assert "<h1>OWN</h1>" in page.read_text("utf-8")
    shop.ok("report", "template", "purchase.summary")
    shop.ok("report", "run", "purchase.summary", "-o", str(page))
    assert "<h1>OWN</h1>" not in page.read_text("utf-8")
    file.write_text("{{ ''.__class__.__mro__ }}{% include 'x' %}", "utf-8")
    assert shop("report", "template", "purchase.summary", "--file", str(file)).code == 3


def test_goals_are_set_shown_and_removed(shop: Crmkit) -> None:
    """By facts and by a figure of a report."""
    shop.ok("goal", "set", "persons", "--title", "Persons", "--target", "4", "--period", "this year", "--count")
    figure = ("--report", "purchase.summary:total:amount")
    shop.ok("goal", "set", "sales", "--title", "Sales", "--target", "60", "--period", "2026-03", *figure)
    rows = {row["name"]: row for row in shop.json("goal", "list")["items"]}
    assert (rows["persons"]["attained"], rows["sales"]["attained"]) == ("0.5000", "0.5000")
    assert "30.00" in shop.ok("goal", "show", "sales").out
    shop.ok("goal", "set", "sales", "--remove")
    assert [row["name"] for row in shop.json("goal", "list")["items"]] == ["persons"]
    assert shop("goal", "set", "x", "--title", "X", "--target", "1", "--period", "2026").code == 2


def test_a_goal_that_cannot_be_measured_does_not_hide_the_others(shop: Crmkit) -> None:
    """It stands in the list with the reason; money comes in major units with its currency."""
    figure = "purchase.summary:nowhere:amount"
    shop.ok("goal", "set", "lost", "--title", "Lost", "--target", "5", "--period", "2026", "--report", figure)
    sums = ("--sum", "purchase.amount", "--where", "true")
    shop.ok("goal", "set", "sales", "--title", "Sales", "--target", "60", "--period", "2026", *sums)
    lost, sales = shop.json("goal", "list")["items"]
    assert (lost["name"], lost["state"], "nowhere" in lost["error"]) == ("lost", None, True)
    assert {"amount": "60.00", "currency": "CNY"} == sales["target"]
    listed = shop("goal", "list")
    assert (listed.code, "Sales" in listed.out, "nowhere" in listed.err) == (0, True, True)
