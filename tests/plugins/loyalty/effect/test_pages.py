"""The page of what a programme brings, its reports, and its commands."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.loyalty.desk.conftest import HOSTILE, Desk, desk as desk

crmkit, pristine = _crmkit, _pristine
PATH = "/modules/loyalty/effect"


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_page_is_shown_and_no_text_is_taken_for_markup(desk: Desk, language: str) -> None:
    text = desk.text(PATH, "mia", language)
    assert HOSTILE not in text
    assert "%(" not in text
    if language == "en":
        plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
        assert "Nobody was held out" in plain
        assert "None 1" in plain, "the member had no tier a year ago"


def test_nonsense_in_the_address_is_passed_over(desk: Desk) -> None:
    assert "Nobody was held out" in desk.text(f"{PATH}?days=-1&margin=x&first=y&last=z&program=none")


def test_who_may_not_see_it_does_not(desk: Desk) -> None:
    assert 404 == desk.web.client("sue").get(PATH).status_code


@pytest.mark.parametrize("name", ["loyalty.effect", "loyalty.tier_migration"])
def test_the_reports_run(desk: Desk, name: str) -> None:
    assert 200 == desk.web.client("mia").get(f"/reports/{name}").status_code


def test_the_commands(crmkit: Crmkit) -> None:
    crmkit.has("loyalty")
    assert [] == crmkit.json("loyalty", "effect")["items"]
    crmkit.ok("run", "loyalty.program.create", "name=club")
    found = crmkit.json("loyalty", "effect", "--days", "30", "--margin", "40")
    assert ["members", "held_out"] == [each["group"] for each in found["items"]]
    assert (False, None, 30) == (found["told"], found["return"], found["days"])
    assert "Nobody was held out" in crmkit.ok("loyalty", "effect").out
    assert [] == crmkit.json("loyalty", "migration", "--from", "2020-01-01")["items"]
    assert crmkit("loyalty", "effect", "--days", "0").code == 2
