"""The pages of journeys in a real browser: on a screen and a phone, in two languages; a flow is drawn there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.plugins.journey.designer.conftest import Studio
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["served", "visit"]

LONG = "averylongwordwithoutanyplacetobreak" * 3


@pytest.fixture
def sqlite_web(studio: Studio) -> Web:
    """What is served."""
    return studio.web


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 390), ("zh_Hans", 390)])
def test_the_pages_fit_and_are_accessible(
    studio: Studio, visit: Callable[..., Visit], language: str, width: int
) -> None:
    studio.flow(title=LONG)
    passage = studio.enter("care", "Blue Kettle Ltd")
    studio.run("journey.map.install")
    seen = visit("mia", language=language, width=width)
    page: Any = seen.page
    for path in (
        "",
        "/flow?flow=care",
        "/flow?flow=care&version=draft&node=which",
        f"/passage?id={passage}",
        "/failed",
        "/maps",
        "/maps/map?map=buying",
        "/maps/compare?map=buying",
    ):
        seen.go(f"/modules/journey{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page).response["violations"]
        assert [] == [each["id"] for each in found], path


def test_a_flow_is_drawn_by_clicks(studio: Studio, visit: Callable[..., Visit]) -> None:
    """A node is chosen in the drawing, another one put before it, and the draft undone."""
    studio.flow("drawn", "Drawn", publish=False)
    seen = visit("mia")
    page: Any = seen.page
    seen.go("/modules/journey/flow?flow=drawn")
    page.locator("a.flow-box").first.click()
    page.wait_for_selector("#node")
    page.locator("#node .act-row").last.get_by_role("link", name="Task").click()
    page.fill("#f-node", "hello")
    page.fill("#f-task", "Say hello")
    page.locator(".operation-form .btn-primary").click()
    page.wait_for_selector(".flow-drawing >> text=hello")
    page.get_by_role("link", name="Undo").click()
    page.locator(".operation-form .btn-primary").click()
    page.wait_for_selector("text=Redo")
    assert page.locator(".flow-drawing >> text=hello").count() == 0
