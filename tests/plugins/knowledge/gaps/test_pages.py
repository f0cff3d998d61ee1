"""The pages of a record's articles, of gaps and of deflection: they open, in both languages, and their buttons work."""

from __future__ import annotations

import pytest
from crmkit_knowledge.gaps.mining import mine
from crmkit_knowledge.suggesting import visiting

from tests.plugins.knowledge.gaps.test_gaps import LEAKS, filled
from tests.plugins.knowledge.helpdesk import Helpdesk
from tests.web.conftest import Web

HOSTILE = "<script>alert('x')</script>"


def page(desk: Helpdesk, path: str, who: str = "eve", language: str = "en", status: int = 200) -> str:
    """Return a page of knowledge as somebody sees it."""
    web = Web(crm=desk.crm, users=desk.users, customers={})
    answer = web.client(who, language=language).get(f"/modules/knowledge{path}")
    assert (path, answer.status_code) == (path, status), answer.text[:2000]
    return str(answer.text)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_case_has_a_page_of_its_articles(desk: Helpdesk, language: str) -> None:
    article = desk.published("Kettle leaks at the lid", "Turn the ring.")
    case = desk.case(desk.customer(), f"Kettle leaks {HOSTILE}")
    ref = f"service.case:{case}"
    text = page(desk, f"/for?ref={ref}", language=language)
    assert "Kettle leaks at the lid" in text
    assert HOSTILE not in text
    assert 'value="solved_by"' in text
    desk.link(article, ref)
    assert "knowledge.link.remove" in page(desk, f"/for?ref={ref}", language=language)


def test_a_button_on_the_page_links_the_article(desk: Helpdesk) -> None:
    article = desk.published("Kettle leaks at the lid", "Turn the ring.")
    ref = f"service.case:{desk.case(desk.customer())}"
    client = Web(crm=desk.crm, users=desk.users, customers={}).client("eve")
    values = {"article_id": str(article), "record": ref, "kind": "solved_by"}
    client.post(f"/operations/knowledge.link.add?next=/modules/knowledge/for?ref={ref}", values)
    assert desk.links() == [(ref, "solved_by")]


def test_the_page_of_a_case_offers_to_write_an_article(desk: Helpdesk) -> None:
    case = desk.case(desk.customer())
    client = Web(crm=desk.crm, users=desk.users, customers={}).client("eve")
    text = client.get(f"/modules/service/case?id={case}").text
    assert "knowledge.article.from_record" in text
    assert "knowledge.link.add" in text


def test_a_customer_leads_to_the_articles_for_the_cases(desk: Helpdesk) -> None:
    customer = desk.customer()
    case = desk.case(customer)
    client = Web(crm=desk.crm, users=desk.users, customers={}).client("eve")
    assert f"/modules/knowledge/for?customer={customer}" in client.get(f"/customers/{customer}").text
    text = page(desk, f"/for?customer={customer}").replace("service.case:", "service.case%3A")
    assert f"service.case%3A{case}" in text


@pytest.mark.parametrize("path", ["/for", "/for?ref=nonsense", "/for?ref=user:1", "/for?customer=x"])
def test_what_there_is_not_has_no_page(desk: Helpdesk, path: str) -> None:
    page(desk, path, status=404)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_gaps_have_a_page(desk: Helpdesk, language: str) -> None:
    filled(desk, LEAKS)
    desk.published("Send it back", "Use the label on the box.")
    desk.published("Send it back to us", "Use the label on the box.")
    mine(desk.crm, desk.actor())
    text = page(desk, "/gaps", language=language)
    assert "kettle" in text
    assert "knowledge.gap.write" in text
    assert "knowledge.alike.dismiss" in text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_deflection_has_a_page_that_shows_no_figure_without_a_control(desk: Helpdesk, language: str) -> None:
    for arm in ("shown", "control"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(visiting, "arm_for", lambda key, share, arm=arm: arm)
            desk.run("knowledge.session.begin", {"key": arm})
        if arm == "shown":
            desk.clock.advance(days=4)
            assert "100.0%" not in page(desk, "/deflection", "mia", language)
    desk.clock.advance(days=4)
    assert "100.0%" in page(desk, "/deflection", "mia", language)


def test_deflection_is_not_for_everybody(desk: Helpdesk) -> None:
    page(desk, "/deflection", "eve", status=404)
