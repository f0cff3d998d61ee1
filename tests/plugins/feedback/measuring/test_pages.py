"""The pages of satisfaction as people use them, in both languages, with names that are hostile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from crmkit_feedback.improving.models import Annotation

from tests.conftest import Templates
from tests.plugins.feedback.measuring.poll import answer, customers, put, respond, survey
from tests.web.conftest import Web, behind_doors

NASTY = "<script>alert(1)</script>{{ 77777*3 }}"
PATHS = (
    "/satisfaction",
    "/satisfaction?by=BU&span=all",
    "/satisfaction?by=nonsense",
    "/trend",
    "/trend?step=week&span=90",
)


def fill(web: Web) -> None:
    """A survey that was answered twice by each of some customers, a fall at the end."""
    crm = web.crm
    of = survey(crm, title=NASTY)
    people = customers(crm, 12)
    now = crm.gate.clock.business_now()
    for month in range(10):
        at = now - timedelta(days=30 * (10 - month) - 5)
        for place, each in enumerate(people):
            score = 0 if month == 9 else (10, 8, 9, 3)[(place + month) % 4]
            made = respond(crm, of, [score], customer_id=each, at=at, created_at=at, attributes={"BU": NASTY})
            answer(crm, of, made, "speed", [1 + score // 3])
    put(crm, Annotation, [{"day": now.date() - timedelta(days=25), "title": NASTY}])


@pytest.fixture
def polled(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A base with such a survey."""
    with behind_doors(templates, "sqlite", tmp_path, "feedback", fill=fill) as web:
        yield web


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_shown_and_nothing_in_them_is_run(polled: Web, language: str) -> None:
    """Every page is there in both languages, and what people have written stays text."""
    client = polled.client("ada", language=language)
    for path in PATHS:
        response = client.get("/modules/feedback" + path)
        assert response.status_code == 200, (path, response.text[:2000])
        assert "<script>alert(1)" not in response.text
        assert "233331" not in response.text
        assert "CK9" not in response.text, path
    assert "<svg" in client.get("/modules/feedback/satisfaction").text


def test_a_fall_is_told_on_the_trend_page(polled: Web) -> None:
    """The last month lies below its limits, and the page says so."""
    page = polled.client("ada").get("/modules/feedback/trend").text
    assert "Below its limits" in page
    assert "polyline" in page


def test_a_base_without_surveys_says_so(templates: Templates, tmp_path: Path) -> None:
    """Both pages are there before anything was asked."""
    with behind_doors(templates, "sqlite", tmp_path, "feedback") as web:
        client = web.client("ada")
        for path in ("/satisfaction", "/trend"):
            assert "There is no survey yet" in client.get("/modules/feedback" + path).text


def test_the_first_page_has_the_score(polled: Web) -> None:
    """The card of the first page leads to the figures."""
    assert "/modules/feedback/satisfaction" in polled.client("ada").get("/").text
