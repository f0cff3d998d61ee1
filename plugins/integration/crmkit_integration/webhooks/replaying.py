"""Delivering again: single messages, those of a span of time, the dead letters; and giving up what waits.

A message that is delivered again has the id that it had, so that a receiver who has it already knows it. Must not know
how anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, select, update

from crmkit import Conflict, CrmSession, Input, InvalidInput, operation, texts
from crmkit_integration.settings import settings_of
from crmkit_integration.webhooks.models import (
    DEAD,
    DELIVERED,
    WAITING,
    Delivery,
    Endpoint,
    EndpointProgress,
    EndpointSecret,
)
from crmkit_integration.webhooks.noting import RIGHT

_ = texts("crmkit_integration")

MOST = 100_000
"""Most messages that are put back at once."""
BATCH = 1000
BATCHES = 50

Which = Literal["dead", "delivered", "all"]
WHICH = {"dead": _("Dead letters"), "delivered": _("What was delivered"), "all": _("Both")}


@frozen(kw_only=True)
class Replayed:
    """How many messages are delivered again."""

    messages: int


@operation("integration.endpoint.replay", title=_("Deliver again"), permission=RIGHT, effect="update")
def replay(
    session: CrmSession,
    endpoint: Endpoint,
    *,
    which: Annotated[Which, Input(title=_("Which"), choices=WHICH, classified="internal")] = "dead",
    since: Annotated[
        datetime | None,
        Input(title=_("Happened since"), help=_("The events of this time."), classified="internal"),
    ] = None,
    until: Annotated[datetime | None, Input(title=_("Happened before"), classified="internal")] = None,
    messages: Annotated[
        tuple[str, ...], Input(title=_("Messages"), help=_("Their ids, msg_…"), max_length=1000, classified="internal")
    ] = (),
) -> Replayed:
    """Put messages of an endpoint back in its order, each at its old place: those with some ids, whatever became of
    them, or those of a span of time. Without either all dead letters.

    Raises InvalidInput for a span that is none, and for delivered messages without a span.
    """
    if since is not None and until is not None and since >= until:
        raise InvalidInput(_("The span of time is empty."), field="until", value=until)
    if which != "dead" and not messages and since is None:
        raise InvalidInput(_("Say since when, for what was delivered."), field="since")
    query = select(Delivery.id).where(Delivery.endpoint_id == endpoint.id)
    if messages:
        query = query.where(Delivery.message_id.in_([each.strip() for each in messages]))
        query = query.where(Delivery.state != WAITING)
    else:
        states = {"dead": (DEAD,), "delivered": (DELIVERED,), "all": (DEAD, DELIVERED)}[which]
        query = query.where(Delivery.state.in_(states))
        if since is not None:
            query = query.where(Delivery.happened_at >= since)
        if until is not None:
            query = query.where(Delivery.happened_at < until)
    ids = session.scalars(query.order_by(Delivery.seq).limit(MOST)).all()
    _put_back(session, endpoint.id, ids)
    return Replayed(messages=len(ids))


@operation("integration.delivery.replay", title=_("Deliver again"), permission=RIGHT, effect="update")
def replay_one(session: CrmSession, delivery: Delivery) -> Delivery:
    """Deliver one message again, at once. Raises Conflict for one that waits anyway."""
    if delivery.state == WAITING and delivery.next_at <= session.gate.clock.now():
        raise Conflict(_("The message is about to be delivered."))
    _put_back(session, delivery.endpoint_id, [delivery.id])
    session.refresh(delivery)
    return delivery


@operation("integration.delivery.drop", title=_("Give up"), permission=RIGHT, effect="update")
def drop(session: CrmSession, delivery: Delivery) -> Delivery:
    """Give a message up that waits: it goes to the dead letters, and the next one about its customer can go. Raises
    Conflict for one that does not wait."""
    if delivery.state != WAITING:
        raise Conflict(_("The message does not wait."))
    delivery.state, delivery.ended_at = DEAD, session.gate.clock.now()
    _touch(session, delivery.endpoint_id)
    return delivery


def clean(session: CrmSession, tick: datetime) -> None:
    """Remove what is older than the log is kept: the job."""
    session.run("integration.delivery.clean", {"before": tick})


@operation("integration.delivery.clean", title=_("Shorten the log"), permission=RIGHT, effect="delete", hidden=True)
def clean_log(session: CrmSession, *, before: datetime) -> int:
    """Remove messages that were settled longer ago than the log is kept, with their attempts, and return how many; what
    waits stays. Secrets whose overlap has ended go as well."""
    session.execute(delete(EndpointSecret).where(EndpointSecret.expires_at < before))
    limit = before - timedelta(days=settings_of(session.crm.settings).keep_deliveries_days)
    removed = 0
    for _batch in range(BATCHES):
        old = session.scalars(
            select(Delivery.id).where(Delivery.state != WAITING, Delivery.ended_at < limit).limit(BATCH)
        ).all()
        if old:
            session.execute(delete(Delivery).where(Delivery.id.in_(old)))
            removed += len(old)
        if len(old) < BATCH:
            break
    return removed


def _put_back(session: CrmSession, endpoint_id: UUID, ids: Sequence[UUID]) -> None:
    now = session.gate.clock.now()
    values: dict[str, Any] = {"state": WAITING, "attempts": 0, "next_at": now, "tried_at": None, "ended_at": None}
    for start in range(0, len(ids), BATCH):
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(ids[start : start + BATCH]))
            .values(version=Delivery.version + 1, **values)
        )
    _touch(session, endpoint_id)


def _touch(session: CrmSession, endpoint_id: UUID) -> None:
    session.execute(
        update(EndpointProgress)
        .where(EndpointProgress.endpoint_id == endpoint_id)
        .values(revision=EndpointProgress.revision + 1)
    )


OPERATIONS = [replay, replay_one, drop, clean_log]
