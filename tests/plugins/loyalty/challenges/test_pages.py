"""The pages of staff for challenges and referrals: shown to whom they may be, in both languages, and a manager makes a
challenge there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from crmkit_loyalty.challenges.models import Challenge
from crmkit_loyalty.programs.models import Member
from crmkit_loyalty.referrals.models import Referral
from sqlalchemy import select

from tests.plugins.loyalty.desk.conftest import HOSTILE, Desk, desk
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["desk", "served", "visit"]


@pytest.fixture
def sqlite_web(desk: Desk) -> Web:
    """The shop, for whoever opens a browser."""
    return desk.web


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """The desk with a challenge that was completed, a draft, and a referral; every text is hostile."""
    values = {"title": HOSTILE, "description": HOSTILE, "target": 1, "points": 7, "badge": HOSTILE}
    made = desk.run("loyalty.challenge.create", name="tea", **values)
    desk.run("loyalty.challenge.publish", made.id)
    desk.run("loyalty.challenge.create", name="draft", kind="streak", target=3, title=HOSTILE)
    desk.run("interaction.record", kind="purchase", customer_id=desk.customer, amount=20, currency="CNY")
    desk.run(
        "loyalty.referral_policy.set", referrer_points=5, condition='channel == "x"', join_url="https://a.b/{code}"
    )
    # Of the same owner: who was invited is seen by whoever sees that customer.
    other = desk.run("customer.create", kind="person", name="Zhao Min", owner_id=str(desk.web.users["mia"])).id
    desk.run("loyalty.member.join", customer_id=other)
    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        signs = session.scalars(select(Member.referral).where(Member.id == desk.member)).one()
    desk.run("loyalty.referral.create", customer_id=other, invitation=signs)
    desk.web.crm.worker().run_until_idle()
    return desk


def one(desk: Desk, model: Any, *where: Any) -> UUID:
    """Return the id of the only record."""
    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        found: UUID = session.scalars(select(model.id).where(*where)).one()
        return found


def paths(desk: Desk) -> list[str]:
    """Return all pages."""
    return [
        "/modules/loyalty/challenges",
        f"/modules/loyalty/challenge?id={one(desk, Challenge, Challenge.name == 'tea')}",
        f"/modules/loyalty/challenge?id={one(desk, Challenge, Challenge.name == 'draft')}",
        "/modules/loyalty/referrals",
        "/modules/loyalty/referrals?state=open",
        f"/modules/loyalty/referral?id={one(desk, Referral)}",
        "/modules/loyalty/notices",
        f"/modules/loyalty/member?id={desk.member}",
        "/reports/loyalty.challenges",
        "/reports/loyalty.referrals",
    ]


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown_and_no_text_is_taken_for_markup(filled: Desk, language: str) -> None:
    for path in paths(filled):
        text = filled.text(path, "mia", language)
        assert HOSTILE not in text, path
        assert "%(" not in text


def test_every_form_opens_and_only_a_manager_has_them(filled: Desk) -> None:
    client = filled.web.client("mia")
    seen: set[str] = set()
    for path in paths(filled)[:-2]:
        for link in sorted(set(re.findall(r'href="(/operations/[^"]+)"', filled.text(path)))):
            answer = client.get(link.replace("&amp;", "&"))
            assert (link, answer.status_code) == (link, 200)
            seen.add(link.partition("?")[0])
    wanted = {"challenge.create", "challenge.update", "challenge.publish", "challenge.retire", "challenge.remove",
              "referral_policy.set", "referral.create", "referral.cancel", "notice_policy.set"}  # fmt: skip
    assert {f"/operations/loyalty.{name}" for name in wanted} <= seen
    for path in [each for each in paths(filled)[:7] if "/referral?" not in each]:
        assert "/operations/loyalty.challenge" not in filled.text(path, "sam")
        assert "policy.set" not in filled.text(path, "sam")


def test_the_figures_are_there(filled: Desk) -> None:
    plain = [re.sub(r"<[^>]+>", " ", filled.text(path)) for path in paths(filled)]
    assert re.search(r"Completed last.*Blue Kettle.*7.*Done", plain[1], re.DOTALL)
    assert "Blue Kettle" in plain[3]
    assert "Zhao Min" in plain[3]
    assert "Being checked" in plain[5]
    assert "Challenges" in plain[7]


@pytest.mark.parametrize("page", ["challenge", "referral"])
@pytest.mark.parametrize("said", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_there_is_no_page_of_what_there_is_not(desk: Desk, page: str, said: str) -> None:
    assert desk.web.client("mia").get(f"/modules/loyalty/{page}?id={said}").status_code == 404


def test_a_manager_makes_a_challenge_in_the_browser(desk: Desk, visit: Callable[..., Visit]) -> None:
    """On a telephone, in Chinese: added, looked at, published; nothing is wider than the screen."""
    seen = visit("mia", language="zh_Hans", width=390)
    seen.go("/modules/loyalty/challenges")
    seen.page.locator('a[href*="loyalty.challenge.create"]').first.click()
    seen.page.locator('[name="name"]').fill("walk")
    seen.page.locator('[name="target"]').fill("3")
    with seen.page.expect_navigation():
        seen.page.locator("main form button.btn-primary").last.click()
    made = one(desk, Challenge, Challenge.name == "walk")
    for path in (f"/modules/loyalty/challenge?id={made}", "/modules/loyalty/challenges", "/modules/loyalty/referrals"):
        seen.go(path)
        wide = seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert (path, max(int(wide), 0)) == (path, 0)
    seen.go(f"/modules/loyalty/challenge?id={made}")
    seen.page.locator('a[href*="loyalty.challenge.publish"]').first.click()
    with seen.page.expect_navigation():
        seen.page.locator("main form button.btn-primary").last.click()
    with desk.web.crm.session(desk.web.crm.system("a test")) as session:
        assert session.get_one(Challenge, made).state == "published"


def test_who_sees_no_customer_sees_no_referral(filled: Desk) -> None:
    path = f"/modules/loyalty/referral?id={one(filled, Referral)}"
    assert filled.web.client("sam").get(path).status_code == 404
    text = filled.text("/modules/loyalty/referrals", "sam")
    assert "Zhao Min" not in text
    assert "Blue Kettle" not in text
