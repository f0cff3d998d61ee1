"""A carrier of tests: takes text messages and pagers, and does with each what the test has told it to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from attrs import define, field

from crmkit import CRM, Delivery, Message, hookimpl
from crmkit.hooks.contributions import Channel


@define(eq=False)
class Carrier:
    """What was handed over, in order; ``answers`` says what becomes of each, by default it is accepted."""

    taken: list[Message] = field(factory=list)
    answers: Callable[[Message], Delivery] = field(default=lambda message: Delivery(outcome="accepted"))
    channels: tuple[str, ...] = ("sms", "pager.call")

    def take(self, message: Message) -> Delivery | None:
        """Take a message of one of the channels."""
        if message.channel not in self.channels:
            return None
        self.taken.append(message)
        return self.answers(message)


CARRIERS: WeakKeyDictionary[CRM, Carrier] = WeakKeyDictionary()


@hookimpl
def crmkit_deliver_message(crm: CRM, message: Message) -> Delivery | None:
    """Hand a message to the test's carrier."""
    return CARRIERS[crm].take(message)


def install(crm: CRM, carrier: Any = None) -> Carrier:
    """Have a CRM's messages carried; the channel ``pager`` takes a message of the same id once only."""
    import sys

    CARRIERS[crm] = carrier or Carrier()
    crm.dispatcher.add_plugin("pager", sys.modules[__name__])
    crm.registry.add(
        "pager", "channel", [Channel(name="pager.call", title="Pager", contact_kind="phone", repeatable=True)]
    )
    return CARRIERS[crm]
