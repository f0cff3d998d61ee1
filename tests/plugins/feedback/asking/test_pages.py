"""The pages of asking, as people use them, with what people write being hostile, in both languages; and the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")
NASTY = "<script>alert(1)</script>{{ 77777*3 }}"
HOME = "/modules/feedback/distributions"


def fill(web: Web) -> list[Any]:
    """A call list and a link of surveys of every kind of question, with customers."""
    crm = web.crm
    for number in range(3):
        crm.run(SYSTEM, "customer.create", {"name": f"{NASTY} {number}"})
    found = []
    for place, template in enumerate(("market", "call_back", "csat")):
        given = {"name": f"s{place}", "title": NASTY, "template": template, "rest_days": 0}
        survey = crm.run(SYSTEM, "feedback.survey.create", given)
        crm.run(SYSTEM, "feedback.survey.publish", target=survey.id)
        given = {"name": f"d{place}", "title": NASTY, "survey": f"s{place}", "way": "phone", "condition": "true"}
        made = crm.run(SYSTEM, "feedback.distribution.create", given)
        crm.run(SYSTEM, "feedback.distribution.start", target=made.id)
        found.append(made.id)
    crm.worker().run_until_idle()
    return found


@pytest.fixture
def hall(templates: Templates, tmp_path: Path) -> Iterator[tuple[Web, Any]]:
    """A base with them, and their ids."""
    with behind_doors(templates, "sqlite", tmp_path, "work", "feedback", fill=fill) as web:
        yield web, web.told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_shown_and_nothing_in_them_is_run(hall: tuple[Web, Any], language: str) -> None:
    """Every page is there in both languages, and what people have written stays text."""
    web, found = hall
    client = web.client("ada", language=language)
    for path in ("", *(f"/{page}?id={each}" for page in ("one", "call") for each in found)):
        response = client.get(HOME + path)
        assert response.status_code == 200, (path, response.text[:2000])
        assert "<script>alert(1)" not in response.text
        assert "233331" not in response.text
        assert "CK9" not in response.text, path


def test_the_report_is_shown(hall: tuple[Web, Any]) -> None:
    """The report on who answers is there."""
    web, _found = hall
    for by in ("distribution", "survey", "way"):
        response = web.client("ada").get(f"/reports/feedback.response_rate?period=last+90+days&by={by}")
        assert response.status_code == 200, response.text[:2000]
        assert "CK9" not in response.text
