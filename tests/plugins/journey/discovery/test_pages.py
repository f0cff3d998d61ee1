"""The page of what customers do, and the report of their ways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Web

HOSTILE = "<script>alert('x')</script>"
ADDRESS = "/modules/journey/discover"


def text(web: Web, query: str = "", login: str = "mia", language: str = "en", status: int = 200) -> str:
    """Return the page as somebody sees it."""
    answer = web.client(login, language=language).get(ADDRESS + query)
    assert answer.status_code == status, answer.text[:3000]
    return str(answer.text)


def happen(web: Web, kind: str, **more: Any) -> None:
    """Record an interaction with a customer."""
    customer = web.customers["Blue Kettle Ltd"]
    values = {"kind": kind, "customer_id": customer, "occurred_at": web.crm.clock.business_now(), **more}
    web.crm.run(web.crm.system("a test"), "interaction.record", values)


def test_without_events_the_page_says_so(web: Web) -> None:
    assert "Nothing happened in this time" in text(web)
    assert "Nothing happened in this time" in text(web, "?by=nonsense&least=x&since=x&kinds=,&activity=x&funnel=,")


def test_the_graph_and_its_table_are_shown(web: Web) -> None:
    for kind in ("call", "email", "call", "call", "meeting"):
        happen(web, kind)
    page = text(web, "?funnel=call,meeting,purchase")
    assert "<svg" in page
    assert "call → email" in page
    assert "call → email → call → call → meeting" in page
    assert "Silent for 30 days" in page
    assert 'name="least" min="1"' in page
    assert "The time ends before it begins" in text(web, "?since=2027-01-02&until=2027-01-01")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_texts_are_inert(web: Web, language: str) -> None:
    happen(web, "note", outcome=HOSTILE)
    happen(web, "note", outcome="after")
    page = text(web, f"?kinds=note,{HOSTILE}&funnel={HOSTILE},after", language=language)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_who_has_no_right_has_no_page(web: Web) -> None:
    answer = web.client("sue").get(ADDRESS)
    assert answer.status_code in (403, 404)
