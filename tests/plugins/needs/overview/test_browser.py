"""The overview in a real browser, narrow and in Chinese: nothing sticks out, and everything can be named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Templates
from tests.plugins.needs.overview.conftest import SYSTEM, Town
from tests.web.accessible import faults_of
from tests.web.conftest import Web, behind_doors, served, visit

__all__ = ["served", "visit"]


def fill(web: Web) -> None:
    """Needs of all kinds, with those who ask and what was promised."""
    crm = web.crm
    town = Town(crm)
    yesterday = (crm.gate.clock.business_now() - timedelta(days=2)).date()
    needs = [town.need(f"Need {number} with rather a long name", promised_on=yesterday) for number in range(8)]
    for number in range(6):
        one = town.run("customer.create", name=f"Customer {number}", owner_id=web.users["mia"])
        for need in needs[: number + 1]:
            town.run("needs.evidence.add", need, customer_id=one.id, promised_on=yesterday)
    with crm.session(SYSTEM) as session:
        people = [each.customer_id for each in _evidence(session)]
    for number, each in enumerate(people):
        town.run("needs.kano.answer", needs[number % 3], customer_id=each, functional=1 + number % 3, dysfunctional=5)
    town.move(needs[0], "accepted", "in_progress", "delivered")
    town.move(needs[1], "declined", decline="too_costly")
    town.move(needs[2], "accepted")


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """What is served: a copy of the base with them."""
    with behind_doors(templates, "sqlite", tmp_path, "needs", fill=fill) as web:
        yield web


def _evidence(session: Any) -> Any:
    from crmkit_needs.catalogue.models import Evidence
    from sqlalchemy import select

    return session.scalars(select(Evidence)).all()


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(visit: Callable[..., Any], width: int, dark: bool, language: str) -> None:
    seen = visit("mia", width=width, dark=dark, language=language)
    for path in ("/modules/needs/overview", "/modules/needs/priorities"):
        seen.go(path)
        assert faults_of(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert seen.page.locator("table").count() > 0, path
    if language == "zh_Hans":
        seen.go("/modules/needs/overview")
        assert "需求总览" in seen.page.content()
        for word in ("Overview of needs", "still open", "Accepted", "Held equal", "Better against worse is"):
            assert word not in seen.page.locator("main").inner_text()
