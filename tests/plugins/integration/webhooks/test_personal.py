"""A colleague's own web-hook: notices go to it, signed where there is a secret, and nowhere that must not be called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import CRM, Message, deliver, new_id
from tests.conftest import Templates
from tests.plugins.integration.webhooks.conftest import SYSTEM, person
from tests.plugins.integration.webhooks.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def inside(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A base whose colleagues may have web-hooks in the own network."""
    options = {"integration": {"own_webhooks_private": True}}
    with templates.opened("sqlite", tmp_path, "integration", options=options) as crm:
        yield crm


def message(address: str) -> Message:
    """Return something to be told."""
    return Message(id=new_id(), channel="integration.webhook", address=address, subject="Task 7", body="It is due.")


def test_a_notice_goes_to_one_s_own_web_hook(inside: CRM, receiver: Receiver) -> None:
    """From the choice on the page to the receiver, which verifies it; once."""
    inside.enable("work")
    receiver.wants(secret=SECRET)
    sam = person(inside, "sam", "seller")
    address = f"{receiver.url}#{SECRET}"
    inside.run(sam, "work.notice.set_address", {"channel": "integration.webhook", "address": address})
    choice = {"kind": "*", "channel": "integration.webhook", "wanted": "now"}
    inside.run(sam, "work.notice.choose", {"choices": [choice]})
    inside.run(SYSTEM, "work.notice.send", {"user_id": sam.user_id, "title": "The tea is here", "urgent": True})
    inside.worker().run_until_idle()
    inside.worker().run_until_idle()
    (got,) = receiver.got()
    assert (got["verified"], got["message"]["data"]["subject"]) == (True, "The tea is here")
    assert "#" not in got["path"]


def test_the_id_is_the_same_whenever_it_comes_again(inside: CRM, receiver: Receiver) -> None:
    """By that a receiver knows it; what it answers decides whether it comes again."""
    receiver.wants(secret=SECRET, status=503)
    told = message(f"{receiver.url}#{SECRET}")
    assert deliver(inside, told).outcome == "later"
    receiver.wants(status=410)
    assert deliver(inside, told).outcome == "refused"
    receiver.wants(status=0)
    assert deliver(inside, told).outcome == "accepted"
    assert len({each["headers"]["webhook-id"] for each in receiver.got()}) == 1


def test_addresses_that_must_not_be_called_are_not(lite: CRM, receiver: Receiver) -> None:
    """The machine itself and the own network only where the settings say so; what is no secret is refused."""
    assert deliver(lite, message(receiver.url)).outcome == "refused"
    assert deliver(lite, message("https://169.254.169.254/latest")).outcome != "accepted"
    assert deliver(lite, message("https://example.com/#whsec_no secret")).outcome == "refused"
    assert receiver.got() == []
