"""Flows send messages through messaging: checked before publishing, sent once, and what became of it is in the log."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_journey.flows.errors import FlowNotSound
from crmkit_journey.flows.finding import flow_named
from crmkit_journey.passages.models import PassageStep
from crmkit_journey.passages.running import run_due
from crmkit_messaging.api import OutgoingMessage
from sqlalchemy import select

from tests.plugins.messaging.composing.bases import SYSTEM, Base, add
from tests.plugins.messaging.composing.conftest import base as _base

base = _base


def flow(base: Base, name: str, **node: Any) -> Any:
    """Return a flow that sends a message."""
    nodes = {"say": {"type": "message", "template": "hello", "next": "z", **node}, "z": {"type": "exit"}}
    document = {"start": "say", "nodes": nodes}
    return base.crm.run(SYSTEM, "journey.flow.create", {"name": name, "document": document}).id


def test_a_message_is_sent_once_for_the_templates_purpose(base: Base) -> None:
    base.crm.enable("journey")
    add(base.crm, "hello", "- {kind: text, text: Hello}", subject="Hello", channel="email", purpose="service")
    base.crm.run(SYSTEM, "journey.flow.publish", {}, target=flow(base, "greet"))
    base.crm.run(SYSTEM, "journey.passage.enter", {"flow": "greet", "customer_id": base.customers["ada"]})
    for _twice in range(2):
        run_due(base.crm, SYSTEM)
    with base.crm.session(SYSTEM) as session:
        (message,) = session.scalars(select(OutgoingMessage)).all()
        assert (message.customer_id, message.purpose, message.template) == (base.customers["ada"], "service", "hello")
        said = session.scalars(select(PassageStep.note).where(PassageStep.node == "say")).one()
        assert said.startswith(message.state)
        assert flow_named(session, "greet").state == "live"


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"template": "none"}, "no published template"),
        ({"channel": "sms"}, "for the channel email"),
        ({"values": {"name": "customer.nme"}}, "customer.nme"),
    ],
)
def test_what_cannot_be_sent_keeps_a_flow_from_being_published(base: Base, node: dict[str, Any], said: str) -> None:
    base.crm.enable("journey")
    add(base.crm, "hello", "- {kind: text, text: Hello}", subject="Hello", channel="email", purpose="service")
    with pytest.raises(FlowNotSound, match=said):
        base.crm.run(SYSTEM, "journey.flow.publish", {}, target=flow(base, "greet", **node))
