"""What can be done with web-hooks that came: trying again, mending, dropping; and, for the framework alone, keeping one
and noting what became of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any

from sqlalchemy import func, select

from crmkit import Conflict, CrmSession, Input, InvalidInput, Problem, Refused, operation, texts
from crmkit_integration.receiving.inputs import BYTES, Claimed, NewOutcome, NewReceived
from crmkit_integration.receiving.models import ReceivedWebhook, WebhookSource
from crmkit_integration.receiving.standing import require_standing

_ = texts("crmkit_integration")

WORK = "integration.received.update"
UNVERIFIED = 100
"""Most web-hooks of one source that are kept although it is not shown that they come from it; more are counted."""


@operation("integration.received.retry", title=_("Try again"), permission=WORK, effect="update")
def retry_received(session: CrmSession, received: ReceivedWebhook) -> ReceivedWebhook:
    """Have a web-hook verified, mapped and run again, as the source is by now. A job does it. Raises Conflict for one
    that is not in quarantine."""
    return _again(session, received)


@operation("integration.received.mend", title=_("Mend and try again"), permission=WORK, effect="update")
def mend_received(
    session: CrmSession,
    received: ReceivedWebhook,
    *,
    body: Annotated[str, Input(title=_("Body"), max_length=BYTES, multiline=True)],
) -> ReceivedWebhook:
    """Put another body, as JSON, in place of the one that came, and try again. Raises InvalidInput for what is no JSON,
    Conflict for what is not in quarantine or does not show that it comes from its source."""
    if received.reason == "unverified":
        raise Conflict(_("Nobody mends what is not shown to come from its source."))
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput([Problem(InvalidInput.code, _("This is no JSON."), field="body")]) from error
    received.body, received.mended = body, True
    return _again(session, received)


@operation("integration.received.drop", title=_("Drop"), permission=WORK, effect="update")
def drop_received(session: CrmSession, received: ReceivedWebhook) -> ReceivedWebhook:
    """Give a web-hook up: its body is removed, and if it comes again it is known. Raises Conflict for one that is not
    in quarantine."""
    _require_quarantine(received)
    received.state = "dropped"
    received.body = received.headers = received.problems = received.place = None
    return received


def _again(session: CrmSession, received: ReceivedWebhook) -> ReceivedWebhook:
    _require_quarantine(received)
    source = session.get_one(WebhookSource, received.source_id)
    require_standing(session, source.runs_as_id)
    received.state = "running"
    received.attempts += 1
    received.tried_at = session.gate.clock.now()
    session.flush()
    session.defer("integration.work_off", received_id=str(received.id))
    return received


def _require_quarantine(received: ReceivedWebhook) -> None:
    if received.state != "quarantined":
        raise Conflict(_("This web-hook is not in quarantine."))


@operation("integration.received.take", title=_("Take in a web-hook"), permission=WORK, hidden=True)
def take(session: CrmSession, new: NewReceived) -> Claimed:
    """Keep a web-hook that came, once for its id. Raises Refused outside system scope."""
    _only_system(session)
    if new.external_id is not None:
        known = session.scalar(
            select(ReceivedWebhook.id).where(
                ReceivedWebhook.source_id == new.source_id, ReceivedWebhook.external_id == new.external_id
            )
        )
        if known is not None:
            return Claimed(id=known, new=False)
    source = session.get_one(WebhookSource, new.source_id)
    if new.reason == "unverified" and _unverified(session, source) >= UNVERIFIED:
        source.unkept += 1
        return Claimed(id=source.id, new=False)
    # Said once a minute at most: many that come at once need not wait for each other.
    if source.seen_at is None or new.received_at - source.seen_at > timedelta(minutes=1):
        source.seen_at = new.received_at
    row = ReceivedWebhook(
        source_id=new.source_id,
        external_id=new.external_id,
        received_at=new.received_at,
        tried_at=new.received_at,
        state="running" if new.reason is None else "quarantined",
        reason=new.reason,
        attempts=1,
        size=new.size,
        body=new.body,
        headers=dict(new.headers),
    )
    session.add(row)
    return Claimed(id=row.id, new=True)


@operation("integration.received.note", title=_("Note the result"), permission=WORK, hidden=True)
def note(session: CrmSession, received: ReceivedWebhook, outcome: NewOutcome) -> None:
    """Note what became of a web-hook; what is done is kept without its body. Raises Refused outside system scope."""
    _only_system(session)
    if received.state != "running":
        return
    received.state, received.reason, received.code = outcome.state, outcome.reason, outcome.code
    received.operation, received.result = outcome.operation, outcome.result
    received.place, received.problems = outcome.place, list(outcome.problems) or None
    if outcome.customer_id is not None:
        received.customer_id = outcome.customer_id
    if outcome.state in ("done", "ignored"):
        received.body = received.headers = None


def _unverified(session: CrmSession, source: WebhookSource) -> int:
    query = select(func.count(ReceivedWebhook.id)).where(
        ReceivedWebhook.source_id == source.id,
        ReceivedWebhook.state == "quarantined",
        ReceivedWebhook.reason == "unverified",
    )
    return session.scalar(query) or 0


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is noted by the framework alone."))


OPERATIONS: list[Any] = [retry_received, mend_received, drop_received, take, note]
"""The operations of this module."""
