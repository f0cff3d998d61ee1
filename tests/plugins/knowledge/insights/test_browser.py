"""The page of insights in a real browser, narrow and in Chinese: nothing sticks out, and everything can be named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crmkit import Actor
from tests.web.accessible import faults_of
from tests.web.conftest import Web, served, sqlite_web, visit

__all__ = ["served", "sqlite_web", "visit"]

SYSTEM = Actor.system("a test")
HOME = "/modules/knowledge/insights"


@pytest.fixture
def busy(sqlite_web: Web) -> Web:
    """Promises of all ages, and insights of all kinds."""
    crm, lin = sqlite_web.crm, sqlite_web.customers["Wang Lin"]
    crm.enable("knowledge")
    with crm.session(SYSTEM) as session:
        today = session.today()

    def note(topic: str, text: str, **more: Any) -> Any:
        values = {"customer_id": lin, "topic": topic, "text": text, "owner_id": sqlite_web.users["sam"], **more}
        return crm.run(SYSTEM, "knowledge.insight.note", values)

    for days in (0, 1, 9):
        note("follow_up", f"We call back with a rather long answer {days}", due_on=today + timedelta(days=days))
    note("packaging", "NoPlasticAtAllNeitherInsideNorOutside" * 2, expires_on=today + timedelta(days=4))
    note("allergy", "Nuts", source="observed")
    note("packaging", "Paper", learnt_at=crm.gate.clock.business_now() - timedelta(days=40))
    gone = note("allergy", "Milk")
    crm.run(SYSTEM, "knowledge.insight.withdraw", {"why": "wrong", "outcome": "It was the cat"}, target=gone.id)
    return sqlite_web


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(busy: Web, visit: Callable[..., Any], width: int, dark: bool, language: str) -> None:
    seen, lin = visit("sam", width=width, dark=dark, language=language), busy.customers["Wang Lin"]
    for path in (HOME, f"{HOME}?customer={lin}", f"/customers/{lin}"):
        seen.go(path)
        assert faults_of(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
