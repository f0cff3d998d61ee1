"""What is known of messages to each customer, as facts. Must not use mapped classes in a select: facts are not the
reader's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, literal, select

from crmkit import ContactPoint, Fact, FactQuery, FactSet, texts
from crmkit_messaging.sending.models import OutgoingMessage, Suppression
from crmkit_messaging.sending.words import REASONS

_ = texts("crmkit_messaging")

_MESSAGE = cast(Any, OutgoingMessage).__table__
_SUPPRESSION = cast(Any, Suppression).__table__
_POINT = cast(Any, ContactPoint).__table__


def select_sent(query: FactQuery) -> Select[Any]:
    """Return how many messages had been sent to each customer by ``as_of``, and the first and the last of them."""
    sent = _MESSAGE.c.sent_at
    found: Any = (
        select(
            _MESSAGE.c.customer_id,
            func.count().label("sent_count"),
            func.min(sent).label("first_sent_at"),
            func.max(sent).label("last_sent_at"),
        )
        .where(sent <= query.as_of, sent <= query.known_at, query.within(_MESSAGE.c.customer_id))
        .group_by(_MESSAGE.c.customer_id)
    )
    return cast("Select[Any]", found)


def sent_touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers to whom something was sent since."""
    return select(_MESSAGE.c.customer_id).where(
        _MESSAGE.c.sent_at > func.least(since.as_of, since.known_at)
        if query.dialect == "postgresql"
        else _MESSAGE.c.sent_at > func.min(since.as_of, since.known_at)
    )


def select_states(query: FactQuery) -> Select[Any]:
    """Return what waits and what was refused, as it stands."""
    state = _MESSAGE.c.state
    held = and_(state == "waiting", _MESSAGE.c.held_at.is_not(None))
    found: Any = (
        select(
            _MESSAGE.c.customer_id,
            func.count(case((state == "waiting", 1))).label("waiting_count"),
            func.count(case((held, 1))).label("held_count"),
            func.count(case((state == "refused", 1))).label("refused_count"),
            func.count(case((state == "failed", 1))).label("failed_count"),
            func.count(case((state == "uncertain", 1))).label("uncertain_count"),
            func.max(case((state == "refused", _MESSAGE.c.ended_at))).label("last_refused_at"),
        )
        .where(query.within(_MESSAGE.c.customer_id))
        .group_by(_MESSAGE.c.customer_id)
    )
    return cast("Select[Any]", found)


def states_touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whose messages one has changed since."""
    return select(_MESSAGE.c.customer_id).where(_MESSAGE.c.updated_at > since.known_at)


def select_refusals(query: FactQuery) -> Select[Any]:
    """Return why the last message that was refused was."""
    ranked = (
        select(
            _MESSAGE.c.customer_id,
            _MESSAGE.c.reason.label("last_refused_reason"),
            func.row_number()
            .over(
                partition_by=_MESSAGE.c.customer_id,
                order_by=(_MESSAGE.c.ended_at.desc(), _MESSAGE.c.id.desc()),
            )
            .label("place"),
        )
        .where(_MESSAGE.c.state == "refused", query.within(_MESSAGE.c.customer_id))
        .subquery()
    )
    found: Any = select(ranked.c.customer_id, ranked.c.last_refused_reason).where(ranked.c.place == 1)
    return cast("Select[Any]", found)


def select_suppressed(query: FactQuery) -> Select[Any]:
    """Return the customers who have an address that is suppressed."""
    found: Any = (
        select(_POINT.c.customer_id, literal(True).label("suppressed"))
        .where(_POINT.c.value_token.in_(select(_SUPPRESSION.c.point_token)), query.within(_POINT.c.customer_id))
        .group_by(_POINT.c.customer_id)
    )
    return cast("Select[Any]", found)


FACTS = [
    FactSet(
        name="messaging",
        title=_("Messages"),
        doc=_("Messages that were sent to the customer"),
        select=select_sent,
        touched=sent_touched,
        columns=[
            Fact(name="sent_count", type=int, default=0, doc=_("Messages that were sent to the customer")),
            Fact(name="first_sent_at", type=datetime | None, doc=_("When the first message was sent")),
            Fact(name="last_sent_at", type=datetime | None, doc=_("When the last message was sent")),
        ],
    ),
    FactSet(
        name="messaging",
        doc=_("Messages to the customer that have not left"),
        select=select_states,
        touched=states_touched,
        temporal=False,
        columns=[
            Fact(name="waiting_count", type=int, default=0, doc=_("Messages that wait")),
            Fact(name="held_count", type=int, default=0, doc=_("Messages that are held back")),
            Fact(name="refused_count", type=int, default=0, doc=_("Messages that were refused")),
            Fact(name="failed_count", type=int, default=0, doc=_("Messages that could not be delivered")),
            Fact(name="uncertain_count", type=int, default=0, doc=_("Messages that may have left or not")),
            Fact(name="last_refused_at", type=datetime | None, doc=_("When a message was refused last")),
        ],
    ),
    FactSet(
        name="messaging",
        doc=_("Why the last message was refused"),
        select=select_refusals,
        touched=states_touched,
        temporal=False,
        columns=[
            Fact(
                name="last_refused_reason",
                type=str | None,
                options=tuple(REASONS),
                doc=_("Why the last message that was refused was"),
            )
        ],
    ),
    FactSet(
        name="messaging",
        doc=_("Whether an address of the customer is suppressed"),
        select=select_suppressed,
        temporal=False,
        columns=[Fact(name="suppressed", type=bool, default=False, doc=_("An address of the customer is suppressed"))],
    ),
]
