"""The feed of events: what has happened, in one order for good, as far as the caller may know of it.

Must not know what an event says.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from crmkit.exchange.feed.reading import MOST, FeedEvent, FeedPage, has_more, read_feed
from crmkit.i18n import texts
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Answer, Endpoint, Parameter

_ = texts("crmkit")

LONGEST = 25
"""Seconds that a call may wait for something to happen."""
LOOK = 0.5
"""Seconds between two looks whether something has."""
WAITING = threading.BoundedSemaphore(8)
"""Calls that may wait at once: each holds a thread of the process meanwhile."""


def _feed(call: RestCall) -> dict[str, Any]:
    given = call.query
    types = tuple(given["type"] or ())
    until = time.monotonic() + given["wait"]
    page = read_feed(call.crm, call.actor, given["after"] or None, types=types, limit=given["limit"])
    if not page.events and given["wait"] and WAITING.acquire(blocking=False):
        try:
            page = _awaited(call, page, types, until)
        finally:
            WAITING.release()
    return {"data": [_shown(each) for each in page.events], "next": page.next, "more": page.more}


def _awaited(call: RestCall, page: FeedPage, types: tuple[str, ...], until: float) -> FeedPage:
    """Return the next page that has something in it, or the last one when the time is over."""
    while not page.events and time.monotonic() < until:
        if not page.more and not has_more(call.crm, page.next):
            time.sleep(min(LOOK, max(until - time.monotonic(), 0)))
            continue
        page = read_feed(call.crm, call.actor, page.next, types=types, limit=call.query["limit"])
    return page


def _shown(event: FeedEvent) -> dict[str, Any]:
    return {
        "cursor": event.cursor,
        "id": event.id,
        "type": event.type,
        "recorded_at": event.recorded_at,
        "operation": event.operation,
        "actor_id": event.actor_id,
        "cause_id": event.cause_id,
        "correlation_id": event.correlation_id,
        "data": event.data,
    }


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/events",
        name="events",
        title=_("Follow what happens"),
        description=(
            "Events that were committed, the oldest first. Their order never changes, and nothing is ever put before a "
            "cursor that was given out: who goes on from `next` misses nothing, however slow a transaction was."
        ),
        group=_("Events"),
        serve=_feed,
        parameters=(
            Parameter(
                name="after",
                title=_("The next of the page before; without it the oldest event, with now only what comes."),
                max_length=40,
            ),
            Parameter(name="limit", type=int, title=_("Most events."), default=100, minimum=1, maximum=MOST),
            Parameter(
                name="type",
                type=tuple[str, ...],
                title=_("Only events of these names, separated by commas; customer.* for all about a resource."),
                max_length=2000,
                example="customer.created,interaction.*",
            ),
            Parameter(
                name="wait",
                type=int,
                title=_("Seconds to wait where nothing has happened yet."),
                default=0,
                minimum=0,
                maximum=LONGEST,
            ),
        ),
        answers=[
            Answer(
                title=_("Events, and where to go on."),
                body={
                    "type": "object",
                    "properties": {
                        "data": {"type": "array", "items": {"type": "object"}},
                        "next": {"type": "string"},
                        "more": {"type": "boolean"},
                    },
                    "required": ["data", "next", "more"],
                },
            )
        ],
        refusals=(409,),
    ),
)
