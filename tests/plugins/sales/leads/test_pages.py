"""The pages and commands of leads and scores, as people use them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from crmkit import Actor
from tests.conftest import Templates
from tests.plugins.sales.leads.house import SYSTEM
from tests.web.conftest import Browsing, Web, behind_doors

HOME = "/modules/sales"
NASTY = "<script>alert(1)</script>{{ 77777*3 }}"


@define(kw_only=True)
class Desk:
    """A base with a lead that was offered to sam, and one that nobody has."""

    web: Web
    offered: Any
    fresh: Any

    def read(self, login: str, path: str, *, language: str = "en") -> str:
        """Return the text of a page that is there."""
        return text(self.web.client(login, language=language), path)


def text(client: Browsing, path: str) -> str:
    """Return the text of a page that is there."""
    response = client.get(path)
    assert response.status_code == 200, response.text[:3000]
    found: str = response.text
    return found


def fill(web: Web) -> dict[str, Any]:
    """A small market stall, with what people write being hostile."""
    crm = web.crm
    marketer = Actor.user(web.users["max"], "Max")
    leads: list[Any] = []
    for number in range(2):
        said = {"name": f"Lead {number}", "email": f"l{number}@x.example", "need": NASTY, "title": f"Tea {NASTY}",
                "intent": "high", "ability": "yes", "timing": "now"}  # fmt: skip
        leads.append(crm.run(SYSTEM, "sales.lead.capture", said))
    crm.worker().run_until_idle()
    offer = {"user_id": web.users["sam"]}
    crm.run(marketer, "sales.lead.offer", offer, target=leads[0].lead_id)
    crm.run(SYSTEM, "sales.form.create", {"name": "contact", "title": f"Contact {NASTY}"})
    return {"offered": leads[0].lead_id, "fresh": leads[1].lead_id}


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """A base with the stall."""
    with behind_doors(templates, "sqlite", tmp_path, "work", "sales", fill=fill) as web:
        yield Desk(web=web, **web.told)


def test_a_seller_accepts_on_the_page(desk: Desk) -> None:
    """The menu counts what waits; a click accepts it; then the score stands there with its reasons."""
    sam = desk.web.client("sam")
    shown = text(sam, f"{HOME}/leads")
    assert re.search(r'href="/modules/sales/leads"[^>]*>.*?<span[^>]*>1</span>', shown, re.DOTALL)
    (action,) = re.findall(r'action="(/operations/sales\.lead\.accept\?[^"]*)"', shown)
    assert sam.post(html.unescape(action)).status_code == 303
    desk.web.crm.worker().run_until_idle()
    page = text(sam, f"{HOME}/lead?id={desk.offered}")
    assert "Accepted by sales" in page
    assert "Has firm intent" in page
    assert "+15" in page


def test_what_people_write_is_inert(desk: Desk) -> None:
    """On every page of leads and scores, for whoever looks."""
    for login, path in (("max", "leads?show=offered"), ("max", f"lead?id={desk.offered}"), ("max", "forms"),
                        ("sam", "leads"), ("sam", f"lead?id={desk.offered}"), ("ann", "scores")):  # fmt: skip
        shown = desk.read(login, f"{HOME}/{path}")
        assert "<script>alert(1)" not in shown
        assert "233331" not in shown.partition("<main")[2]


def test_the_pages_are_in_chinese(desk: Desk) -> None:
    """Headings, states and what gives points."""
    assert "移交给您的" in desk.read("sam", f"{HOME}/leads", language="zh_Hans")
    page = desk.read("max", f"{HOME}/lead?id={desk.offered}", language="zh_Hans")
    assert "已移交销售" in page
    assert "每一分的来源" in page
    assert "立即计算评分" in desk.read("max", f"{HOME}/scores", language="zh_Hans")


def test_what_one_may_not_do_is_not_offered(desk: Desk) -> None:
    """An analyst reads; a seller has no forms; a lead that is not seen is not there."""
    page = desk.read("ann", f"{HOME}/scores")
    assert "sales.score_model.create" not in page
    assert desk.web.client("sam").get(f"{HOME}/forms").status_code in (403, 404)
    assert desk.web.client("sam").get(f"{HOME}/lead?id={desk.fresh}").status_code == 404
    assert desk.web.client("sam").get(f"{HOME}/lead?id=nonsense").status_code == 404


def test_the_address_of_a_form_is_shown_once(desk: Desk) -> None:
    """It is made at a click, and opens the form for anybody."""
    client = desk.web.client("max")
    (action,) = re.findall(r'action="(/operations/sales\.form\.link\?[^"]*)"', text(client, f"{HOME}/forms"))
    answer = client.post(html.unescape(action))
    (path,) = set(re.findall(r"/p/sales\.form/[\w-]+", answer.text))
    assert "Your name" in text(desk.web.client(), path)


def test_a_lead_is_offered_by_the_form_of_the_operation(desk: Desk) -> None:
    """A person is chosen out of those who there are."""
    client = desk.web.client("max")
    page = text(client, f"{HOME}/lead?id={desk.fresh}")
    (link,) = re.findall(r'href="(/operations/sales\.lead\.offer\?[^"]*)"', page)
    assert "Seller" in text(client, html.unescape(link))
    sent = client.post(html.unescape(link), {"user_id": str(desk.web.users["sam"]), "accept_minutes": "60"})
    assert sent.status_code == 303, sent.text[:2000]
    assert "Offered to sales" in text(client, f"{HOME}/lead?id={desk.fresh}")
