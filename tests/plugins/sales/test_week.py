"""A seller's week at a browser: leads come in by a file and are assigned, one is won by a quote, and the forecast says
what changed and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_sales.leads.models import Lead
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.quotes.models import Quote
from playwright.sync_api import expect
from sqlalchemy import select

from crmkit import TeamMember
from tests.conftest import Templates
from tests.plugins.work.staff import SYSTEM
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web, behind_doors, served, visit

__all__ = ["served", "visit"]

LEADS = """name,email,need,intent,budget,currency
Rose Tea Rooms,rose@example.com,Tea for thirty rooms,high,2500,CNY
Harbour Books,harbour@example.org,Gift wrapping,low,,
"""
BOARD = "/records/sales.opportunity/board/sales.pipeline"
HOME = "/modules/sales"


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """People behind their doors, with a queue in which sam is, and a quota of his team."""
    with behind_doors(templates, "sqlite", tmp_path) as web:
        crm = web.crm
        crm.enable("sales")
        with crm.session(SYSTEM) as session:
            team_id = session.scalar(select(TeamMember.team_id).where(TeamMember.user_id == web.users["sam"]))
            day = session.today()
        queue = crm.run(SYSTEM, "work.queue.create", {"name": "desk", "title": "Sales desk"})
        crm.run(SYSTEM, "work.queue.add_member", {"user_id": web.users["sam"]}, target=queue)
        crm.run(SYSTEM, "work.person.set_presence", {"user_id": web.users["sam"], "presence": "available"})
        year = {"first": day.replace(month=1, day=1), "last": day.replace(month=12, day=31)}
        crm.run(SYSTEM, "sales.quota.create", {**year, "amount_minor": 500000, "team_id": team_id})
        yield web


def only(web: Web, model: type[Any], **values: Any) -> Any:
    """Return the one record that has some values."""
    with web.crm.session(SYSTEM) as session:
        return session.scalars(select(model).filter_by(**values)).one()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_sellers_week(visit: Callable[..., Visit], sqlite_web: Web, tmp_path: Path, language: str) -> None:
    """Nothing of it needs anything but the pages."""
    web, found = sqlite_web, list[str]()
    boss, marketer = visit("mia", language=language), visit("max", language=language)
    seller = visit("sam", language=language)
    page, mine = boss.page, seller.page

    # Monday: the list of a fair is imported, and the best lead offered to whom the queue gives it.
    (tmp_path / "fair.csv").write_text(LEADS, encoding="utf-8")
    boss.go("/imports/new")
    page.set_input_files("#f-file", tmp_path / "fair.csv")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/imports/draft/*")
    page.select_option("[name=resource]", "sales.inquiry")
    page.locator("button[value=again]").click()
    expect(page.locator("#map-2")).to_have_value("need")
    page.locator("button[value=options]").click()
    page.wait_for_url("**/options")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/check")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}$"))
    web.crm.worker().run_until_idle()
    lead = only(web, Lead, intent="high")
    page = marketer.page
    marketer.go(f"{HOME}/lead?id={lead.id}")
    found.extend(faults_of(page))
    page.locator("form[action*='sales.lead.qualify'] button").click()
    page.locator("a[href*='sales.lead.offer']").click()
    page.fill("[name=queue]", "desk")
    page.locator("main form button.btn-primary").click()
    web.crm.worker().run_until_idle()

    # Tuesday: the seller accepts it, and makes an opportunity of it.
    seller.go(f"{HOME}/leads")
    found.extend(faults_of(mine))
    mine.locator("form[action*='sales.lead.accept'] button").click()
    web.crm.worker().run_until_idle()
    seller.go(f"{HOME}/lead?id={lead.id}")
    mine.locator("a[href*='sales.lead.convert'], form[action*='sales.lead.convert'] button").first.click()
    if mine.locator("main form[action*='sales.lead.convert'] button.btn-primary").count():
        mine.locator("main form button.btn-primary").click()
    web.crm.worker().run_until_idle()
    deal = only(web, Opportunity)
    assert (deal.amount_minor, deal.currency, deal.owner_id) == (250000, "CNY", web.users["sam"])

    # Wednesday: on the board it goes on.
    seller.go(BOARD)
    found.extend(faults_of(mine))
    card = mine.locator(f'[data-card="{deal.id}"]')
    card.drag_to(mine.locator('[data-column="proposal"]'), source_position={"x": 40, "y": 20})
    mine.locator(f'[data-column="proposal"] [data-card="{deal.id}"]').wait_for()
    mine.locator(".toast-note").wait_for()

    # Thursday: a quote is written, sent, and accepted.
    seller.go(f"/operations/sales.quote.create?opportunity_id={deal.id}&next={HOME}/quotes")
    mine.locator("main form button.btn-primary").click()
    quote = only(web, Quote)
    seller.go(f"{HOME}/quote?id={quote.id}")
    line = mine.locator("[name='lines.0.text']")
    line.fill("Tea for a year" if language == "en" else "一年的茶叶")
    mine.locator("[name='lines.0.quantity']").fill("12")
    mine.locator("[name='lines.0.unit_price']").fill("300")
    mine.locator("[name='lines.0.tax_rate']").fill("0")
    mine.locator("main form button.btn-primary").click()
    expect(mine.locator("main")).to_contain_text("3,600.00")
    found.extend(faults_of(mine))
    mine.locator("a[href*='sales.quote.send']").click()
    mine.locator("main form button.btn-primary").click()
    mine.locator("a[href*='sales.quote.accept']").click()
    mine.fill("[name=name]", "Rose")
    mine.locator("main form button.btn-primary").click()
    expect(mine.locator("[role=status].said")).to_be_visible()
    web.crm.worker().run_until_idle()
    assert only(web, Quote).state == "accepted"

    # Friday: it is won, and the forecast says what changed.
    seller.go(BOARD)
    card = mine.locator(f'[data-card="{deal.id}"]')
    card.drag_to(mine.locator('[data-column="won"]'), source_position={"x": 40, "y": 20})
    mine.locator(f'[data-column="won"] [data-card="{deal.id}"]').wait_for()
    mine.locator(".toast-note").wait_for()
    page = boss.page
    boss.go(f"{HOME}/forecast")
    found.extend(faults_of(page))
    expect(page.locator("main")).to_contain_text("3,600.00")
    boss.go(f"{HOME}/movement")
    expect(page.locator("main table")).to_contain_text("3,600.00")
    page.locator("main table a", has_text="3,600.00").last.click()
    expect(page.locator("main")).to_contain_text(only(web, Opportunity).title)
    assert [] == found
