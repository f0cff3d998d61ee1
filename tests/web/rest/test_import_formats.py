"""Workbooks and address cards over the API: found by their content, with sheets to choose, and handed out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.exchange.readers import open_rows
from tests.exchange.workbooks import book
from tests.web.conftest import Web
from tests.web.rest.callers import Callers, calling

CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zed Zimmer\r\nEMAIL:zed@example.com\r\nEND:VCARD\r\n"
BAD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Yan\r\nEMAIL:nonsense\r\nEND:VCARD\r\n"


@pytest.fixture
def api(sqlite_web: Web) -> Iterator[Callers]:
    """The API of a customer base of this test alone."""
    with calling(sqlite_web) as found:
        yield found


def sent(api: Callers, path: str, content: bytes, **query: Any) -> Any:
    """Send a file, said to be CSV, and return the answer."""
    return api.call("mia", "POST", path, content=content, params=query, headers={"content-type": "text/csv"}).json()


def test_a_plan_names_the_sheets(api: Callers, tmp_path: Path) -> None:
    """Whatever the call says that it is, a workbook is one; its sheets are listed, and one is chosen."""
    content = book(tmp_path / "a.xlsx", [["name"], ["Zoe"]], [["name"], ["Zack"], ["Zara"]]).read_bytes()
    plan = sent(api, "/imports/plan", content)
    assert (plan["format"], plan["sheet"]) == ("xlsx", "Sheet1")
    assert [(each["name"], each["rows"], each["hidden"]) for each in plan["sheets"]] == [
        ("Sheet1", 2, False),
        ("Sheet2", 3, False),
    ]
    report = sent(api, "/imports", content, sheet="Sheet2")
    assert (report["read"], report["created"]) == (2, 2)


def test_rejected_cards_come_back_as_cards(api: Callers) -> None:
    """The cards that could not be imported are handed out as a file of cards."""
    report = sent(api, "/imports", CARD + BAD, file_name="a.vcf")
    assert (report["created"], report["rejected"]) == (1, 1)
    answer = api.call("mia", "GET", f"/imports/{report['import_id']}/rejected")
    assert answer.headers["content-type"].startswith("text/vcard")
    assert b"X-CRMKIT-REJECTED-PROPERTY:EMAIL" in answer.content


def test_a_workbook_and_cards_are_exported(api: Callers, tmp_path: Path) -> None:
    """All forms are made; what is sealed is empty in them; only customers have cards."""
    sent(api, "/imports", CARD)
    for form, ending in (("xlsx", "xlsx"), ("vcard", "vcf"), ("vcard3", "vcf")):
        answer = api.post("mia", "/exports", {"resource": "customers", "format": form})
        assert answer.status_code == 200, answer.text
        assert f"customers.{ending}" in answer.headers["content-disposition"]
        path = tmp_path / f"{form}.{ending}"
        path.write_bytes(answer.content)
        assert b"zed@example.com" not in answer.content
        source = open_rows(path)
        assert "Zed Zimmer" in [source.mapping(row)["name"] for row in source]
    assert api.post("mia", "/exports", {"resource": "purchases", "format": "vcard"}).status_code == 422
