"""The pages of web-hooks in: sources with what came of them, quarantine, and what a sample would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, NotFound, Page, PublicPage, User, Visit, texts
from crmkit.i18n import Text
from crmkit_integration.receiving.models import REASONS, SCHEMES, STATES, ReceivedWebhook, WebhookMapping, WebhookSource
from crmkit_integration.receiving.previewing import preview
from crmkit_integration.receiving.processing import PAGE, receive

_ = texts("crmkit_integration")

SHOWN = 50
MACHINES = 20_000
"""Calls of one source in an hour."""


def sources(session: CrmSession) -> Mapping[str, Any]:
    """Return the sources, their mappings, and what is in quarantine."""
    rights = session.guarding.rights
    found = session.scalars(select(WebhookSource).order_by(WebhookSource.name)).all()
    mappings = session.scalars(select(WebhookMapping).order_by(WebhookMapping.position, WebhookMapping.created_at))
    counted = session.execute(
        select(ReceivedWebhook.source_id, ReceivedWebhook.state, func.count(ReceivedWebhook.id)).group_by(
            ReceivedWebhook.source_id, ReceivedWebhook.state
        )
    )
    kept = session.scalars(
        select(ReceivedWebhook)
        .where(ReceivedWebhook.state == "quarantined")
        .order_by(ReceivedWebhook.received_at.desc(), ReceivedWebhook.id)
        .limit(SHOWN)
    ).all()
    by_source: dict[UUID, list[WebhookMapping]] = {}
    for each in mappings:
        by_source.setdefault(each.source_id, []).append(each)
    people = {each.runs_as_id for each in found if each.runs_as_id is not None}
    return {
        "sources": found,
        "mappings": by_source,
        "counts": {(source, state): number for source, state, number in counted},
        "people": {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(people)))},
        "quarantined": kept,
        "names": {each.id: each.title or each.name for each in found},
        "problems": {each.id: problems_of(each) for each in kept},
        "schemes": SCHEMES,
        "states": STATES,
        "reasons": REASONS,
        "may_manage": rights.scope("integration.source", "manage") != "none",
        "may_work": rights.scope("integration.received", "update") != "none",
    }


def problems_of(received: ReceivedWebhook) -> list[tuple[Text, Mapping[str, Any]]]:
    """Return what is wrong with a web-hook in quarantine: texts that can be translated, with their values; nothing for
    who may not see what came."""
    found: Any = received.problems
    if not isinstance(found, list):
        return []
    return [
        (Text(each.get("message", ""), _domain(each)), {"field": each.get("field"), **each.get("values", {})})
        for each in found
        if isinstance(each, dict)
    ]


def _domain(problem: Mapping[str, Any]) -> str:
    return str(problem.get("domain") or "crmkit")


def sample(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what would be done with the sample of a source, or with a web-hook in quarantine. Raises NotFound."""
    received = _got(session, ReceivedWebhook, query.get("received"))
    source_id = str(received.source_id) if received is not None else query.get("id")
    source = _got(session, WebhookSource, source_id)
    if source is None:
        raise NotFound()
    body = received.body if received is not None else source.sample
    headers: Any = received.headers if received is not None else source.sample_headers
    readable = received is None or session.level(ReceivedWebhook, "sensitive") == "full"
    return {
        "source": source,
        "received": received,
        "body": body,
        "readable": readable,
        "found": preview(session, source, body, headers or {}) if body and readable else None,
    }


def _got(session: CrmSession, model: Any, text: str | None) -> Any:
    try:
        return session.get(model, UUID(text)) if text else None
    except ValueError:
        return None


def address(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what somebody sees who opens the address of a source in a browser: nothing but that it is one."""
    return {}


PAGES = [
    Page(
        name="integration.sources",
        title=_("Web-hooks in"),
        path="/sources",
        template="integration/receiving/sources.html",
        context=sources,
        permission="integration.source.read",
        icon="download",
        order=20,
    ),
    Page(
        name="integration.sample",
        title=_("What a sample would do"),
        path="/sources/sample",
        template="integration/receiving/sample.html",
        context=sample,
        permission="integration.source.read",
        menu=False,
    ),
]
PUBLIC_PAGES = [
    PublicPage(
        name=PAGE,
        title=_("Address for web-hooks"),
        template="integration/receiving/address.html",
        show=address,
        receive=receive,
        rights=(),
        expires=3650,
        throttle=MACHINES,
    )
]
