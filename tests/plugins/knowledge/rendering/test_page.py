"""The page of links shows both ends, whatever titles and addresses hold."""

from __future__ import annotations

import pytest

from tests.plugins.knowledge.desk.conftest import HOSTILE, Desk, desk as _desk

desk = _desk


@pytest.mark.parametrize(("language", "why"), [("en", "There is no such article"), ("zh-Hans", "missing-link")])
def test_links_that_lead_nowhere_are_shown(desk: Desk, language: str, why: str) -> None:
    """With the article, the address and the reason."""
    desk.publish(desk.write(f"Alone {HOSTILE}", "[a](missing-link)"))
    page = desk.text("/links", language=language)
    assert HOSTILE not in page
    assert "missing-link" in page
    assert why in page
