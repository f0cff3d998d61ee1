"""The export page: who may, what the file holds, and that nobody keeps a copy on the server."""

from __future__ import annotations

from crmkit.core.store.clock import system_now
from tests.web.conftest import Web
from tests.web.imports.steps import uploads_of


def test_there_is_no_export_without_the_right(sqlite_web: Web) -> None:
    """Neither a seller nor an administrator without the right finds the page."""
    for login in ("sam", "ada"):
        client = sqlite_web.client(login)
        assert 404 == client.get("/exports").status_code
        assert 404 == client.post("/exports", {"resource": "customers"}).status_code


def test_an_export_has_the_chosen_columns_of_ones_own_customers(sqlite_web: Web) -> None:
    """The file holds what the exporter may see, in the columns that were chosen, and none is left on the server."""
    client = sqlite_web.client("mia")
    response = client.post("/exports", {"resource": "customers", "column": ["name", "city"], "where": "city=London"})
    assert 200 == response.status_code, response.text
    lines = response.content.decode("utf-8-sig").splitlines()
    assert ["name,city", "Blue Kettle Ltd,London"] == [line.replace('"', "") for line in lines]
    assert f"customers-{system_now():%Y-%m-%d}.csv" in response.headers["content-disposition"]
    assert [] == uploads_of(sqlite_web)


def test_a_cell_that_a_spreadsheet_would_run_is_guarded(sqlite_web: Web) -> None:
    """Narrowing the columns takes away no guard against formulas."""
    web = sqlite_web
    made = {"name": "=1+1", "kind": "person", "owner_id": str(web.users["mia"])}
    web.crm.run(web.crm.system("a sample for tests"), "customer.create", made)
    text = web.client("mia").post("/exports", {"resource": "customers", "column": ["name"]}).text
    assert "'=1+1" in text


def test_a_condition_that_cannot_be_read_is_refused_at_its_field(sqlite_web: Web) -> None:
    """What was typed comes back with what is wrong; no file is left on the server."""
    response = sqlite_web.client("mia").post("/exports", {"resource": "customers", "where": "nonsense"})
    assert 422 == response.status_code
    assert "nonsense" in response.text
    assert "field-problem" in response.text
    assert [] == uploads_of(sqlite_web)


def test_revealing_needs_a_reason(sqlite_web: Web) -> None:
    """What is sealed is written only with a reason."""
    client = sqlite_web.client("mia")
    given = {"resource": "customers", "reveal": "true", "column": ["name", "email"]}
    assert "A reason is required." in client.post("/exports", given).text
    assert "@example.com" in client.post("/exports", {**given, "reason": "moving to another system"}).text
