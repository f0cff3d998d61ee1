"""Every Python sample of these pages runs, block after block, as a reader would type them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crmkit import CRM

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TESTED_ELSEWHERE = {"docs/hooks.md", "docs/tutorial-plugin.md", "docs/vendors.md"}
"""Compared with the code, and run where they stand alone, by tests/hooks and tests/vendor."""


def nothing() -> dict[str, Any]:
    """Give a page nothing: it begins at the beginning."""
    return {}


def shop_with_a_file() -> dict[str, Any]:
    """Give a page a database, and a file to import."""
    CRM.init("sqlite:///shop.db").close()
    Path("customers.csv").write_text("id,name,custom.shoe_size\n1,Ada Byron,38\n", "utf-8")
    return {}


def shop_with_a_workbook() -> dict[str, Any]:
    """Give a page a database, and a workbook to import."""
    import xlsxwriter

    CRM.init("sqlite:///shop.db").close()
    book = xlsxwriter.Workbook("customers.xlsx")
    sheet = book.add_worksheet("Kunden 2024")
    sheet.write_row(0, 0, ["name", "email"])
    sheet.write_row(1, 0, ["Ada Byron", "ada@example.com"])
    book.close()
    return {}


def shop_with_warranties() -> dict[str, Any]:
    """Give a page an open CRM beside which the example plugin is installed."""
    sys.path.insert(0, str(ROOT / "examples" / "crmkit-warranty"))
    from crmkit_warranty.manifest import MANIFEST

    return {"crm": CRM.init("sqlite:///shop.db", plugins=[MANIFEST])}


def open_shop() -> dict[str, Any]:
    """Give a page an open CRM."""
    return {"crm": CRM.init("sqlite:///shop.db")}


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "docs/survivorship.md": open_shop,
    "README.md": nothing,
    "docs/audit.md": nothing,
    "docs/classification.md": open_shop,
    "docs/collaboration.md": open_shop,
    "docs/message-templates.md": open_shop,
    "docs/config.md": open_shop,
    "docs/duplicates.md": open_shop,
    "docs/embedding.md": nothing,
    "docs/encryption.md": open_shop,
    "docs/expressions.md": nothing,
    "docs/experiments.md": open_shop,
    "docs/facts.md": open_shop,
    "docs/formats.md": shop_with_a_workbook,
    "docs/import.md": shop_with_a_file,
    "docs/jobs.md": open_shop,
    "docs/matching.md": open_shop,
    "docs/merging.md": open_shop,
    "docs/pages.md": nothing,
    "docs/privacy.md": nothing,
    "docs/sign-in.md": nothing,
    "docs/plugins.md": shop_with_warranties,
    "docs/rest.md": open_shop,
    "docs/rest-data.md": open_shop,
    "docs/public-pages.md": open_shop,
    "docs/rules.md": open_shop,
    "docs/goals.md": open_shop,
    "docs/reports.md": open_shop,
    "docs/sample-data.md": nothing,
    "docs/search.md": open_shop,
    "docs/segments.md": open_shop,
    "docs/statistics.md": nothing,
    "docs/tasks.md": open_shop,
    "docs/users.md": nothing,
    "docs/feedback-loop.md": nothing,
    "docs/feedback-surveys.md": open_shop,
    "docs/feedback-themes.md": nothing,
    "docs/needs-scoring.md": nothing,
    "docs/service-cases.md": open_shop,
    "docs/lifecycle.md": open_shop,
    "docs/lifecycle-measures.md": open_shop,
    "docs/sales-leads.md": open_shop,
    "docs/sales-scoring.md": open_shop,
    "docs/analytics.md": open_shop,
    "docs/analytics-models.md": nothing,
    "docs/value.md": nothing,
    "docs/value-models.md": nothing,
    "docs/sales-prices.md": open_shop,
    "docs/sales-quotes.md": open_shop,
    "docs/sending.md": open_shop,
    "docs/webhooks.md": open_shop,
    "docs/working-calendars.md": open_shop,
    "docs/assignment.md": open_shop,
    "docs/churn.md": open_shop,
    "docs/churn-retention.md": open_shop,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; what is put on the search path is taken off again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_samples_of_a_page_run(page: str, folder: Path) -> None:
    names: dict[str, Any] = {"__name__": "sample", **PAGES[page]()}
    for number, block in enumerate(_BLOCK.findall((ROOT / page).read_text("utf-8")), 1):
        exec(compile(block, f"{page} block {number}", "exec"), names)
    with suppress(KeyError):
        names["crm"].close()


def test_no_page_is_forgotten() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))}
    assert set(PAGES) == {page for page in pages if _BLOCK.search((ROOT / page).read_text("utf-8"))} - _TESTED_ELSEWHERE
