"""The pages of staff: the overview, a programme, a member, the redemption desk; and the panel of a customer."""

from __future__ import annotations

import re

import pytest

from tests.plugins.loyalty.desk.conftest import HOSTILE, Desk


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["mia", "sue"])
def test_every_page_is_shown_and_no_text_is_taken_for_markup(desk: Desk, login: str, language: str) -> None:
    for path in desk.paths:
        text = desk.text(path, login, language)
        assert HOSTILE not in text
        assert "%(" not in text


def test_the_overview_has_the_figures_of_the_programme(desk: Desk) -> None:
    text = re.sub(r"<[^>]+>", " ", desk.text("/modules/loyalty/overview"))
    assert re.search(r"club\s+1\s", text)
    assert re.search(r"450\s+0\s+50\s", text), "can be spent, waiting, reserved"
    assert re.search(r"\d{4}-\d\d\s+1,000\s+500\s+0\s+0", text), "what came and went this month"


def test_a_programme_offers_what_a_manager_may_change_and_nobody_else(desk: Desk) -> None:
    path = desk.paths[1]
    manager, seller = desk.text(path), desk.text(path, "sue")
    for name in (
        "program.update",
        "point_type.create",
        "point_type.update",
        "earn_rule.create",
        "earn_rule.update",
        "earn_rule.remove",
        "rule_set.publish",
        "tier_metric.create",
        "tier.create",
        "tier.update",
        "tier_policy.set",
        "reward.create",
        "reward.update",
        "reward.restock",
    ):
        assert f"/operations/loyalty.{name}?" in manager
        assert f"/operations/loyalty.{name}?" not in seller
    assert "/operations/loyalty.rule_set.draft?" not in manager, "there is a draft"


def test_every_form_of_the_programme_opens(desk: Desk) -> None:
    client = desk.web.client("mia")
    for path in desk.paths:
        for link in sorted(set(re.findall(r'href="(/operations/[^"]+)"', desk.text(path)))):
            answer = client.get(link.replace("&amp;", "&"))
            assert (link, answer.status_code) == (link, 200)


def test_a_member_has_lots_history_and_what_may_be_done(desk: Desk) -> None:
    path = desk.paths[2]
    manager, seller, analyst = (desk.text(path, login) for login in ("mia", "sue", "ann"))
    plain = re.sub(r"<[^>]+>", " ", manager)
    assert re.search(r"\s450\s+1,000\s", plain), "of a lot of 1,000 there are 450 left"
    assert "Missing to" in plain
    assert plain.count("Reserved") >= 2
    for name in ("points.adjust", "tier.grant"):
        assert f"/operations/loyalty.{name}?" in manager
        assert f"/operations/loyalty.{name}?" not in seller
    for name in ("redemption.create", "points.spend", "points.transfer", "hold.create", "hold.capture", "voucher.use"):
        assert f"/operations/loyalty.{name}?" in seller
    assert "/operations/loyalty" not in analyst


def test_a_member_who_left_keeps_the_page(desk: Desk) -> None:
    desk.run("loyalty.member.leave", desk.member)
    text = desk.text(desk.paths[2])
    assert "Left on" in text
    assert "/operations/loyalty.redemption.create?" not in text
    assert "/operations/loyalty.member.join?" in text


def test_the_history_goes_on_where_there_is_more(desk: Desk) -> None:
    for each in range(60):
        desk.run("loyalty.points.adjust", desk.account, points=each + 1, reason="more")
    path = desk.paths[2]
    assert f"id={desk.member}&amp;most=200" in desk.text(path)
    assert "&amp;most=" not in desk.text(f"{path}&most=200")
    assert "Show more" in desk.text(f"{path}&most=x")


def test_what_is_to_be_sent_waits_at_the_desk(desk: Desk) -> None:
    path = "/modules/loyalty/redemptions"
    assert f"/operations/loyalty.redemption.move?target={desk.redemption}" in desk.text(path)
    desk.run("loyalty.redemption.move", desk.redemption, to="shipped", tracking="SF 1")
    assert str(desk.redemption) not in desk.text(path)
    shipped = desk.text(f"{path}?state=shipped&program=club")
    assert "SF 1" in shipped
    assert str(desk.redemption) in shipped
    desk.run("loyalty.redemption.cancel", desk.redemption)
    assert "/operations/loyalty.redemption.move?" not in desk.text(f"{path}?state=cancelled")


def test_a_customer_shows_points_and_what_happened(desk: Desk) -> None:
    text = desk.text(f"/customers/{desk.customer}")
    assert f"/modules/loyalty/member?id={desk.member}" in text
    assert ">450<" in text
    assert "Points changed by hand" in text
    assert text.count("Reward redeemed") == 2


def test_who_sees_no_customer_sees_nothing_of_theirs(desk: Desk) -> None:
    client = desk.web.client("sam")
    assert client.get(desk.paths[2]).status_code == 404
    assert str(desk.redemption) not in client.get("/modules/loyalty/redemptions").text


@pytest.mark.parametrize("said", ["", "x", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("page", ["programme", "member"])
def test_there_is_no_page_of_what_there_is_not(desk: Desk, page: str, said: str) -> None:
    assert desk.web.client("mia").get(f"/modules/loyalty/{page}?id={said}").status_code == 404
