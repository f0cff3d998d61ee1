"""The pages of questions and of helpfulness in a real browser: on a screen and a phone, in two languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.plugins.knowledge.asked.test_pages import several
from tests.plugins.knowledge.desk.conftest import Desk
from tests.plugins.knowledge.helpful.test_pages import votes
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["served", "visit"]

LONG = "averylongwordwithoutanyplacetobreak" * 3


@pytest.fixture
def sqlite_web(desk: Desk) -> Web:
    """What is served: the base of the desk."""
    return desk.web


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 390), ("zh_Hans", 390)])
def test_the_pages_fit_and_are_accessible(desk: Desk, visit: Callable[..., Visit], language: str, width: int) -> None:
    several(desk, "gift card for my sister")
    several(desk, LONG, 4)
    article = desk.publish(desk.write(LONG))
    votes(desk, article, 1, 4, comment=LONG, reason="incomplete")
    seen = visit("mia", language=language, width=width)
    page: Any = seen.page
    for path in ("/questions", "/helpfulness"):
        seen.go(f"/modules/knowledge{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page).response["violations"]
        assert [] == [each["id"] for each in found], path
