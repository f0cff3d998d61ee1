"""The pages on which rules and promotions are tried, and the commands."""

from __future__ import annotations

import re

import pytest
from crmkit_loyalty.commands import loyalty

from tests.plugins.loyalty.desk.conftest import HOSTILE, Desk, desk as desk

TRY = "/modules/loyalty/try"
REPLAY = "/modules/loyalty/what-if"
PROMOTIONS = "/modules/loyalty/promotions"


def _version(desk: Desk, path: str) -> str:
    found = re.search(r'<option value="([0-9a-f-]{36})"', desk.text(path))
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_purchase_is_tried(desk: Desk, language: str) -> None:
    path = f"{TRY}?version={_version(desk, TRY)}&sku1=TEA&amount1=4&customer={desk.customer}"
    text = desk.text(path, "sue", language)
    assert HOSTILE not in text
    assert re.search(r">40<", text)


def test_what_cannot_be_tried_is_said(desk: Desk) -> None:
    version = _version(desk, TRY)
    for said in ("amount1=x", "amount1=NaN", "customer=x", "amount1=5&quantity1=Infinity"):
        assert 'role="alert"' in desk.text(f"{TRY}?version={version}&{said}")
    assert 'role="alert"' in desk.text(f"{TRY}?version=99&amount1=5")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_past_months_are_replayed(desk: Desk, language: str) -> None:
    text = desk.text(f"{REPLAY}?version={_version(desk, REPLAY)}&months=3", "sue", language)
    assert HOSTILE not in text
    assert "ck-chart" in text
    assert 'role="alert"' in desk.text(f"{REPLAY}?version=99", "sue", language)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_promotions_are_shown_and_tried(desk: Desk, language: str) -> None:
    made = desk.run(
        "loyalty.promotion.create", name="ten", title=HOSTILE, kind="percent", percent="10", condition="amount > 5"
    )
    text = desk.text(f"{PROMOTIONS}?sku1=TEA&quantity1=3&price1=100&drafts=yes&number=NONE", "mia", language)
    assert HOSTILE not in text
    assert re.search(r"270", text)
    assert f"/operations/loyalty.promotion.publish?target={made.id}" in text
    assert "/operations/loyalty.promotion.publish" not in desk.text(PROMOTIONS, "sue", language)
    assert 'role="alert"' in desk.text(f"{PROMOTIONS}?price1=x")


def test_the_report_runs(desk: Desk) -> None:
    found = desk.web.client("ann").get("/reports/loyalty.what_if")
    assert found.status_code == 200


def test_commands_are_there() -> None:
    assert {"try", "what-if"} <= set(loyalty.commands)
