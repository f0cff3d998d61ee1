"""What becomes of a web-hook: verified, kept under its id, mapped, run as the source's user, or put in quarantine.

In three short transactions, so that the same web-hook never runs twice: its id is claimed, the operation runs under an
idempotency key of its own, the result is noted. Who stops in between leaves a row that is worked off again under the
same key. Must not know the doors.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import (
    CRM,
    Actor,
    Conflict,
    CrmkitError,
    InvalidInput,
    Received,
    Refused,
    Reply,
    User,
    Visit,
    secret_of,
    texts,
)
from crmkit.errors import KeyReused, StoreError
from crmkit_integration.receiving.inputs import Claimed
from crmkit_integration.receiving.mapping import Call, call_of, found_in
from crmkit_integration.receiving.models import ReceivedWebhook, WebhookMapping, WebhookSource
from crmkit_integration.receiving.terms import Found, Unmapped, read_term, value_of
from crmkit_integration.receiving.verifying import Proof, is_genuine, proof_of

_ = texts("crmkit_integration")
_log = logging.getLogger("crmkit.integration")

WHY = "taking in web-hooks"
PAGE = "integration.source"
STALE = timedelta(minutes=2)
"""After this time a web-hook that is being worked on was left by somebody who stopped."""
LONGEST_ID = 200
FORM = "application/x-www-form-urlencoded"

Verdict = Literal["genuine", "unverified"]


@frozen(kw_only=True)
class Known:
    """What is known of a source when something comes."""

    id: UUID
    link_id: UUID | None
    active: bool
    runs_as_id: UUID | None
    proof: Proof
    secrets: tuple[str, ...] = field(repr=False)
    id_from: str
    kept: tuple[str, ...]
    """The headers that are kept: those that are looked into."""


# --- taking in --------------------------------------------------------------------------------------------------------


def receive(crm: CRM, visit: Visit, received: Received) -> Reply:
    """Take in what was sent to the address of a source."""
    now = crm.clock.now()
    source = _known(crm, _source_id(visit), now)
    if source is None or source.link_id != visit.link_id:
        return Reply(status=404)
    if not source.active:
        return Reply(status=503, document={"state": "paused"})
    headers = {name: value for name, value in received.headers.items() if name in source.kept}
    genuine = is_genuine(source.proof, source.secrets, headers=received.headers, body=received.body, received_at=now)
    text = received.body.decode("utf-8", "replace").replace("\x00", "�")
    row: dict[str, Any] = {"source_id": source.id, "received_at": now, "size": len(received.body)}
    row |= {"body": text, "headers": headers}
    if not genuine:
        _take(crm, {**row, "reason": "unverified"})
        return Reply(status=401, document={"state": "refused", "reason": "unverified"})
    external, problem = _external_id(source, received.body, headers)
    if problem is not None:
        found = _take(crm, {**row, "reason": problem})
        return Reply(status=202, document={"id": str(found.id), "state": "quarantined", "reason": problem})
    claimed = _take(crm, {**row, "external_id": external})
    if not claimed.new:
        return Reply(status=200, document={"id": str(claimed.id), "state": "known"})
    return _reply(claimed.id, work_off(crm, claimed.id))


def _take(crm: CRM, row: Mapping[str, Any]) -> Claimed:
    try:
        claimed: Claimed = crm.run(crm.system(WHY), "integration.received.take", row)
        return claimed
    except Conflict:
        # Two at once: the other one was first.
        return crm.run(crm.system(WHY), "integration.received.take", row)


def _source_id(visit: Visit) -> UUID | None:
    try:
        return UUID((visit.ref or "").rpartition(":")[2])
    except ValueError:
        return None


def _known(crm: CRM, source_id: UUID | None, now: datetime) -> Known | None:
    with crm.session(crm.system(WHY)) as session:
        source = session.get(WebhookSource, source_id) if source_id is not None else None
        if source is None:
            return None
        secrets = [secret_of(source, "secret")]
        if source.previous_until is not None and source.previous_until > now:
            secrets.append(secret_of(source, "previous_secret"))
        mappings = session.scalars(select(WebhookMapping).where(WebhookMapping.source_id == source.id)).all()
        return Known(
            id=source.id,
            link_id=source.link_id,
            active=source.active,
            runs_as_id=source.runs_as_id,
            proof=proof_of(source),
            secrets=tuple(each for each in secrets if each),
            id_from=source.id_from,
            kept=_kept(source, mappings),
        )


def _kept(source: WebhookSource, mappings: Any) -> tuple[str, ...]:
    """Return the names of the headers that are looked into, now or when it is tried again."""
    names = {"content-type", "webhook-id", "webhook-timestamp", "webhook-signature"}
    names |= {each.lower() for each in (source.header, source.timestamp_header) if each}
    terms = [source.id_from]
    for mapping in mappings:
        terms += [mapping.target, *mapping.inputs.values(), *mapping.names.values()]
    for text in filter(None, terms):
        term = read_term(text)
        names |= {each.name for each in (term, term.inner) if each is not None and each.kind == "header"}
    return tuple(sorted(names))


def _external_id(source: Known, body: bytes, headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the id of a web-hook at its source, or why there is none: a reason."""
    if not source.id_from:
        return None, None
    try:
        term = read_term(source.id_from)
        document = None if term.kind == "header" else read_body(body, headers)
        value = value_of(term, Found(body=document, headers=headers))
    except Unmapped:
        return None, "unnamed"
    except ValueError:
        return None, "unreadable"
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return (text, None) if 1 <= len(text) <= LONGEST_ID and text.isprintable() else (None, "unnamed")


def read_body(body: bytes | str, headers: Mapping[str, str]) -> Any:
    """Return what a body says: JSON, or the fields of a form. Raises ValueError."""
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    if headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=1000, errors="strict"))

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _reply(received_id: UUID, outcome: Outcome) -> Reply:
    said: dict[str, Any] = {"id": str(received_id), "state": outcome.state}
    if outcome.reason is not None:
        said["reason"] = outcome.reason
    return Reply(status=200 if outcome.state in ("done", "ignored") else 202, document=said)


# --- working off ------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Outcome:
    """What became of a web-hook: its new state, and why it is in quarantine. ``problems`` may be personal."""

    state: str
    reason: str | None = None
    code: str | None = None
    place: str | None = None
    problems: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    operation: str | None = None
    result: str | None = None
    customer_id: UUID | None = None


def work_off(crm: CRM, received_id: UUID) -> Outcome:
    """Map and run a web-hook that is being worked on, and note what became of it. The database being busy leaves it for
    a job to go on with."""
    try:
        outcome = _outcome(crm, received_id)
    except StoreError:
        _log.warning("web-hook %s is worked off later", received_id)
        return Outcome(state="running")
    values = {
        "state": outcome.state,
        "reason": outcome.reason,
        "code": outcome.code,
        "place": outcome.place,
        "problems": list(outcome.problems),
        "operation": outcome.operation,
        "result": outcome.result,
        "customer_id": outcome.customer_id,
    }
    crm.run(crm.system(WHY), "integration.received.note", values, target=received_id)
    return outcome


def _outcome(crm: CRM, received_id: UUID) -> Outcome:
    now = crm.clock.now()
    with crm.session(crm.system(WHY)) as session:
        row = session.get_one(ReceivedWebhook, received_id)
        source_id, text, headers = row.source_id, row.body or "", dict(row.headers or {})
        was, received_at, mended, key = row.reason, row.received_at, row.mended, _key(row)
        mappings = list(session.scalars(select(WebhookMapping).where(WebhookMapping.source_id == source_id)))
    source = _known(crm, source_id, now)
    assert source is not None
    if was == "unverified" and not is_genuine(
        source.proof, source.secrets, headers=headers, body=text.encode(), received_at=received_at
    ):
        return Outcome(state="quarantined", reason="unverified")
    try:
        body = read_body(text, {} if mended else headers)
    except ValueError as error:
        return _quarantined("unreadable", InvalidInput(_("The body cannot be read: {reason}."), reason=str(error)[:80]))
    actor = actor_of(crm, source.runs_as_id)
    if actor is None:
        return _quarantined("refused", Refused(_("Whoever the source acts as is no active user.")))
    try:
        with crm.session(actor) as session:
            call = call_of(session, mappings, found_in(session, body, headers))
    except Unmapped as error:
        problem = {
            "message": str(error.message),
            "domain": "crmkit_integration",
            "values": {name: str(each) for name, each in error.values.items()},
        }
        place = str(error.values.get("term", ""))[:300]
        return Outcome(state="quarantined", reason="unmapped", place=place, problems=(problem,))
    except StoreError:
        raise
    except CrmkitError as error:
        return _quarantined("unmapped", error)
    return Outcome(state="ignored") if call is None else _run(crm, actor, call, key)


def _run(crm: CRM, actor: Actor, call: Call, key: str) -> Outcome:
    try:
        result = crm.run(actor, call.operation, dict(call.values), target=call.target, key=key)
    except StoreError:
        raise
    except KeyReused:
        # It ran, and whoever had it run stopped before that was noted; the mapping is another one by now.
        return Outcome(state="done", operation=call.operation)
    except CrmkitError as error:
        reason = "refused" if isinstance(error, Refused) else "invalid" if isinstance(error, InvalidInput) else "failed"
        return _quarantined(reason, error, operation=call.operation)
    resource = crm.registry.resource_name(getattr(result, "__tablename__", ""))
    about = getattr(result, "id", None)
    customer = about if resource == "customer" else getattr(result, "customer_id", None)
    return Outcome(
        state="done",
        operation=call.operation,
        result=f"{resource}:{about}" if resource and about is not None else None,
        customer_id=customer if isinstance(customer, UUID) else None,
    )


def _quarantined(reason: str, error: CrmkitError, operation: str | None = None) -> Outcome:
    problems = tuple(
        {
            "message": str(each.message),
            "domain": getattr(each.message, "domain", ""),
            "field": each.field,
            "values": {name: str(value)[:200] for name, value in each.values.items()},
        }
        for each in error.problems
    )
    place = ", ".join(each.field for each in error.problems if each.field)[:300]
    return Outcome(
        state="quarantined",
        reason=reason,
        code=error.code,
        place=place or None,
        problems=problems,
        operation=operation,
    )


def actor_of(crm: CRM, user_id: UUID | None) -> Actor | None:
    """Return the user whom a source acts as, None where there is no active one."""
    if user_id is None:
        return None
    with crm.session(crm.system(WHY)) as session:
        user = session.get(User, user_id)
        return None if user is None or not user.active else Actor.user(user.id, user.name)


def _key(row: ReceivedWebhook) -> str:
    """Return the idempotency key of the operation: another one when somebody has it tried again, as what was refused
    before has done nothing."""
    return f"integration.received:{row.id}:{row.attempts}"


# --- jobs -------------------------------------------------------------------------------------------------------------


def work_off_one(crm: CRM, actor: Actor, received_id: str) -> None:
    """Work off a web-hook that somebody has asked to be tried again."""
    with crm.session(actor) as session:
        row = session.get(ReceivedWebhook, UUID(received_id))
        waiting = row is not None and row.state == "running"
    if waiting:
        work_off(crm, UUID(received_id))


def work_off_stale(crm: CRM, actor: Actor, tick: datetime) -> None:
    """Work off web-hooks that somebody has left who stopped, the oldest first."""
    before = crm.clock.now() - STALE
    with crm.session(actor) as session:
        ids = session.scalars(
            select(ReceivedWebhook.id)
            .where(ReceivedWebhook.state == "running", ReceivedWebhook.tried_at < before)
            .order_by(ReceivedWebhook.received_at, ReceivedWebhook.id)
            .limit(200)
        ).all()
    for each in ids:
        work_off(crm, each)
