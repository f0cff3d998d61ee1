"""Leaving: by one click in a mail program, on the page, and by a mail; opening a link does nothing."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from crmkit_messaging.leaving.links import left_by
from crmkit_messaging.leaving.models import Leave
from sqlalchemy import select

from tests.plugins.messaging.composing.bases import SYSTEM
from tests.plugins.messaging.leaving.conftest import Shop


def test_the_headers_are_those_of_rfc_8058(shop: Shop) -> None:
    """A link with https, and that a POST to it is enough; nothing for what is no mail."""
    headers = shop.headers()
    assert set(headers) == {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert headers["List-Unsubscribe"].startswith("<https://tea.example/p/messaging.leave/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert shop.headers(channel="sms") == {}


def test_one_click_leaves(shop: Shop) -> None:
    """The machine needs no session, no cookie and no form; once is enough."""
    path = shop.path()
    assert [shop.click(path).status_code for _ in range(2)] == [200, 200]
    assert shop.consents() == [("marketing", "email", False, "messaging:one_click")]


def test_one_click_may_come_as_multipart(shop: Shop) -> None:
    """RFC 8058 allows both kinds of form."""
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    assert shop.click(shop.path(), body, **{"Content-Type": "multipart/form-data; boundary=x"}).status_code == 200
    assert [each[:3] for each in shop.consents()] == [("marketing", "email", False)]


@pytest.mark.parametrize("body", [b"", b"x=y", b"List-Unsubscribe=Two-Clicks", b"\xff\xfe", b"&" * 5000])
def test_whatever_else_a_machine_sends_changes_nothing(shop: Shop, body: bytes) -> None:
    """Only the words of the standard count."""
    assert shop.click(shop.path(), body).status_code == 400
    assert shop.consents() == []


def test_opening_the_link_does_nothing(shop: Shop) -> None:
    """Filters open links by themselves; a page is shown, in the customer's language, and nobody has left."""
    path = shop.path("lin")
    for _ in range(3):
        shown = shop.client.get(path)
        assert shown.status_code == 200
    assert shop.client.head(path).status_code in (200, 405)
    assert '<html lang="zh-Hans">' in shown.text
    assert shop.consents("lin") == []


def test_a_person_leaves_purpose_by_purpose(shop: Shop) -> None:
    """What the link is about is ticked; others can be, too; a reason is kept for those who may read it."""
    path = shop.path()
    page = shop.client.get(path).text
    assert re.findall(r'value="([^"]+)" checked', page) == ["marketing"]
    sent = shop.send(path, {"leave": ["marketing", "newsletter"], "reason": "Too many"})
    assert sent.status_code == 303
    assert sorted(shop.consents()) == [
        ("marketing", "email", False, "messaging:page"),
        ("newsletter", "email", False, "messaging:page"),
    ]
    with shop.crm.session(SYSTEM) as session:
        found = session.scalars(select(Leave).where(Leave.purpose == "marketing")).one()
        assert (found.way, found.reason) == ("page", "Too many")
        assert found.left_at is not None
    assert "any more" in shop.client.get(path).text


def test_nothing_any_more_withdraws_every_purpose_by_every_channel(shop: Shop) -> None:
    """Whatever is ticked."""
    shop.send(shop.path(), {"all": "1"})
    known = shop.crm.business().options["consent_purpose"]
    assert {each[:3] for each in shop.consents()} == {(name, "*", False) for name in known}


def test_leaving_nothing_is_asked_back(shop: Shop) -> None:
    """Who ticks nothing is told so, and has not left."""
    path = shop.path()
    (token,) = re.findall(r'name="form" value="([^"]+)"', shop.client.get(path).text)
    answer = shop.client.post(path, data={"form": token, "reason": "because"})
    assert answer.status_code == 422
    assert "because" in answer.text
    assert shop.consents() == []


def test_a_link_is_about_its_customer_alone(shop: Shop) -> None:
    """A link that was changed opens nothing, whichever letter was."""
    path = shop.path()
    changed = f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}"
    assert shop.click(changed).status_code == 404
    assert (shop.consents("ada"), shop.consents("lin")) == ([], [])


def test_coming_back_and_leaving_again_is_recorded(shop: Shop) -> None:
    """Who agreed anew can leave by an old link."""
    path = shop.path()
    shop.click(path)
    agreed = {"purpose": "marketing", "channel": "email"}
    shop.crm.run(SYSTEM, "consent.record", agreed, target=shop.customers["ada"])
    shop.click(path)
    assert [each[2] for each in shop.consents()] == [False, True, False]


def test_the_link_in_the_text_is_the_one_in_the_header(shop: Shop) -> None:
    """Within one message there is one link; the sender needs no right of its own but to make links."""
    from crmkit_messaging.api import headers_for, render

    from tests.plugins.messaging.composing.bases import add

    add(shop.crm, "x", "- {kind: text, text: Buy}\n- {kind: footer}", purpose="marketing")
    for who in (SYSTEM, shop.people["max"], shop.people["sam"]):
        with shop.crm.transaction(who) as session:
            made = render(session, "x", shop.customers["ada"])
            header = headers_for(session, shop.customers["ada"], "marketing", "email")["List-Unsubscribe"]
        assert made.missing == ()
        assert header.strip("<>") in made.text
        assert header.strip("<>") in made.html


def test_leaving_by_a_mail(shop: Shop) -> None:
    """The address in the header carries a signed subject; no other subject leaves anything."""
    box = {"name": "shop", "address": "shop@tea.example", "smtp_host": "smtp.tea.example"}
    mailbox = shop.crm.run(SYSTEM, "messaging.mailbox.create", {**box, "usual": True})
    assert mailbox.usual
    header = shop.headers()["List-Unsubscribe"]
    (subject,) = re.findall(r"<mailto:shop@tea\.example\?subject=([^>]+)>", header)
    raw = (
        f"From: ada@x.example\r\nTo: shop@tea.example\r\nMessage-ID: <1@x.example>\r\n"
        f"Date: Sun, 01 Nov 2026 10:00:00 +0000\r\nSubject: {unquote(subject)}\r\n\r\n\r\n"
    )
    from crmkit_messaging.receiving.fetching import receive_mail

    receive_mail(shop.crm, raw.encode(), "shop")
    shop.crm.worker().run_until_idle()
    assert shop.consents() == [("marketing", "email", False, "messaging:mail")]
    with shop.crm.session(SYSTEM) as session:
        forged = unquote(subject)[:-1] + ("0" if subject[-1] != "0" else "1")
        assert left_by(session, unquote(subject)) is not None
        assert left_by(session, forged) is None
        assert left_by(session, "please unsubscribe me") is None


def test_no_address_on_the_web_no_header(shop: Shop) -> None:
    """A link that nobody can open is not offered."""
    from crmkit_messaging.api import headers_for

    from crmkit import CRM

    with CRM.open(shop.crm.settings.database) as crm, crm.transaction(SYSTEM) as session:
        assert headers_for(session, shop.customers["ada"], "marketing", "email") == {}
