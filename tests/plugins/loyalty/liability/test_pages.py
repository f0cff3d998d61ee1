"""The page of what points will cost, the way to it, and the reports behind it."""

from __future__ import annotations

import re

import pytest

from tests.plugins.loyalty.desk.conftest import HOSTILE, Desk, desk as desk

PATH = "/modules/loyalty/liability"


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_page_has_the_lines_and_takes_no_text_for_markup(desk: Desk, language: str) -> None:
    """The member got 1,000 points and redeemed 500; 50 of those left are reserved."""
    text = desk.text(PATH, "mia", language)
    assert HOSTILE not in text
    assert "%(" not in text
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "5.00 CNY" in plain or "5.00" in plain, "500 points of a fen"
    if language == "en":
        assert re.search(r"Adjusted 1,000|Earned 1,000", plain)
        assert "At the end 500" in plain
        for name in ("programme's sides", "balances", "lots"):
            assert re.search(rf"Difference to the {name} 0\b", plain.replace("&#39;", "'")), name
        assert "Too little has happened for an estimate" in plain


def test_days_can_be_chosen_and_nonsense_is_passed_over(desk: Desk) -> None:
    plain = " ".join(re.sub(r"<[^>]+>", " ", desk.text(f"{PATH}?last=2001-01-01")).split())
    assert "At the end 0" in plain
    assert "Difference to the balances" not in plain, "they are kept for the present alone"
    assert "At the end 500" in " ".join(re.sub(r"<[^>]+>", " ", desk.text(f"{PATH}?first=x&last=y&program=z")).split())


def test_who_may_not_see_it_does_not(desk: Desk) -> None:
    assert 404 == desk.web.client("sue").get(PATH).status_code
    assert PATH not in desk.text("/modules/loyalty/overview", "sue")


def test_the_overview_leads_there(desk: Desk) -> None:
    assert f'href="{PATH}"' in re.sub(
        r"<nav.*?</nav>|<aside.*?</aside>", "", desk.text("/modules/loyalty/overview"), flags=re.S
    )


@pytest.mark.parametrize("name", ["loyalty.liability", "loyalty.breakage", "loyalty.redemption_age"])
def test_the_reports_run(desk: Desk, name: str) -> None:
    found = desk.web.client("mia").get(f"/reports/{name}")
    assert 200 == found.status_code
    assert HOSTILE not in found.text
