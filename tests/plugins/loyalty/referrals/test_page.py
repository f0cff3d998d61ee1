"""Who is invited joins by a link and enters the code; members see their own code, and nobody learns which codes there
are."""

from __future__ import annotations

import re

from crmkit_loyalty.referrals.models import Referral
from sqlalchemy import select

from tests.plugins.loyalty.members.test_page import client, link
from tests.plugins.loyalty.referrals.test_referrals import LI, invitation, policy
from tests.plugins.loyalty.shop import Shop


def states(shop: Shop) -> list[str]:
    """Return the states of all referrals, carried out."""
    shop.work()
    with shop.crm.session(shop.actor) as session:
        return list(session.scalars(select(Referral.state).order_by(Referral.entered_at)))


def token(text: str) -> str:
    """Return the form's own token."""
    found = re.search(r'name="form" value="([^"]*)"', text)
    assert found is not None
    return found[1]


def test_a_member_sees_the_own_code_and_its_address(shop: Shop) -> None:
    path = link(shop)
    assert "Invite others" not in client(shop).get(path).text
    policy(shop, join_url="https://shop.example/join?invite={code}")
    text = client(shop).get(path).text
    assert f"<strong>{invitation(shop)}</strong>" in text
    assert f"https://shop.example/join?invite={invitation(shop)}" in text
    assert "You get 500 points" in text


def test_a_member_enters_a_code_once(both: Shop) -> None:
    policy(both)
    browser, path = client(both), link(both, LI)
    page = browser.get(path).text
    answer = browser.post(path, data={"form": token(page), "invitation": invitation(both).lower()})
    assert answer.status_code == 200
    assert states(both) == ["open"]
    assert 'name="invitation"' not in browser.get(path).text


def test_who_has_the_link_joins_with_the_code(both: Shop) -> None:
    policy(both)
    signs = invitation(both)
    new = both.run("customer.create", {"kind": "person", "name": "Zhao Min"}).id
    path = both.run("loyalty.join.link", {"customer_id": new}).path
    browser = client(both)
    page = browser.get(f"{path}?invite={signs}").text
    assert f'value="{signs}"' in page
    answer = browser.post(path, data={"form": token(page), "invitation": signs})
    assert (answer.status_code, states(both)) == (200, ["open"])
    assert "You take part." in browser.get(path).text


def test_a_code_that_there_is_not_looks_like_one_that_there_is(shop: Shop) -> None:
    policy(shop)
    said = []
    for name, signs in (("A", invitation(shop)), ("B", "22222222")):
        new = shop.run("customer.create", {"kind": "person", "name": name}).id
        path = shop.run("loyalty.join.link", {"customer_id": new}).path
        browser = client(shop)
        answer = browser.post(path, data={"form": token(browser.get(path).text), "invitation": signs})
        said.append(re.sub(r'value="[^"]*"|href="[^"]*"', "", answer.text))
    assert said[0] == said[1]
    assert states(shop) == ["open", "refused"]


def test_what_cannot_be_a_code_is_said(shop: Shop) -> None:
    policy(shop)
    browser, path = client(shop), link(shop, LI)
    answer = browser.post(path, data={"form": token(browser.get(path).text), "invitation": "0O"})
    assert answer.status_code == 422
    assert "This is no code" in answer.text
    assert states(shop) == []


def test_a_member_sees_challenges_and_badges(shop: Shop) -> None:
    values = {"name": "tea", "title": "Tea lover", "target": 2, "points": 50, "badge": "Leaf"}
    shop.run("loyalty.challenge.publish", target=shop.run("loyalty.challenge.create", values).id)
    shop.record("purchase", amount=10)
    path = link(shop)
    text = client(shop).get(path).text
    assert "Tea lover" in text
    assert "1 of 2" in text
    assert "Your badges" not in text
    shop.record("purchase", amount=10)
    assert "<strong>Leaf</strong>" in client(shop).get(path).text
