"""The page of insights in a real browser, narrow and in Chinese: nothing sticks out, and everything can be named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor
from tests.conftest import Templates
from tests.web.accessible import faults_of
from tests.web.conftest import Web, behind_doors, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")
HOME = "/modules/knowledge/insights"


def fill(web: Web) -> None:
    """Promises of all ages, and insights of all kinds."""
    crm, lin = web.crm, web.customers["Wang Lin"]
    with crm.session(SYSTEM) as session:
        today = session.today()

    def note(topic: str, text: str, **more: Any) -> Any:
        values = {"customer_id": lin, "topic": topic, "text": text, "owner_id": web.users["sam"], **more}
        return crm.run(SYSTEM, "knowledge.insight.note", values)

    for days in (0, 1, 9):
        note("follow_up", f"We call back with a rather long answer {days}", due_on=today + timedelta(days=days))
    note("packaging", "NoPlasticAtAllNeitherInsideNorOutside" * 2, expires_on=today + timedelta(days=4))
    note("allergy", "Nuts", source="observed")
    note("packaging", "Paper", learnt_at=crm.gate.clock.business_now() - timedelta(days=40))
    gone = note("allergy", "Milk")
    crm.run(SYSTEM, "knowledge.insight.withdraw", {"why": "wrong", "outcome": "It was the cat"}, target=gone.id)


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """What is served: a base with them."""
    with behind_doors(templates, "sqlite", tmp_path, "knowledge", fill=fill) as web:
        yield web


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(
    sqlite_web: Web, visit: Callable[..., Any], width: int, dark: bool, language: str
) -> None:
    seen, lin = visit("sam", width=width, dark=dark, language=language), sqlite_web.customers["Wang Lin"]
    for path in (HOME, f"{HOME}?customer={lin}", f"/customers/{lin}"):
        seen.go(path)
        assert faults_of(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
