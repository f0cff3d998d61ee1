"""E-mail leaves by the server of its mailbox, and it is known of each whether it has left."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from crmkit_messaging.mail.smtp import LeftUnknown

from crmkit import CRM, Actor, Delivery, InvalidInput, Message, MessageFile, deliver
from crmkit.core.store.ids import new_id
from crmkit.errors import HookFailed
from tests.conftest import ENGINES, Templates
from tests.plugins.messaging.mail.servers import MailServer, mail_server

SYSTEM = Actor.system("a test")


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server that takes mail."""
    with mail_server() as found:
        yield found


@pytest.fixture(params=ENGINES)
def messaging(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A base with the plugin enabled, once for each engine."""
    with templates.opened(request.param, tmp_path, "messaging") as crm:
        yield crm


@pytest.fixture
def post(messaging: CRM, server: MailServer) -> CRM:
    """A base with a mailbox that sends by the server."""
    set_up(messaging, server.port)
    return messaging


def set_up(crm: CRM, port: int, name: str = "hello", **values: object) -> UUID:
    """Set up a mailbox of a server on this machine."""
    given = {
        "name": name,
        "address": f"{name}@shop.example",
        "display_name": "茶馆 Tea House",
        "private": True,
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        **values,
    }
    found: UUID = crm.run(SYSTEM, "messaging.mailbox.create", given).id
    return found


def message(**values: object) -> Message:
    """Return a message to Ada."""
    given = {
        "id": new_id(),
        "channel": "email",
        "address": "ada@example.com",
        "subject": "您好",
        "body": "Tea is ready.",
    }
    return Message(**{**given, "subject": "您好", **values})


def test_a_mail_arrives_as_it_was_meant(post: CRM, server: MailServer) -> None:
    """Sender, recipient, subject, both bodies, headers and files come out at the other end."""
    sent = message(
        html="<p>Tea is <b>ready</b>.</p>",
        headers={"In-Reply-To": "<before@example.com>", "List-Unsubscribe": "<https://shop.example/p/x>"},
        files=[MessageFile(name="菜单.pdf", media_type="application/pdf", content=b"%PDF-1.7")],
    )
    assert deliver(post, sent) == Delivery(outcome="accepted", carrier_id="Taken as 4711")
    assert server.mails[0][:2] == ("hello@shop.example", ["ada@example.com"])
    mail = server.read()
    assert mail["From"] == "茶馆 Tea House <hello@shop.example>"
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "您好")
    assert mail["Message-ID"] == f"<{sent.id.hex}@shop.example>"
    assert mail["In-Reply-To"] == "<before@example.com>"
    assert mail["List-Unsubscribe"] == "<https://shop.example/p/x>"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert plain.get_content().strip() == "Tea is ready."
    assert html is not None
    assert "<b>ready</b>" in html.get_content()
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("菜单.pdf", b"%PDF-1.7")


def test_a_message_id_of_the_sender_s_own_is_kept(post: CRM, server: MailServer) -> None:
    """Whoever keeps threads says the Message-ID; no header that the carrier sets itself is taken from outside."""
    deliver(post, message(headers={"Message-ID": "<7@shop.example>", "From": "boss@bank.example"}))
    mail = server.read()
    assert mail["Message-ID"] == "<7@shop.example>"
    assert "boss" not in mail["From"]


def test_an_automatic_answer_comes_back_to_nobody(post: CRM, server: MailServer) -> None:
    """It leaves with the empty sender; who wrote it is in the head all the same."""
    deliver(post, message(headers={"Auto-Submitted": "auto-replied"}))
    assert server.mails[0][0] == "<>"
    assert "hello@shop.example" in server.read()["From"]


@pytest.mark.parametrize(
    ("said", "outcome", "bad"),
    [
        ("450 4.2.1 Mailbox busy", "later", False),
        ("550 5.1.1 No such user", "refused", True),
        ("550 5.7.1 Blocked by policy", "refused", False),
        ("553 Nobody here by that name", "refused", True),
        ("421 Come again", "later", False),
    ],
)
def test_what_a_server_says_of_a_recipient(post: CRM, server: MailServer, said: str, outcome: str, bad: bool) -> None:
    """For now or for good; and whether it is the address that is no good. The address itself is not repeated."""
    server.to_recipient = lambda address: f"{said} {address}"
    found = deliver(post, message())
    assert (found.outcome, found.bad_address) == (outcome, bad)
    assert said[:3] in found.reason
    assert "ada@example.com" not in found.reason
    assert server.mails == []


def test_what_a_server_says_of_the_content(post: CRM, server: MailServer) -> None:
    """A refusal after the content is one: the mail has not been taken."""
    server.to_content = lambda content: "554 5.6.0 This smells of spam"
    assert deliver(post, message()).outcome == "refused"
    server.to_content = lambda content: "451 4.3.0 Not now"
    assert deliver(post, message()).outcome == "later"


def test_a_line_that_breaks_before_the_content_is_tried_again(messaging: CRM) -> None:
    """Nobody is at the port: nothing has left, so it may be tried again."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        set_up(messaging, closed.getsockname()[1])
    assert deliver(messaging, message()).outcome == "later"


def test_a_line_that_breaks_after_the_content_leaves_it_unknown(crm: CRM) -> None:
    """A server that has the whole mail and never says whether it takes it: nobody knows, and it is not sent twice."""
    crm.enable("messaging")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _address = listener.accept()
        with line, line.makefile("rwb") as stream:
            stream.write(b"220 ready\r\n")
            stream.flush()
            for said in stream:
                word = said[:4].upper()
                if word == b"DATA":
                    stream.write(b"354 go on\r\n")
                elif said == b".\r\n":
                    return
                elif word in (b"EHLO", b"MAIL", b"RCPT"):
                    stream.write(b"250 fine\r\n")
                stream.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    set_up(crm, listener.getsockname()[1])
    with pytest.raises(HookFailed) as caught:
        deliver(crm, message())
    assert isinstance(caught.value.__cause__, LeftUnknown)
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"headers": {"X-Note": "one\r\nBcc: all@example.com"}},
        {"address": "ada@example.com\nBcc: all@example.com"},
        {"address": "no address"},
    ],
)
def test_nothing_is_smuggled_into_the_head_of_a_mail(post: CRM, server: MailServer, wrong: dict[str, object]) -> None:
    """A line break in a header or an address is refused; one in a subject is a blank."""
    assert deliver(post, message(**wrong)).outcome == "refused"
    deliver(post, message(subject="Hello\r\nBcc: all@example.com"))
    assert server.read()["Bcc"] is None
    assert [mail[1] for mail in server.mails] == [["ada@example.com"]]


def test_the_named_mailbox_is_taken_and_the_usual_one_otherwise(post: CRM, server: MailServer) -> None:
    """Each mail leaves by the mailbox that it names; without a mailbox nothing is taken."""
    second = set_up(post, server.port, name="news")
    deliver(post, message(sender="news"))
    deliver(post, message())
    post.run(SYSTEM, "messaging.mailbox.update", {"usual": True}, target=second)
    deliver(post, message())
    assert [mail[0] for mail in server.mails] == [f"{name}@shop.example" for name in ("news", "hello", "news")]
    assert deliver(post, message(sender="none")) == Delivery(outcome="refused", reason="no carrier")
    assert deliver(post, message(channel="pigeon")) == Delivery(outcome="refused", reason="no carrier")


def test_a_server_in_the_own_network_has_to_be_said(post: CRM) -> None:
    """Without that word neither is it talked to without protection, nor is its address called."""
    with pytest.raises(InvalidInput):
        set_up(post, 25, name="open", private=False)
    set_up(post, 25, name="inside", private=False, smtp_security="starttls")
    found = deliver(post, message(sender="inside"))
    assert found.outcome == "later"
    assert "does not call" in found.reason


def test_a_password_goes_with_its_server(post: CRM) -> None:
    """Who changes the server of a mailbox does not send its password there; nobody reads it either."""
    from crmkit_messaging.mail.models import Mailbox

    from crmkit import secret_of

    box = set_up(post, 25, name="shut", smtp_user="shut", smtp_password="open sesame")
    with post.session(SYSTEM) as session:
        found = session.get_one(Mailbox, box)
        assert secret_of(found, "smtp_password") == "open sesame"
        assert "sesame" not in repr(found.smtp_password)
    post.run(SYSTEM, "messaging.mailbox.update", {"smtp_host": "evil.example"}, target=box)
    with post.session(SYSTEM) as session:
        assert secret_of(session.get_one(Mailbox, box), "smtp_password") is None
