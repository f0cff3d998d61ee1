"""The outbox and the rules in the pages, beside a customer, and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from attrs import define
from crmkit_messaging.sending.models import OutgoingMessage
from sqlalchemy import select

from crmkit import Delivery
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.plugins.messaging.sending.carrier import install
from tests.plugins.messaging.sending.conftest import OPTIONS, SYSTEM
from tests.web.conftest import Web, behind_doors

__all__ = ["crmkit", "pristine"]

OUTBOX = "/modules/messaging/outbox"
RULES = "/modules/messaging/rules"


@define
class Desk:
    """A base with people, and messages of every sort to one customer."""

    web: Web
    customer: UUID

    def state(self, state: str) -> list[UUID]:
        """Return the messages in a state."""
        with self.web.crm.session(SYSTEM) as session:
            query = select(OutgoingMessage.id).where(OutgoingMessage.state == state)
            return list(session.scalars(query.order_by(OutgoingMessage.id)))


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """A customer base with people and messages."""
    with behind_doors(templates, "sqlite", tmp_path, "messaging", options=OPTIONS) as web:
        crm = web.crm
        carrier = install(crm)
        phone = {"kind": "phone", "value": "+8613800138000"}
        who = crm.run(
            SYSTEM, "customer.create", {"name": "Ada <King>", "owner_id": web.users["mia"], "contact_points": [phone]}
        ).id

        def send(**values: object) -> None:
            given = {"customer_id": who, "purpose": "service", "channel": "sms", "body": "Hello", "urgent": True}
            crm.run(SYSTEM, "messaging.send", {**given, **values})

        send()
        send(purpose="marketing")
        crm.worker().run_until_idle()

        def broken(message: object) -> Delivery:
            raise OSError

        carrier.answers = broken
        send()
        crm.worker().run_until_idle()
        send(not_before="2099-01-01T00:00:00+00:00")
        crm.run(SYSTEM, "messaging.cap.create", {"number": 3, "per": "week", "purpose": "marketing"})
        crm.run(SYSTEM, "messaging.cap.create", {"number": 1, "per": "hours", "hours": 12, "channel": "sms"})
        crm.run(SYSTEM, "messaging.quiet_hours.create", {"hours": "12-14", "channel": "sms", "days": ["sat", "sun"]})
        crm.run(SYSTEM, "messaging.throttle.create", {"channel": "sms", "number": 100, "seconds": 60})
        yield Desk(web=web, customer=who)


@pytest.mark.parametrize(("language", "why"), [("en", "has not agreed"), ("zh_Hans", "客户没有同意此用途")])
def test_the_outbox_says_why(desk: Desk, language: str, why: str) -> None:
    """In both languages, for each state, and of one customer."""
    client = desk.web.client("mia", language=language)
    page = client.get(OUTBOX)
    assert page.status_code == 200
    assert why in page.text
    assert "Ada &lt;King&gt;" in page.text
    for state in ("waiting", "sent", "refused", "uncertain"):
        assert client.get(f"{OUTBOX}?state={state}&customer={desk.customer}").status_code == 200
    assert client.get(f"{OUTBOX}?state=nonsense&customer=nobody").status_code == 200
    assert why not in client.get(f"{OUTBOX}?state=sent").text
    assert client.get(RULES).status_code == 200


def test_somebody_decides_on_an_uncertain_message(desk: Desk) -> None:
    """By the buttons of the list."""
    client = desk.web.client("mia")
    (uncertain,) = desk.state("uncertain")
    path = f"/operations/messaging.message.drop?target={uncertain}"
    assert path.replace("&", "&amp;") in client.get(OUTBOX).text.replace(f"&amp;next={OUTBOX}", "")
    assert desk.web.crm.run(SYSTEM, "messaging.message.drop", target=uncertain).state == "cancelled"
    assert client.get(OUTBOX).text.count("messaging.message.drop") == 0


def test_who_may_not_see_messages_has_no_such_page(desk: Desk) -> None:
    """An analyst has not the right."""
    assert desk.web.client("ann").get(OUTBOX).status_code in (403, 404)


def test_beside_the_customer_stands_what_was_sent(desk: Desk) -> None:
    """In a panel, and in the timeline what did not leave."""
    page = desk.web.client("mia").get(f"/customers/{desk.customer}")
    assert page.status_code == 200
    assert f"{OUTBOX}?customer={desk.customer}" in page.text


def test_messages_are_sent_and_listed_on_the_command_line(crmkit: Crmkit) -> None:
    """With the reason for what does not leave; a dry run keeps nothing."""
    crmkit.has("messaging")
    who = crmkit.json("customer", "add", "name=Li Na", "email=li@example.com")["result"]["id"]
    tried = crmkit.json("messaging", "send", who, "--purpose", "marketing", "--channel", "email", "--dry-run")
    assert (tried["outcome"], tried["reason"]) == ("never", "no_consent")
    assert crmkit.json("messaging", "outbox")["items"] == []
    offer = ("--purpose", "marketing", "--subject", "Hi", "--body", "Ten percent")
    (sent,) = crmkit.json("messaging", "send", who, *offer)["items"]
    assert (sent["channel"], sent["state"], sent["reason"]) == ("email", "refused", "no_consent")
    (listed,) = crmkit.json("messaging", "outbox", "--state", "refused", "--customer", who)["items"]
    assert listed["why"] == "The customer has not agreed to this purpose."
    assert "no_consent" not in crmkit.ok("messaging", "outbox").out
