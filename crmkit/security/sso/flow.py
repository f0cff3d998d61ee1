"""Single sign-on, whole: sending somebody to a provider, and taking in the answer (OpenID Connect, code with PKCE).

State, nonce and verifier are made of one random token that the browser keeps: the database knows its digest alone, and
an answer that was asked for by another browser, or comes twice, opens nothing. Must not know cookies or pages.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.secrets import same
from crmkit.errors import Refused, SignOnFailed
from crmkit.i18n import texts
from crmkit.security.credentials.accounts import CODES, Account, account_of, note, within
from crmkit.security.outgoing.calls import call_address
from crmkit.security.sessions.links import use_up
from crmkit.security.sessions.opening import ACTION
from crmkit.security.sessions.signed import Opened, Pending, Proof, Signed, Visitor, derived
from crmkit.security.sessions.signing import make_step, proceed_within, take_step
from crmkit.security.sessions.stepping import stepped_up_elsewhere
from crmkit.security.sso.discovery import Metadata, directory_of
from crmkit.security.sso.identities import actor_for, create, find, keep_roles, link
from crmkit.security.sso.providers import Provider, provider_named
from crmkit.security.sso.tokens import failed, read_identity

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

REASON = "single sign-on"
Purpose = Literal["sign_in", "invitation", "link", "step_up"]


@frozen(kw_only=True)
class Departure:
    """Where a browser is sent, and the token that it keeps until it is back."""

    url: str
    token: str = field(repr=False)


@frozen(kw_only=True)
class Arrival:
    """What came of a sign-on: a session or a step that asks for more; None where an account was only linked."""

    purpose: Purpose
    result: Opened | Pending | None
    next: str | None


def depart(
    crm: CRM,
    name: str,
    callback: str,
    *,
    purpose: Purpose = "sign_in",
    next: str | None = None,
    code_id: UUID | None = None,
    signed: Signed | None = None,
) -> Departure:
    """Begin a sign-on with a provider. ``callback`` is the whole address that it sends the browser back to; ``next``
    the path that is shown afterwards. ``code_id`` is an invitation that links its user, ``signed`` the session of who
    links an account or steps up.

    Raises NotFound for a provider that there is not, SignOnFailed when it does not answer.
    """
    provider = provider_named(crm.settings, name)
    metadata = _metadata(crm, provider)
    data = {
        "purpose": purpose,
        "next": next,
        "code": str(code_id) if code_id is not None else None,
        "session": str(signed.id) if signed is not None else None,
        "callback": callback,
    }
    token = within(crm, REASON, lambda session: make_step(session, "sso", None, provider=name, data=data))
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "scope": " ".join(provider.scopes),
        "state": derived(token, "state"),
        "nonce": derived(token, "nonce"),
        "code_challenge": _challenge(derived(token, "verifier")),
        "code_challenge_method": "S256",
    }
    if purpose == "step_up":
        asked |= {"prompt": "login", "max_age": "0"}
    glue = "&" if "?" in metadata.authorization_endpoint else "?"
    return Departure(url=f"{metadata.authorization_endpoint}{glue}{urlencode(asked, quote_via=quote)}", token=token)


def arrive(
    crm: CRM,
    name: str,
    answer: Mapping[str, str],
    token: str,
    visitor: Visitor,
    *,
    before: str | None = None,
    signed: Signed | None = None,
) -> Arrival:
    """Take in what a provider sent the browser back with. ``token`` is what the browser kept, ``before`` the token of a
    session that it came with, ``signed`` that session.

    Raises SignOnFailed for anything that is not as it has to be, NotFound for a provider that there is not. Every
    refusal is in the audit log with its reason.
    """
    provider = provider_named(crm.settings, name)
    try:
        row = _step(crm, provider, answer, token)
        claims = _claims(crm, provider, answer, token, row)
        return _arrived(crm, provider, claims, row, visitor, before, signed)
    except SignOnFailed as error:
        _refused(crm, provider, visitor, str(error.values.get("why", "")))
        raise


def _step(crm: CRM, provider: Provider, answer: Mapping[str, str], token: str) -> Any:
    """Use up the step of a sign-on, whatever comes of it."""
    row = within(crm, REASON, lambda session: take_step(session, token, "sso")) if token else None
    if row is None:
        raise failed("unknown_state")
    if row.provider != provider.name:
        raise failed("mixed_up")
    if not same(answer.get("state", "").encode(), derived(token, "state").encode()):
        raise failed("state")
    return row


def _claims(crm: CRM, provider: Provider, answer: Mapping[str, str], token: str, row: Any) -> Mapping[str, Any]:
    metadata = _metadata(crm, provider)
    issuer = answer.get("iss")
    if (issuer is None and metadata.says_issuer) or issuer not in (None, provider.issuer):
        raise failed("mixed_up")
    if "error" in answer or not answer.get("code"):
        raise failed("denied")
    identity = _exchange(provider, metadata, answer["code"], row.data["callback"], derived(token, "verifier"))
    fresh = timedelta(minutes=crm.settings.step_up_minutes) if row.data["purpose"] == "step_up" else None
    directory = directory_of(crm)

    def keys(key_id: str | None) -> Any:
        try:
            return directory.keys(provider, key_id)
        except Refused as error:
            raise failed("keys") from error

    return read_identity(
        identity, provider, keys, nonce=derived(token, "nonce"), now=crm.clock.now(), fresh_within=fresh
    )


def _exchange(provider: Provider, metadata: Metadata, code: str, callback: str, verifier: str) -> str:
    """Return the token of identity that a provider gives for a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
    headers: dict[str, str] = {}
    if provider.client_secret is None or not metadata.basic:
        form["client_id"] = provider.client_id
    if provider.client_secret is not None and metadata.basic:
        both = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    elif provider.client_secret is not None:
        form["client_secret"] = provider.client_secret
    try:
        given = call_address(metadata.token_endpoint, form=form, headers=headers, private=provider.private)
        said = json.loads(given.body)
    except (Refused, ValueError) as error:
        raise failed("no_answer") from error
    identity = said.get("id_token") if isinstance(said, dict) else None
    if given.status != 200 or not isinstance(identity, str):
        raise failed("no_token")
    return identity


def _arrived(
    crm: CRM,
    provider: Provider,
    claims: Mapping[str, Any],
    row: Any,
    visitor: Visitor,
    before: str | None,
    signed: Signed | None,
) -> Arrival:
    purpose, subject = row.data["purpose"], str(claims["sub"])
    if purpose in ("link", "step_up") and (signed is None or str(signed.id) != row.data["session"]):
        raise failed("other_session")

    def work(session: CrmSession) -> Opened | Pending | None:
        account = find(session, provider.issuer, subject)
        if purpose == "step_up":
            assert signed is not None
            if account is None or account.user_id != signed.user_id:
                raise failed("somebody_else")
            return stepped_up_elsewhere(session, signed)
        if purpose in ("link", "invitation"):
            account = _linked(session, provider, subject, row, account, signed)
            if purpose == "link":
                return None
        if account is None:
            if not provider.create:
                raise failed("unknown_user")
            account = create(session, provider, claims)
            link(session, account.user_id, provider.issuer, subject)
        keep_roles(session, provider, account.user_id, claims)
        # A provider's session of this morning is no proof of who sits there now.
        proof = Proof(account=account, method="sso", provider=provider.name, fresh=False)
        return proceed_within(session, proof, visitor, before=before, trusted=provider.second_factor == "provider")

    result = _in_its_name(crm, provider, work)
    return Arrival(purpose=purpose, result=result, next=row.data["next"])


def _linked(
    session: CrmSession, provider: Provider, subject: str, row: Any, known: Account | None, signed: Signed | None
) -> Account:
    """Link the account at the provider to who was invited, or is signed in; an invitation is used up by it."""
    if known is not None:
        raise failed("linked_already")
    if signed is not None and row.data["purpose"] == "link":
        user_id = signed.user_id
    else:
        code_id = UUID(row.data["code"])
        owner = session.connection().scalar(select(CODES.c.user_id).where(CODES.c.id == code_id))
        if owner is None or not use_up(session, code_id):
            raise failed("invitation_used")
        user_id = owner
    account = account_of(session.connection(), user_id=user_id)
    if account is None or not account.active:
        raise failed("inactive")
    link(session, user_id, provider.issuer, subject)
    who = Actor.user(user_id, account.name, account.language, method="sso")
    note(session, who, "user.link_identity", "done", user_id=user_id, details={"provider": provider.name})
    return account


def _in_its_name(crm: CRM, provider: Provider, work: Any) -> Any:
    """Do something in a transaction in the provider's name: what it adds and gives is audited as its doing."""

    def once() -> Any:
        with crm.transaction(actor_for(provider)) as session, region(session, REASON):
            return work(session)

    return crm.gate.retrying(once)


def _metadata(crm: CRM, provider: Provider) -> Metadata:
    try:
        return directory_of(crm).metadata(provider)
    except Refused as error:
        raise SignOnFailed(
            _("{title} cannot be reached just now: {reason}"),
            title=provider.title,
            reason=error.render(),
            why="metadata",
        ) from error


def _refused(crm: CRM, provider: Provider, visitor: Visitor, why: str) -> None:
    somebody = Actor(id="public", kind="public", name="public", method="sso", address=visitor.address)
    details = {"why": why, "provider": provider.name}
    within(
        crm,
        REASON,
        lambda session: note(
            session, somebody, ACTION, "refused", user_id=None, code=SignOnFailed.code, details=details
        ),
    )


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
