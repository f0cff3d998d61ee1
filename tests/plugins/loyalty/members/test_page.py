"""Members see what is theirs by a link, and redeem without scripts, once for each click."""

from __future__ import annotations

import re
from typing import Any

from crmkit_loyalty.programs.finding import program_named, require_member
from crmkit_loyalty.rewards.models import Redemption
from sqlalchemy import select
from starlette.testclient import TestClient

from tests.plugins.loyalty.shop import Shop


def link(shop: Shop, name: str = "Wang Lin") -> str:
    """Return the path of a member's page."""
    customer = shop.customer(name)
    with shop.crm.session(shop.actor) as session:
        member = require_member(session, program_named(session), customer).id
    return shop.run("loyalty.member.link", target=member).path


def client(shop: Shop) -> TestClient:
    """Return a browser of nobody."""
    return TestClient(shop.crm.asgi(), base_url="http://localhost", follow_redirects=True)


def fields(text: str, reward: str) -> dict[str, str]:
    """Return the fields of the form that redeems a reward."""
    (found,) = [each for each in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'value="{reward}"' in each]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', found))


def redemptions(shop: Shop) -> int:
    """Return how many redemptions there are."""
    with shop.crm.session(shop.actor) as session:
        return len(session.scalars(select(Redemption)).all())


def test_a_member_sees_what_is_theirs(both: Shop) -> None:
    """Points, when they expire, tiers, rewards with why not, and what happened; nothing of others."""
    both.give(1250)
    both.give(77, "Li Na")
    both.run("loyalty.tier_metric.create", {"name": "points", "source": "points"})
    both.run("loyalty.tier.create", {"name": "member", "level": 0, "title": "Member"})
    both.run("loyalty.tier.create", {"name": "gold", "level": 1, "title": "Gold", "reach": {"points": 3000}})
    both.run("loyalty.reward.create", {"name": "kettle", "title": "Kettle", "points": 900, "condition": "true"})
    both.run("loyalty.reward.create", {"name": "pot", "title": "Pot", "points": 9000})
    text = client(both).get(link(both)).text
    assert "<strong>1,250</strong> Points" in text
    assert "1,250 expire on" in text
    assert "What is missing to Gold:" in text
    assert "There are too few points." in text
    assert "Redeem: Kettle" in text
    assert not re.search(r"\b77\b", text)


def test_a_click_redeems_once(both: Shop) -> None:
    """Sent twice it is one redemption, with its voucher on the page; another click is another one."""
    both.give(1000)
    both.run("loyalty.reward.create", {"name": "kettle", "title": "Kettle", "points": 400})
    path, browser = link(both), client(both)
    said = fields(browser.get(path).text, "kettle")
    answer = browser.post(path, data=said).text
    assert "Your vouchers" in answer, answer
    browser.post(path, data=said)
    assert (redemptions(both), both.balance()) == (1, 600)
    browser.post(path, data=fields(browser.get(path).text, "kettle"))
    assert (redemptions(both), both.balance()) == (2, 200)
    assert both.agrees()


def test_what_cannot_be_had_is_said(both: Shop) -> None:
    """A form that was made up gets the reason; nothing moves."""
    both.give(1000)
    both.run("loyalty.reward.create", {"name": "kettle", "title": "Kettle", "points": 400})
    both.run("loyalty.reward.create", {"name": "pot", "title": "Pot", "points": 9000})
    path, browser = link(both), client(both)
    said: dict[str, Any] = {**fields(browser.get(path).text, "kettle"), "reward": "pot"}
    answer = browser.post(path, data=said)
    assert answer.status_code == 422
    assert "There are too few points." in answer.text
    assert (redemptions(both), both.balance()) == (0, 1000)
