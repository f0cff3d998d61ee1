"""A carrier for tests: takes every message of every channel, keeps it, and sends nothing. Must not know pytest."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import define, field

from crmkit.hooks.markers import hookimpl
from crmkit.hooks.ports import Delivery, Message

if TYPE_CHECKING:
    from crmkit.app import CRM

OWNER = "crmkit.mailbox"
"""The name under which the dispatcher knows the carrier; as it is the kernel's, no list of plugins shows it."""


@define(kw_only=True)
class Mailbox:
    """What would have been sent, oldest first. It is a sequence of `Message`.

    ``answer`` is what becomes of the next messages: accepted, unless another `Delivery` is put there.
    """

    answer: Delivery = field(factory=lambda: Delivery(outcome="accepted", carrier_id="test"))
    messages: list[Message] = field(factory=list)

    def __len__(self) -> int:
        return len(self.messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)

    def __getitem__(self, position: int) -> Message:
        return self.messages[position]

    def of(self, channel: str) -> list[Message]:
        """Return the messages of one channel."""
        return [message for message in self.messages if message.channel == channel]

    def clear(self) -> None:
        """Forget what was sent so far."""
        self.messages.clear()

    def take(self, message: Message) -> Delivery:
        """Keep a message, and say what became of it."""
        self.messages.append(message)
        return self.answer


def open_mailbox(crm: CRM) -> Mailbox:
    """Return a mailbox that takes the messages of a CRM before any other carrier is asked."""
    mailbox = Mailbox()
    carrier: Any = ModuleType(OWNER)

    @hookimpl(tryfirst=True)
    def crmkit_deliver_message(message: Message) -> Delivery:
        return mailbox.take(message)

    carrier.crmkit_deliver_message = crmkit_deliver_message
    crm.dispatcher.add_plugin(OWNER, carrier)
    return mailbox
