"""Handing a message to a carrier: whichever plugin has one for its channel.

Nobody's consent is asked here: who sends to customers goes through what asks. Must not know any channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.errors import HookError
from crmkit.hooks.ports import Delivery, Message
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

NO_CARRIER = "no carrier"
"""The reason for which a message is refused that no plugin takes."""


def deliver(crm: CRM, message: Message) -> Delivery:
    """Hand a message to the first carrier that takes its channel and return what became of it. Call it while no
    transaction is open, as a carrier may take its time.

    Without a carrier the message is refused. Raises HookFailed where a carrier fails: then nobody knows whether the
    message has left, and handing it over again may send it twice, unless its channel is `Channel.repeatable`.
    """
    answer = crm.dispatcher.first("crmkit_deliver_message", crm=crm, message=message)
    if answer is None:
        return Delivery(outcome="refused", reason=NO_CARRIER)
    if not isinstance(answer.value, Delivery):
        raise HookError(_("crmkit_deliver_message returned no Delivery."), plugin=answer.plugin)
    return answer.value
