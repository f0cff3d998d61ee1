"""Hands messages of the channel ``feishu.robot`` to robots. No transaction is open while a robot is called."""

from __future__ import annotations

from crmkit import CRM, Delivery, Message, Refused, call_address

from crmkit_feishu.robots import body_of, delivery_of
from crmkit_feishu.settings import settings_of

CHANNEL = "feishu.robot"
SECONDS = 10.0


def deliver(crm: CRM, message: Message) -> Delivery | None:
    """Hand a message to the robot that its address names, else to the usual one; None for another channel.

    Raises Refused when the robot did not answer, and ValueError when its answer says nothing: then nobody knows whether
    the message is in the group.
    """
    if message.channel != CHANNEL:
        return None
    settings = settings_of(crm.settings)
    robot = settings.robots.get(message.address or settings.usual)
    if robot is None:
        return Delivery(outcome="refused", reason=f'there is no robot "{message.address[:60]}"')
    now = crm.clock.now()
    try:
        answer = call_address(
            robot.url,
            content=body_of(message, robot, now),
            headers={"Content-Type": "application/json; charset=utf-8"},
            private=settings.private,
            seconds=SECONDS,
        )
    except Refused as error:
        if error.__cause__ is None:
            # Nothing was sent: the address is none that may be called.
            return Delivery(outcome="refused", reason="the robot's address cannot be called")
        raise
    return delivery_of(answer, now)
