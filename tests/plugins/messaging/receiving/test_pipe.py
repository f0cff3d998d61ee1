"""``crmkit messaging receive``: a mail server hands a mail in, and understands from the exit code what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Call, Crmkit, crmkit, pristine
from tests.plugins.messaging.receiving.samples import bounce, mail

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with a mailbox."""
    crmkit.has("messaging")
    crmkit.ok("messaging", "mailbox", "new", "sales", "sales@shop.example")
    return crmkit


def piped(shop: Crmkit, raw: bytes, *arguments: str, **options: Any) -> Call:
    """Call the command with a mail on standard input."""
    return shop("messaging", "receive", *arguments, input=raw.decode(), **options)


def test_a_mail_is_taken_in_once(shop: Crmkit) -> None:
    """0 also for one that is there already: the server is to forget it."""
    first = piped(shop, mail(), "sales")
    second = piped(shop, mail(), "sales", "--json")
    assert (first.code, first.out, first.err) == (0, "", "")
    assert (second.code, second.json["duplicate"], second.json["kind"]) == (0, True, "mail")
    assert [each["subject"] for each in shop.json("messaging", "mails")["items"]] == ["A question"]


@pytest.mark.parametrize(("raw", "expected"), [(b"", 65), (b"\n \r\n", 65), (b"no headers, but something", 0)])
def test_what_is_no_mail_is_refused(shop: Crmkit, raw: bytes, expected: int) -> None:
    """65, so that the server tells its sender; anything that can be read is taken."""
    assert piped(shop, raw, "sales").code == expected


def test_what_may_be_over_later_is_tried_again(shop: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """75 for a mailbox that is not set up yet, and for whatever else goes wrong: the server keeps the mail."""
    missing = piped(shop, mail(), "nowhere")
    assert (missing.code, "no mailbox" in missing.err) == (75, True)
    monkeypatch.setattr("crmkit_messaging.receiving.fetching.parse_mail", lambda *given, **options: 1 / 0)
    broken = piped(shop, mail(), "sales")
    assert (broken.code, "Traceback" in broken.err) == (75, False)


def test_who_may_not_hand_mails_in_is_told_so(shop: Crmkit) -> None:
    """77, and nothing is kept."""
    shop.ok("user", "add", "sam", "Sam", "--role", "seller")
    token = shop.json("token", "create", "pipe", "--for", "sam", "--scope", "*")["token"]
    refused = piped(shop, mail(), "sales", env={"CRMKIT_TOKEN": token})
    assert refused.code == 77
    assert shop.json("messaging", "mails")["items"] == []


def test_bounces_are_listed(shop: Crmkit) -> None:
    """With what the server said, whether they are about one of ours or not."""
    piped(shop, bounce(), "sales")
    (found,) = shop.json("messaging", "bounces")["items"]
    assert (found["severity"], found["status"], found["suppressed"]) == ("hard", "5.1.1", False)
    assert shop.json("messaging", "fetch")["items"] == []
