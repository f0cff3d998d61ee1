"""A case that was solved in the demonstration becomes an article, which is found, suggested and counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.capturing.linking import links_of
from crmkit_knowledge.helpful.figures import helpfulness, views_of
from crmkit_knowledge.suggesting.suggesting import suggest
from crmkit_service.cases.models import Case
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import CRM, Actor
from crmkit.cli.invocation import Invocation
from crmkit.demo.serving import sign_in_path
from crmkit.engines.search.searching import search
from tests.conftest import Templates

SYSTEM = Actor.system("a test")


@pytest.fixture
def cli(templates: Templates, tmp_path: Path) -> Iterator[Invocation]:
    """The demonstration of somebody who has service and knowledge."""
    url = templates.copy("sqlite", tmp_path)
    with CRM.open(url) as crm:
        for name in ("work", "service", "knowledge"):
            crm.enable(name)
        crm.run(SYSTEM, "business.configure", {"name": "Lantern", "base_currency": "GBP"})
        for number in range(12):
            customer = crm.run(SYSTEM, "customer.create", {"name": f"Shop {number}"}).id
            bought = {"kind": "purchase", "amount": f"{10 + number}", "currency": "GBP"}
            crm.run(SYSTEM, "interaction.record", {"customer_id": customer, **bought})
    cli = Invocation()
    cli.home_option = str(tmp_path)
    (tmp_path / "crmkit.toml").write_text(f'database = "{url}"\n')
    sign_in_path(cli)
    yield cli
    cli.close()


def titles(crm: CRM, text: str) -> list[str]:
    """Return the titles of the articles that colleagues find."""
    with crm.session(SYSTEM) as session:
        return [each.title for each in search(session, text, within=["knowledge.article"]).hits]


def test_a_solved_case_becomes_an_article_that_helps(cli: Invocation) -> None:
    """It is linked to its case, found in both languages by colleagues and by anybody, without what is for colleagues,
    suggested in the next case, and each reader and vote is counted."""
    crm = cli.crm
    with crm.session(SYSTEM) as session:
        article = session.scalars(select(Article).where(Article.title.like("Until when%"))).one()
        case = session.scalars(select(Case).where(Case.state == "resolved")).all()
        links = links_of(session, [f"service.case:{each.id}" for each in case])
        assert [(link.kind, found.number) for link, found in links] == [("source", article.number)]
        identity, number = article.id, article.number
    assert titles(crm, "order for christmas")[0] == "Until when to order for Christmas"
    assert titles(crm, "圣诞节前订货")[0] == "圣诞节前最晚什么时候订货"
    with crm.session(SYSTEM) as session:
        asked = "Can you deliver our order before Christmas? We need it on the 22nd."
        assert suggest(session, asked, title="Before Christmas?")[0].number == number
    visitor = TestClient(crm.asgi(), base_url="http://localhost", headers={"Accept-Language": "zh-CN"})
    page = visitor.get("/s/help/search?q=圣诞节").text
    assert "圣诞节前最晚什么时候订货" in page
    english = visitor.get("/s/help/a/until-when-to-order-for-christmas").text
    assert "16 December" in english
    assert "ask the carrier" not in english
    assert visitor.post("/s/help/a/until-when-to-order-for-christmas", data={"helpful": "yes"}).status_code == 200
    with crm.session(SYSTEM) as session:
        found = session.get_one(Article, identity)
        assert helpfulness(session, [found])[identity].overall.yes == 1
        assert views_of(session, [identity], first=session.today(), last=session.today())[identity] == 1
