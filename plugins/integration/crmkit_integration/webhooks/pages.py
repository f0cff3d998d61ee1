"""The pages of web-hooks out: all of them with how they fare, and one with its messages and attempts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CardLine, CrmSession, DashboardCard, NotFound, Page, texts
from crmkit_integration.webhooks.models import (
    CAUSES,
    DELIVERY_STATES,
    DISABLED,
    ENDPOINT_STATES,
    OK,
    OUTCOMES,
    Delivery,
)
from crmkit_integration.webhooks.reading import (
    attempts_at,
    messages_of,
    preview_of,
    standing_of,
    standings,
)
from crmkit_integration.webhooks.schedule import ATTEMPTS

_ = texts("crmkit_integration")

PATH = "/modules/integration/webhooks"
SHOWN = 50
TONES = {"ok": "good", "failing": "warn", "disabled": "bad"}
DELIVERY_TONES = {"waiting": "info", "delivered": "good", "dead": "bad", "withheld": ""}


def overview(session: CrmSession) -> Mapping[str, Any]:
    """Return the endpoints with how they fare."""
    return {"standings": standings(session), **_words(session)}


def one(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return an endpoint with its newest messages, their attempts, and what is sent. Raises NotFound."""
    found = standing_of(session, query.get("name", ""))
    state = query.get("state", "")
    messages = messages_of(session, found.endpoint.id, state if state in DELIVERY_STATES else "", SHOWN)
    chosen = next((each for each in messages if each.message_id == query.get("message")), None)
    return {
        "standing": found,
        "messages": messages,
        "attempts": attempts_at(session, [each.id for each in messages]),
        "state": state,
        "chosen": chosen,
        "preview": _preview(session, found.endpoint, chosen),
        "most": ATTEMPTS,
        "shown": SHOWN,
        **_words(session),
    }


def _preview(session: CrmSession, endpoint: Any, chosen: Delivery | None) -> str | None:
    try:
        return preview_of(session, endpoint, chosen)
    except NotFound:
        return None


def _words(session: CrmSession) -> Mapping[str, Any]:
    rights = session.guarding.rights
    return {
        "endpoint_states": ENDPOINT_STATES,
        "delivery_states": DELIVERY_STATES,
        "causes": CAUSES,
        "outcomes": OUTCOMES,
        "tones": TONES,
        "delivery_tones": DELIVERY_TONES,
        "may_create": rights.scope("integration.endpoint", "create") != "none",
        "may_change": rights.scope("integration.endpoint", "update") != "none",
    }


def troubled(session: CrmSession) -> list[CardLine]:
    """Return the endpoints that need somebody: those that fail, were switched off by the framework, or have dead
    letters."""
    lines: list[CardLine] = []
    for each in standings(session):
        endpoint = each.endpoint
        bad = endpoint.state == DISABLED and endpoint.because != "manual"
        if not bad and endpoint.state != "failing" and not each.dead:
            continue
        facts: list[tuple[str, Any]] = [(_("State"), ENDPOINT_STATES[endpoint.state])]
        if endpoint.because:
            facts.append((_("Why"), CAUSES[endpoint.because]))
        if each.waiting:
            facts.append((_("Waiting"), each.waiting))
        if each.dead:
            facts.append((_("Given up"), each.dead))
        lines.append(
            CardLine(
                title=endpoint.name,
                facts=facts,
                at=endpoint.since if endpoint.state != OK else None,
                path=f"{PATH}/one?name={endpoint.name}",
                icon="send",
                tone="bad" if bad else "warn",
            )
        )
    return lines[:6]


PAGES = [
    Page(
        name="integration.webhooks",
        title=_("Web-hooks out"),
        path="/webhooks",
        template="integration/webhooks/overview.html",
        context=overview,
        permission="integration.endpoint.read",
        icon="send",
        order=10,
    ),
    Page(
        name="integration.webhook",
        title=_("Web-hook"),
        path="/webhooks/one",
        template="integration/webhooks/one.html",
        context=one,
        permission="integration.endpoint.read",
        icon="send",
        menu=False,
    ),
]
CARDS = [
    DashboardCard(
        name="integration.webhooks",
        title=_("Web-hooks that need a look"),
        rows=troubled,
        permission="integration.endpoint.read",
        path=PATH,
        icon="send",
    )
]
