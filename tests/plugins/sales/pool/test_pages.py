"""The page of the public pool at a browser, and its commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_sales.pool.models import Holding
from playwright.sync_api import expect
from sqlalchemy import select

from crmkit import Customer, TeamMember
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.plugins.work.staff import SYSTEM
from tests.web.accessible import faults_of
from tests.web.conftest import Web, behind_doors, served, visit

__all__ = ["crmkit", "pristine", "served", "visit"]

HOME = "/modules/sales/pool"


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """People behind their doors, a pool, and a lead in it."""
    with behind_doors(templates, "sqlite", tmp_path, "sales", fill=fill) as web:
        yield web


def fill(web: Web) -> None:
    """Open a pool with somebody in it."""
    crm = web.crm
    with crm.session(SYSTEM) as session:
        team_id = session.scalar(select(TeamMember.team_id).where(TeamMember.user_id == web.users["sam"]))
    crm.run(SYSTEM, "customer.create", {"name": "Grace Hopper", "standing": "potential", "city": "杭州"})
    terms = {"claims_per_day": 5, "no_contact_days": 7, "condition": 'customer.name == "Grace Hopper"'}
    crm.run(SYSTEM, "sales.pool.create", {"name": "new", "title": "New leads", "team_id": team_id, **terms})
    crm.run(SYSTEM, "sales.pool.run")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_customer_is_claimed_and_given_back(visit: Any, sqlite_web: Web, language: str) -> None:
    """One click to claim; the page then says until when."""
    here = visit("sam", language=language)
    here.go(HOME)
    page = here.page
    row = page.locator("tr", has_text="Grace Hopper")
    expect(row).to_contain_text("杭州")
    assert faults_of(page) == []
    row.locator("button.btn-primary").click()
    expect(page.locator("[role=status].said")).to_be_visible()
    row = page.locator("tr", has_text="Grace Hopper")
    expect(row.locator("a.btn")).to_be_visible()
    assert faults_of(page) == []
    row.locator("a.btn").click()
    page.locator("textarea[name=reason]").fill("No budget")
    page.locator("main form button.btn-primary").click()
    expect(page.locator("tr", has_text="Grace Hopper").locator("button.btn-primary")).to_be_visible()
    with sqlite_web.crm.session(SYSTEM) as session:
        held = session.scalars(select(Holding)).one()
        assert (held.state, session.get_one(Customer, held.customer_id).owner_id) == ("free", None)


def test_pools_are_listed(crmkit: Crmkit) -> None:
    """With what is free in them, also as JSON."""
    crmkit.has("sales")
    assert crmkit.json("sales", "pools")["items"] == []
