"""The jobs of sending: handing messages over, one after the other, while no transaction is open.

Must not decide anything: before and after each message an operation does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import evolve

from crmkit import (
    CRM,
    Actor,
    CrmSession,
    Delivery,
    Job,
    Message,
    MessageFile,
    NotFound,
    deliver,
    open_attachment,
    texts,
)
from crmkit.errors import CrmkitError
from crmkit_messaging.sending.departing import Handover, needs_tidying
from crmkit_messaging.sending.waking import DISPATCH

_ = texts("crmkit_messaging")
_log = logging.getLogger("crmkit.messaging")

TURN = 45.0
"""Seconds after which a job makes room for others and has itself called again."""
SHORT = 2.0
"""Seconds that are waited for a throttle within the job."""


def dispatch(crm: CRM, actor: Actor, channel: str, mailbox: str = "") -> None:
    """Let the messages of a channel and mailbox leave that are due, one after the other."""
    until = time.monotonic() + TURN
    way = {"channel": channel, "mailbox": mailbox}
    while time.monotonic() < until:
        step: Handover = crm.run(actor, "messaging.message.depart", way)
        if step.message is not None:
            hand_over(crm, actor, step)
            continue
        if step.again_at is None:
            return
        pause = (step.again_at - crm.clock.now()).total_seconds()
        if pause > SHORT:
            crm.run(actor, "messaging.message.wake", {**way, "at": step.again_at})
            return
        time.sleep(max(pause, 0.0))
    crm.run(actor, "messaging.message.wake", way)


def hand_over(crm: CRM, actor: Actor, step: Handover) -> None:
    """Hand one message over that was marked, and keep what came of it."""
    message = step.message
    assert message is not None
    given: dict[str, Any] = {"token": step.token}
    try:
        files = _files(crm, actor, step.file_ids)
    except CrmkitError as error:
        _settle(crm, actor, message, {**given, "ending": "file_gone", "answer": error.code})
        return
    try:
        answer: Delivery = deliver(crm, evolve(message, files=files))
    except Exception as error:
        # It may have left before something broke: that is said, and never tried again by itself.
        _log.warning("message %s: its carrier broke off (%s)", message.id, type(error).__name__)
        _settle(crm, actor, message, {**given, "ending": "unknown", "answer": type(error).__name__})
        return
    _settle(
        crm,
        actor,
        message,
        {
            **given,
            "ending": answer.outcome,
            "carrier_id": answer.carrier_id,
            "answer": answer.reason,
            "bad_address": answer.bad_address,
            "retry_at": answer.retry_at,
        },
    )


def _settle(crm: CRM, actor: Actor, message: Message, given: dict[str, Any]) -> None:
    try:
        crm.run(actor, "messaging.message.settle", given, target=message.id)
    except NotFound:
        # The customer was erased while the message was on its way.
        _log.info("message %s is gone", message.id)


def _files(crm: CRM, actor: Actor, ids: Sequence[UUID]) -> list[MessageFile]:
    if not ids:
        return []
    with crm.session(actor) as session:
        found = [open_attachment(session, identity) for identity in ids]
    return [MessageFile(name=each.filename, media_type=each.media_type, content=each.content) for each in found]


def watch(session: CrmSession, tick: datetime) -> None:
    """Look after what waits: what is due by now, and what broke off."""
    if needs_tidying(session):
        session.run("messaging.message.tidy")


JOBS = [
    Job(
        name=DISPATCH,
        title=_("Send messages"),
        handler=dispatch,
        acts_as="system",
        apart=True,
        attempts=5,
    ),
    Job(
        name="messaging.watch",
        title=_("Look after messages that wait"),
        handler=watch,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
    ),
]
