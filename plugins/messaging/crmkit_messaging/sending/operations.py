"""What people can do with messages that wait, were refused, or of which nobody knows whether they have left."""

from __future__ import annotations

from sqlalchemy import select

from crmkit import Conflict, CrmSession, Customer, operation, texts
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.settling import MANAGE, note_sent
from crmkit_messaging.sending.waking import wake
from crmkit_messaging.sending.words import STATES

_ = texts("crmkit_messaging")


@operation("messaging.message.cancel", title=_("Do not send it"), permission=MANAGE, effect="update")
def cancel(session: CrmSession, message: OutgoingMessage) -> OutgoingMessage:
    """Cancel a message that waits. Raises Conflict for one that has left, is just leaving, or is over otherwise."""
    _hold(session, message, "waiting")
    _end(session, message, "cancelled")
    return message


@operation("messaging.message.send_again", title=_("Send it again"), permission=MANAGE, effect="update")
def send_again(session: CrmSession, message: OutgoingMessage) -> OutgoingMessage:
    """Have a message that was refused, has failed or is uncertain looked at anew: it leaves if the gate lets it.

    One that is uncertain may then arrive twice. Raises Conflict for any other.
    """
    _hold(session, message, "refused", "failed", "uncertain", "cancelled")
    message.state, message.reason, message.reason_values = "waiting", None, {}
    message.due_at, message.ended_at = session.gate.clock.now(), None
    message.attempts = 0
    wake(session, message.channel, message.mailbox)
    return message


@operation("messaging.message.drop", title=_("Let it be"), permission=MANAGE, effect="update")
def drop(session: CrmSession, message: OutgoingMessage) -> OutgoingMessage:
    """Leave a message that is uncertain or has failed as it is: it is not sent again. Raises Conflict for any other."""
    _hold(session, message, "uncertain", "failed")
    _end(session, message, "cancelled")
    return message


@operation("messaging.message.confirm", title=_("It has arrived"), permission=MANAGE, effect="update")
def confirm(session: CrmSession, message: OutgoingMessage) -> OutgoingMessage:
    """Say of a message that is uncertain that it has arrived: it counts as sent and is recorded.

    Raises Conflict for any other.
    """
    _hold(session, message, "uncertain")
    note_sent(session, message)
    return message


def _hold(session: CrmSession, message: OutgoingMessage, *states: str) -> None:
    """Lock a message, and the customer first, as who lets it leave does. Raises Conflict unless it is in one of some
    states by then."""
    session.scalar(select(Customer.id).where(Customer.id == message.customer_id).with_for_update())
    session.refresh(message, with_for_update=True)
    if message.state not in states:
        raise Conflict(
            _("The message is in another state by now: {state}."),
            fix=_("Look at it again."),
            state=STATES[message.state],
        )


def _end(session: CrmSession, message: OutgoingMessage, state: str) -> None:
    message.state, message.reason, message.reason_values = state, "by_person", {}
    message.due_at, message.ended_at = None, session.gate.clock.now()


OPERATIONS = [cancel, send_again, drop, confirm]
