"""Notices by e-mail, over a real server: in the words of the recipient, with a way back, and once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen
from crmkit_work.notices.models import NoticeDelivery
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from tests.conftest import Templates
from tests.plugins.messaging.mail.servers import MailServer, mail_server
from tests.plugins.work.staff import SYSTEM, customer, person, team, work


@frozen(kw_only=True)
class Post:
    """A base with a mailbox, the server behind it, and somebody who wants notices by e-mail, in Chinese."""

    crm: CRM
    server: MailServer
    sam: Actor


@pytest.fixture
def post(templates: Templates, tmp_path: Path) -> Iterator[Post]:
    """A base that sends by a server on this machine."""
    address = "https://crm.example"
    with (
        mail_server() as server,
        templates.opened("sqlite", tmp_path, "work", "messaging", public_url=address) as crm,
    ):
        mailbox = {
            "name": "hello",
            "address": "hello@shop.example",
            "private": True,
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": "none",
        }
        crm.run(SYSTEM, "messaging.mailbox.create", mailbox)
        sam = person(crm, "sam", teams=[team(crm, "North")], email="sam@shop.example", language="zh_Hans")
        crm.run(sam, "work.notice.choose", {"choices": [{"kind": "*", "channel": "email", "wanted": "now"}]})
        yield Post(crm=crm, server=server, sam=sam)


def states(post: Post) -> list[tuple[str, int]]:
    """Return what became of the deliveries, and how often each was tried."""
    with post.crm.session(SYSTEM) as session:
        query = select(NoticeDelivery.state, NoticeDelivery.attempts).order_by(NoticeDelivery.created_at)
        return [(state, attempts) for state, attempts in session.execute(query)]


def test_a_notice_arrives_by_mail(post: Post) -> None:
    """In the language of who is told, with the page that it leads to; without the text, and marked as automatic."""
    values = {
        "user_id": post.sam.user_id,
        "title": "合同到期\nBcc: evil@example.com",
        "text": "The code is 4711",
        "path": "/reports",
    }
    post.crm.run(SYSTEM, "work.notice.send", values)
    work(post.crm)
    (sender, recipients, _content) = post.server.mails[0]
    mail = post.server.read(0)
    assert (sender, recipients) == ("hello@shop.example", ["sam@shop.example"])
    assert (mail["Subject"], mail["Auto-Submitted"], mail["Bcc"]) == (
        "合同到期 Bcc: evil@example.com",
        "auto-generated",
        None,
    )
    body = mail.get_content()
    assert "https://crm.example/reports" in body
    assert "https://crm.example/modules/work/notices/choices" in body
    assert "您可以选择" in body
    assert "code is" not in body
    assert states(post) == [("sent", 1)]


def test_a_server_that_is_busy_is_tried_again_and_one_that_refuses_is_not(post: Post) -> None:
    """The mail has the same number at every attempt, and is there once."""
    post.server.to_content = lambda content: "451 Later"
    post.crm.run(SYSTEM, "work.notice.send", {"user_id": post.sam.user_id, "title": "one"})
    work(post.crm)
    assert (states(post), post.server.mails) == ([("waiting", 1)], [])
    post.server.to_content = lambda content: None
    with post.crm.session(SYSTEM) as session:
        (delivery,) = session.scalars(select(NoticeDelivery)).all()
    from tests.plugins.work.notices.test_notices import make_due

    make_due(post.crm, delivery.id)
    work(post.crm)
    assert (states(post), len(post.server.mails)) == ([("sent", 2)], 1)
    assert delivery.id.hex in str(post.server.read(0)["Message-ID"])
    post.server.to_recipient = lambda address: "550 No such person"
    post.crm.run(SYSTEM, "work.notice.send", {"user_id": post.sam.user_id, "title": "two"})
    work(post.crm)
    assert (states(post)[1], len(post.server.mails)) == (("refused", 1), 1)


def test_no_customer_s_name_leaves_to_who_may_not_see_the_customer(post: Post) -> None:
    """What is mailed is what the recipient would read in the pages."""
    unseen = customer(post.crm, "Grace Hopper", team_id=team(post.crm, "South"))
    kim = person(post.crm, "kim", "admin")
    post.crm.run(kim, "work.comment.add", {"ref": f"customer:{unseen}", "text": "@sam look"})
    offered = {"title": "Install it", "to_user_id": post.sam.user_id, "customer_id": unseen, "request": "Code is 4711"}
    post.crm.run(kim, "work.handoff.offer", offered)
    work(post.crm)
    assert [mail["Subject"] for mail in [post.server.read(0)]] == ["Kim 向您交接：Install it"]
    assert len(post.server.mails) == 1
    assert b"Hopper" not in post.server.mails[0][2]
    assert "Code is" not in post.server.read(0).get_content()
