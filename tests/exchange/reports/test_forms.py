"""Reports as pages, documents, sheets and data: complete, readable, and nothing in them acts."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from crmkit import CRM
from crmkit.engines.facts.moments import Moment
from crmkit.engines.reports.values import Cell, ReportRun, Row
from crmkit.engines.statistics.intervals import wilson
from crmkit.errors import FontMissing, InvalidInput, Refused, TemplateError
from crmkit.exchange.reports.output import output
from crmkit.exchange.reports.pages import page, template_of
from crmkit.exchange.reports.printed import fonts_for, pdf
from crmkit.exchange.reports.sheets import as_csv, as_json, xlsx
from crmkit.hooks.contributions import TOTAL, Chart, Column, Note
from tests.security.world import SYSTEM, role, user

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://evil","x")<script>alert(1)</script>'
COLUMNS = (
    Column(name="label", title="Label", doc="What it is <b>called</b>"),
    Column(name="customers", title="Customers", kind="integer", doc="How many", drills=True),
    Column(name="amount", title="Amount", kind="money", doc="How much"),
    Column(name="rate", title="Rate", kind="rate", successes="customers", trials="customers"),
    Column(name="day", title="Day", kind="date"),
    Column(name="secret", title="Secret", hidden=True),
)


def row(key: str, label: str, number: int | None) -> Row:
    """Return a row; without a number its figures are withheld."""
    found = wilson(number or 0, 100)
    few = number is None
    return Row(
        key=key,
        cells=[
            Cell(value=label),
            Cell(value=number, withheld=few),
            Cell(value=None if few else (number or 0) * 150, withheld=few),
            Cell(value=None if few else found.value, interval=None if few else found, withheld=few),
            Cell(value=date(2026, 5, 1)),
            Cell(value="not for you"),
        ],
    )


def made(*rows: Row) -> ReportRun:
    """Return a run report."""
    return ReportRun(
        name="customer.by_label",
        title="客户 by label",
        doc="About",
        columns=COLUMNS,
        rows=rows,
        totals=row(TOTAL, "", 12),
        notes=[Note(text="{number} were left out.", values={"number": 3})],
        charts=[Chart.bars("label", "customers", title="Chart"), Chart.intervals("label", "rate")],
        parameters=(),
        moment=Moment(as_of=NOW, known_at=NOW, zone="Asia/Shanghai", base_currency="CNY"),
        made_at=NOW,
        actor_id="user:1",
        actor="Nora",
        scope="visible",
        smallest=5,
        drills=True,
    )


RUN = made(row("a", "老客户", 10), row("b", HOSTILE, 2), row("c", "few", None))


@pytest.fixture(scope="module")
def template() -> str:
    """The shipped template."""
    return Path("crmkit/exchange/reports/templates/report.html").read_text("utf-8")


class _Page(HTMLParser):
    """Collects the tags of a page, with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_page_links_each_figure_to_its_meaning_and_its_rows(template: str) -> None:
    """A heading leads to the definition, a figure to the rows behind it."""
    found = _Page(page(RUN, template, rows_link="/rows?cell="))
    links = {attributes.get("href") for attributes in found.all("a")}
    assert {"#definition-customers", "/rows?cell=a:customers", "/rows?cell=total:customers"} <= links
    assert {"definition-label", "definition-customers"} <= {each.get("id") for each in found.all("div")}
    assert "not for you" not in found.text


def test_a_page_runs_and_fetches_nothing(template: str) -> None:
    """No script, whatever values say; a policy that forbids it all the same; nothing from elsewhere."""
    text = page(RUN, template)
    found = _Page(text)
    policy = next(each["content"] for each in found.all("meta") if each.get("http-equiv"))
    assert (policy or "").startswith("default-src 'none'")
    assert not found.all("script") + found.all("img") + found.all("link") + found.all("iframe")
    assert not [name for _tag, attributes in found.tags for name in attributes if name.startswith("on")]
    assert HOSTILE in found.text


def test_a_page_says_what_is_uncertain_and_what_is_withheld(template: str) -> None:
    """Intervals stand under rates; figures about few are replaced by a word, which a note explains."""
    found = _Page(page(RUN, template))
    assert "5.5% – 17.4%" in found.text
    assert found.text.count("withheld") >= 3
    assert "Figures about fewer than 5 customers are withheld." in found.text


def test_a_page_is_in_the_readers_language(template: str) -> None:
    """Its words, its numbers, and what it says of its language."""
    found = _Page(page(RUN, template, "zh"))
    assert found.all("html")[0]["lang"] == "zh-Hans"
    assert "¥15.00" in found.text


@pytest.fixture
def installed(tmp_path: Path) -> Any:
    """A CRM of one's own."""
    with CRM.init(f"sqlite:///{tmp_path / 'crm.db'}") as crm:
        crm.run(SYSTEM, "business.configure", {"name": "Shop", "base_currency": "CNY", "zone": "UTC"})
        yield crm


def test_an_admin_prints_by_a_template_of_his_own(installed: CRM) -> None:
    """In place of the report's, or of all that have none; taken back, it is as it was."""
    for name, text in (("customer.by_label", "<h1>OWN {{ title }}</h1>"), ("report", "<h1>ALL</h1>")):
        installed.run(SYSTEM, "report.save_template", {"name": name, "text": text})
    with installed.session(SYSTEM) as session:
        assert b"<h1>OWN \xe5\xae\xa2" in output(session, RUN, "html")
        assert template_of(session, "purchase.summary") == "<h1>ALL</h1>"
    for name in ("customer.by_label", "report"):
        installed.run(SYSTEM, "report.save_template", {"name": name, "text": None})
    with installed.session(SYSTEM) as session:
        assert b"<h1>\xe5\xae\xa2" in output(session, RUN, "html")


def test_a_template_that_cannot_be_used_is_not_saved(installed: CRM) -> None:
    """Nor one by who may not define anything."""
    with pytest.raises(TemplateError, match="include"):
        installed.run(SYSTEM, "report.save_template", {"name": "report", "text": "{% include 'x' %}"})
    with pytest.raises(InvalidInput, match="There is no report"):
        installed.run(SYSTEM, "report.save_template", {"name": "no.report", "text": "x"})
    role(installed, "reader", [("report", "read", "all")])
    with pytest.raises(Refused):
        installed.run(user(installed, "rita", "reader"), "report.save_template", {"name": "report", "text": "x"})


def test_a_template_cannot_lift_the_policy(installed: CRM) -> None:
    """What it prints stands in the body, behind the policy of the page."""
    installed.run(SYSTEM, "report.save_template", {"name": "report", "text": "</body><script>alert(1)</script>"})
    with installed.session(SYSTEM) as session:
        text = output(session, RUN, "html").decode()
    assert text.index("Content-Security-Policy") < text.index("<script>")


# --- documents -------------------------------------------------------------------------------------------------------


def test_a_document_is_a_pdf_with_its_text() -> None:
    """Chinese and Latin in one; what a value holds is no markup of the document."""
    found = pdf(made(row("a", "老客户 #strong[x] $y$ \\ @z <w>", 10)), "zh", families=None)
    assert found[:5] == b"%PDF-"
    assert len(re.findall(rb"/Type ?/Page\b", found)) >= 1


def test_a_machine_without_chinese_fonts_is_told_what_to_install() -> None:
    """Latin text needs none."""
    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        fonts_for("客户", ["DejaVu Sans"])
    assert fonts_for("Customers", ["DejaVu Sans"]) == ["DejaVu Sans"]
    assert fonts_for("客户", ["SimSun", "Noto Sans CJK SC", "Arial"]) == ["Noto Sans CJK SC", "Arial"]


# --- sheets and data -------------------------------------------------------------------------------------------------


def test_a_sheet_has_numbers_where_there_are_numbers() -> None:
    """Amounts in major units, shares as parts, days as days; texts are texts."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx(RUN))).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["Label", "Customers", "Amount", "Rate", "Day"]
    assert sheet[1] == ["老客户", 10.0, 15.0, 0.1, date(2026, 5, 1)]
    assert sheet[3][1:4] == ["withheld", "withheld", "withheld"]
    assert sheet[4][:2] == ["Total", 12.0]


def test_a_sheet_has_no_formula() -> None:
    """What begins like one is a text: there is no formula and no link in the whole workbook."""
    with ZipFile(io.BytesIO(xlsx(RUN))) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name)
    assert b"<f>" not in content
    assert b"hyperlink" not in content


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "＝1"])
def test_a_cell_of_csv_is_no_formula(text: str) -> None:
    """One quote stands before what a spreadsheet would calculate."""
    found = as_csv(made(row("a", text, 1))).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(found.partition("\n")[2])))[0] == f"'{text}"


def test_csv_has_plain_values_and_both_ends_of_intervals() -> None:
    """For programs: no separators of thousands, no currency signs."""
    found = list(csv.DictReader(io.StringIO(as_csv(RUN).decode("utf-8-sig"))))
    assert [line["Label"] for line in found[:1]] == ["老客户"]
    assert (found[0]["Customers"], Decimal(found[0]["Amount"]), found[0]["Day"]) == ("10", Decimal(15), "2026-05-01")
    assert float(found[0]["Rate (low)"]) < 0.1 < float(found[0]["Rate (high)"])
    assert found[2]["Customers"] == "withheld"


def test_json_has_everything_plain_and_worded() -> None:
    """Values for programs, texts for people, definitions, intervals, and when and for whom it holds."""
    found = json.loads(as_json(RUN, "zh"))
    first = found["rows"][0]
    assert first["values"]["amount"] == {"amount": "15.00", "currency": "CNY"}
    assert first["texts"]["amount"] == "¥15.00"
    assert first["intervals"]["rate"]["n"] == 100
    assert found["rows"][2]["withheld"] == ["customers", "amount", "rate"]
    assert (found["as_of"], found["scope"]) == ("2026-06-01T04:00:00Z", "visible")
    assert "secret" not in json.dumps(found)
