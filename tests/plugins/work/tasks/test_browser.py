"""The work list in a real browser: jotted down, done, put aside, with a screen reader and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.plugins.work.tasks.test_pages import HOME, Desk, desk
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["desk", "served", "visit"]

Visitor = Callable[..., Visit]


@pytest.fixture
def sqlite_web(desk: Desk) -> Web:
    """What is served: the desk."""
    return desk.web


def test_a_day_at_the_list(desk: Desk, visit: Visitor) -> None:
    """A task is jotted down and stands there; one is done, another one put aside, and both are gone."""
    seen = visit("sam")
    seen.go(HOME)
    page = seen.page
    page.get_by_placeholder("What is to be done", exact=True).fill("Buy stamps")
    page.locator("#jot-due").fill("tomorrow 10:00")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Buy stamps").wait_for()
    page.get_by_role("button", name="Done: Call back").click()
    page.get_by_role("link", name="Call back").wait_for(state="detached")
    page.locator("summary", has_text="").and_(page.get_by_label("Put aside: Letter")).click()
    page.get_by_role("button", name="Next week").and_(page.locator("details[open] button")).click()
    page.get_by_role("link", name="Letter").wait_for(state="detached")
    assert (desk.task("Call back").state, desk.task("Letter").snoozed_until is not None) == ("done", True)


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(desk: Desk, visit: Visitor, width: int, dark: bool, language: str) -> None:
    """Everything can be read, reached and named, on a wide and on a narrow screen."""
    seen: Any = visit("sam", width=width, dark=dark, language=language)
    for path in (HOME, f"/modules/work/task?id={desk.tasks['Call back'].id}"):
        seen.go(path)
        assert faults_of(seen.page) == []
