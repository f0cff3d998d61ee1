"""Pages of reports: which there are for whom, what is asked, the rows behind a figure, files and schedules."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmkit.scaffold import render
from crmkit.testing import Clients, Workbench, people
from crmkit.testing.workbench import subject
from tests.web.conftest import Web
from tests.web.deciding.conftest import buy, plain


@pytest.fixture
def bought(sqlite_web: Web) -> Web:
    """Customers who have bought."""
    buy(sqlite_web)
    return sqlite_web


def test_the_catalogue_has_the_reports_that_one_may_run(bought: Web) -> None:
    """Reports of the audit log are for who may read that; without reports at all it is said what is needed."""
    found = {login: bought.client(login).get("/reports").text for login in ("ada", "sam")}
    assert ("audit.sign_ins" in found["ada"], "audit.sign_ins" in found["sam"]) == (True, False)
    assert "purchase.summary" in found["sam"]
    assert 403 == bought.client("sam").get("/reports/audit.sign_ins").status_code
    assert 404 == bought.client("sam").get("/reports/no.such").status_code


def test_reports_of_a_plugin_are_below_its_title(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not below the name that its tables have."""
    render("web_loans", tmp_path / "plugin", parts=("reports",), title="Equipment on loan")
    monkeypatch.syspath_prepend(tmp_path / "plugin")
    bench = Workbench(subject=subject("crmkit_web_loans.manifest:MANIFEST"), folder=tmp_path)
    with bench.crm() as crm:
        clients = Clients(crm=crm)
        page = clients(people.tester(crm)).get("/reports").text
        clients.close()
    assert '<h2 class="section-title">Equipment on loan</h2>' in page
    assert "web_loans.due" in page


def test_a_report_shows_figures_charts_and_what_they_mean(bought: Web) -> None:
    """With its parameters in the address, so that the address can be handed on."""
    page = bought.client("ada").get("/reports/customer.by_label?dimension=activity").text
    assert '<svg class="ck-chart"' in page
    assert 'role="tooltip"' in page
    assert "style=" not in page
    assert "Low value" not in page
    assert "Show" in plain(page)


def test_a_parameter_that_is_wrong_is_said_at_its_field(bought: Web) -> None:
    """And everything else stays as typed."""
    response = bought.client("ada").get("/reports/purchase.summary?period=someday&by=week&as_of=2020-01-01")
    assert 422 == response.status_code
    assert "This is no period." in plain(response.text)
    for typed in ('value="someday"', 'value="week" selected', 'value="2020-01-01"'):
        assert typed in response.text
    assert 422 == bought.client("ada").get("/reports/purchase.summary?as_of=never").status_code
    assert 422 == bought.client("ada").get("/reports/purchase.summary?nonsense=1").status_code


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_nothing_in_an_address_becomes_markup(bought: Web, attack: str) -> None:
    """Whatever parameters say, known or not."""
    client = bought.client("ada")
    for name in ("period", "dimension", "nonsense", "as_of"):
        assert attack not in client.get("/reports/purchase.summary", params={name: attack}).text


def test_the_rows_behind_a_figure_are_those_that_one_may_see(bought: Web) -> None:
    """The administrator sees everybody behind it, the seller his own."""
    path = "/reports/customer.by_label/rows?dimension=activity&row=active&column=customers"
    found = {login: plain(bought.client(login).get(path).text) for login in ("ada", "sam")}
    assert "李秀英" in found["ada"]
    assert "Sofia" not in found["sam"]


def test_a_file_needs_the_right_to_take_things_out(bought: Web) -> None:
    """Managers get it, and the audit log has it; sellers see why not, and are refused."""
    form = {"format": "csv", "period": "this year"}
    response = bought.client("mia").post("/reports/purchase.summary/download", form)
    assert (200, 'attachment; filename="purchase.summary.csv"') == (
        response.status_code,
        response.headers["content-disposition"],
    )
    client = bought.client("sam")
    assert "Taking figures out as a file needs the right export.run." in client.get("/reports/purchase.summary").text
    assert 403 == client.post("/reports/purchase.summary/download", form).status_code
    assert 404 == bought.client("mia").post("/reports/purchase.summary/download", {"format": "exe"}).status_code


def test_a_report_is_scheduled_and_ended(bought: Web) -> None:
    """With its parameters; what is wrong keeps what was typed."""
    client = bought.client("mia")
    form = {
        "name": "weekly",
        "report": "purchase.summary",
        "cron": "0 7 * * 1",
        "format": "pdf",
        "parameters": "by=week",
    }
    wrong = client.post("/reports/schedules", {**form, "name": "no good name"})
    assert (422, True) == (wrong.status_code, 'value="no good name"' in wrong.text)
    client.post("/reports/schedules", form)
    assert "weekly" in plain(client.get("/reports/schedules").text)
    client.post("/reports/schedules/end", {"name": "weekly"})
    assert "No report is made on a schedule" in client.get("/reports/schedules").text


def test_a_template_is_for_administrators(bought: Web) -> None:
    """What is no template is not kept, and comes back as it was typed."""
    client = bought.client("ada")
    assert 200 == client.get("/reports/purchase.summary/template").status_code
    wrong = client.post("/reports/purchase.summary/template", {"text": "{% if %} as typed"})
    assert (422, True) == (wrong.status_code, "{% if %} as typed" in wrong.text)
    assert 404 == bought.client("mia").get("/reports/purchase.summary/template").status_code
