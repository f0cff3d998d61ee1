"""Bringing files in and taking records out over the API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crmkit import Actor
from crmkit.core.operations.tables import AuditRecord
from tests.web.conftest import Web
from tests.web.rest.callers import Callers, calling

SYSTEM = Actor.system("tests of import and export")
FILE = b"name,email,city\nZed,zed@example.com,Paris\n,bad,\nYan,not-an-email,Rome\n"
CSV = {"content-type": "text/csv"}


@pytest.fixture
def api(sqlite_web: Web) -> Iterator[Callers]:
    """The API of a customer base of this test alone."""
    with calling(sqlite_web) as found:
        yield found


def audited(api: Callers, action: str) -> int:
    """Return how many records of an action the audit log has."""
    with api.crm.session(SYSTEM) as session:
        return len(session.scalars(select(AuditRecord).where(AuditRecord.operation == action)).all())


def brought(api: Callers, login: str = "mia", content: bytes = FILE, **query: Any) -> Any:
    """Import a file and return the answer."""
    return api.call(
        login, "POST", "/imports", content=content, params={"file_name": "people.csv", **query}, headers=CSV
    )


def test_a_plan_shows_what_would_be_read_and_writes_nothing(api: Callers) -> None:
    """Columns with their fields, and the first rows as they would be read."""
    plan = api.call(
        "mia", "POST", "/imports/plan", content=FILE, params={"file_name": "people.csv"}, headers=CSV
    ).json()
    assert [each["field"] for each in plan["columns"]] == ["name", "email", "city"]
    assert [row["values"].get("name") for row in plan["first_rows"]] == ["Zed", None, "Yan"]
    assert api.get("mia", "/imports")["data"] == []


def test_an_import_says_what_became_of_the_rows(api: Callers) -> None:
    """Good rows go in, rejected ones come back in a file that can be mended."""
    report = brought(api).json()
    assert (report["created"], report["rejected"]) == (1, 2)
    shown = api.get("mia", f"/imports/{report['import_id']}")
    assert (shown["state"], shown["counts"]["rejected"]) == ("done", 2)
    rejected = api.call("mia", "GET", f"/imports/{report['import_id']}/rejected")
    assert "attachment" in rejected.headers["content-disposition"]
    assert len(list(csv.DictReader(io.StringIO(rejected.text.lstrip("\ufeff"))))) == 2
    assert "/" not in json.dumps({**shown, "rejected_rows": None})


def test_rejected_rows_are_nobody_elses(api: Callers) -> None:
    """Whoever neither brought the file in nor sees all customers is told of no such import."""
    id = brought(api).json()["import_id"]
    for path in (f"/imports/{id}", f"/imports/{id}/rejected"):
        assert api.call("sam", "GET", path).status_code == 404
        assert api.call("ada", "GET", path).status_code == 200
    assert api.get("sam", "/imports")["data"] == []


def test_only_files_of_the_imports_own_folder_are_given_out(api: Callers) -> None:
    """An import by the command line may have its rejected rows anywhere on the machine: that is not given out."""
    id = brought(api).json()["import_id"]
    with api.crm.engines.system_write.begin() as connection:
        connection.exec_driver_sql("UPDATE crm_import SET rejected_file = '/etc/passwd'")
    assert api.call("mia", "GET", f"/imports/{id}/rejected").status_code == 404
    assert api.get("mia", f"/imports/{id}")["rejected_rows"] is None


def test_an_import_tells_its_progress_line_by_line(api: Callers) -> None:
    """With lines asked for, the report is the last of them."""
    answer = api.call(
        "mia",
        "POST",
        "/imports",
        content=FILE,
        params={"file_name": "people.csv"},
        headers={**CSV, "accept": "application/x-ndjson"},
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [*lines[0]] == ["progress"]
    assert lines[-1]["report"]["created"] == 1


def test_an_import_is_taken_back(api: Callers) -> None:
    """What it added is gone; a second time there is nothing to take back."""
    id = brought(api).json()["import_id"]
    assert api.post("mia", f"/imports/{id}/revert", {}).json()["removed"] == 1
    assert api.post("mia", f"/imports/{id}/revert", {}).status_code == 409
    assert api.post("sam", f"/imports/{id}/revert", {}).status_code == 404


def test_the_same_file_is_not_imported_twice_by_accident(api: Callers) -> None:
    """A second time is a conflict, unless it is meant."""
    assert brought(api).status_code == 200
    assert brought(api).status_code == 409
    assert brought(api, again=True).json()["duplicates"] == 1


def test_who_may_not_import_or_export_does_neither(api: Callers) -> None:
    """Without the right nothing is even looked at."""
    assert brought(api, "sam").status_code == 403
    assert api.call("sam", "POST", "/imports/plan", content=FILE, headers=CSV).status_code == 403
    assert api.post("sam", "/exports", {}).status_code == 403


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_export_has_what_its_reader_sees_and_is_audited(api: Callers, form: str) -> None:
    """In each form there are the reader's customers, without what is sealed, and one record of who took them."""
    answer = api.post("mia", "/exports", {"resource": "customers", "format": form})
    assert answer.status_code == 200
    if form == "xlsx":
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        names = [row[rows[0].index("name")] for row in rows[1:]]
    elif form == "csv":
        names = [row["name"] for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))]
    else:
        names = [json.loads(line)["name"] for line in answer.text.splitlines()]
    listed = api.get("mia", "/customer", limit=100)["data"]
    assert sorted(names) == sorted(each["name"] for each in listed)
    assert "example.com" not in answer.text
    assert "email" in answer.headers["x-crmkit-left-out"]
    assert audited(api, "data.export") == 1


def test_revealing_needs_a_reason(api: Callers) -> None:
    """What is sealed leaves with a reason and the right to reveal alone."""
    assert api.post("mia", "/exports", {"reveal": True}).status_code == 422
    answer = api.post("mia", "/exports", {"reveal": True, "reason": "the customer asked"})
    assert "@example.com" in answer.text


def test_facts_leave_in_three_forms_and_are_audited(api: Callers) -> None:
    """CSV, lines and Arrow hold the same rows."""
    import pyarrow

    body = {"names": ["contact.email_count"], "where": "contact.has_email"}
    table = csv.DictReader(io.StringIO(api.post("mia", "/facts/frame", {**body, "format": "csv"}).text))
    lines = [json.loads(line) for line in api.post("mia", "/facts/frame", {**body, "format": "json"}).text.splitlines()]
    arrow = pyarrow.ipc.open_file(api.post("mia", "/facts/frame", {**body, "format": "arrow"}).content).read_all()
    ids = [row["customer"] for row in table]
    assert len(ids) > 0
    assert ids == [line["customer"] for line in lines] == arrow.column("customer").to_pylist()
    assert audited(api, "data.export") == 3


def test_a_condition_that_cannot_be_read_is_told_before_anything_is_sent(api: Callers) -> None:
    """What is wrong shows as a problem, not as a broken file, and no export is on record as made."""
    assert api.post("mia", "/exports", {"where": ["nothing=1"]}).status_code == 422
    assert api.post("mia", "/facts/frame", {"names": ["no.such"]}).status_code == 404
    assert api.post("mia", "/segments/export", {"where": "purchase.count >"}).status_code == 422
    assert audited(api, "data.export") == 0


def test_a_segment_leaves_with_facts(api: Callers) -> None:
    """The customers of a condition, whom the caller may export, with the facts that were asked for."""
    answer = api.post(
        "mia", "/segments/export", {"where": "contact.has_email", "facts": ["contact.email_count"], "format": "jsonl"}
    )
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert found
    assert {tuple(each) for each in found} == {("customer_id", "contact.email_count")}
    assert audited(api, "segment.export") >= 1
