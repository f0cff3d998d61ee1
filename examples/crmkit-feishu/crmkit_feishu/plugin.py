"""What the plugin has, for crmkit's hooks: a channel, its carrier, and a check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmkit import Channel, Check, hookimpl
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit import CRM, Delivery, Message

_ = texts("crmkit_feishu")


@hookimpl
def crmkit_channels() -> Sequence[Channel]:
    """Return the channel: the address of a message is the name of a robot."""
    return [Channel(name="feishu.robot", title=_("Feishu"))]


@hookimpl
def crmkit_deliver_message(crm: CRM, message: Message) -> Delivery | None:
    """Hand messages of the channel to robots."""
    from crmkit_feishu.carrier import deliver

    return deliver(crm, message)


@hookimpl
def crmkit_checks() -> Sequence[Check]:
    """Return the check of the robots."""
    from crmkit_feishu.checks import CHECKS

    return CHECKS
