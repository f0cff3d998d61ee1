"""One request with who calls: what every endpoint of the API and of the pages is handed.

It is made once a request's body has been read, in the thread pool, since finding out who calls asks the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlencode

from attrs import define, field, frozen
from starlette.datastructures import FormData
from starlette.requests import Request

from crmkit.core.store.actor import Actor
from crmkit.core.vault.secrets import random_text
from crmkit.hooks.ports import ActorContext
from crmkit.i18n import texts, translate
from crmkit.web.http.csrf import FIELD, check_origin, check_token
from crmkit.web.http.languages import COOKIE as LANGUAGE_COOKIE, language_for
from crmkit.web.http.options import WebOptions
from crmkit.web.http.requests import client_address, is_secure

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

Door = Literal["rest", "web"]
SESSION_COOKIE = "crmkit"
TOKEN_COOKIE = "crmkit_csrf"  # noqa: S105 - the name of a cookie
"""Holds the token of forms for callers who have no session of crmkit, such as those of an embedding host."""


def cookie_name(name: str, *, secure: bool, prefix: str) -> str:
    """Return the name of a cookie: over encrypted connections one that no subdomain and no plain page can set."""
    if not secure:
        return name
    return f"__Secure-{name}" if prefix else f"__Host-{name}"


@frozen(kw_only=True)
class Doors:
    """What an application's requests share: the customer base and how the doors were opened."""

    crm: CRM
    options: WebOptions


@define(kw_only=True)
class Call:
    """One request, and who calls.

    ``signed`` is the session of the browser, None for tokens and for a host's users; ``form`` the parsed body of a
    page's form; ``body`` the bytes of an API call. ``fresh_csrf`` is a token that the answer has to hand to the
    browser, as it brought none.
    """

    request: Request
    doors: Doors
    door: Door
    actor: Actor
    language: str
    secure: bool
    address: str | None
    signed: Any = None
    csrf: str = field(default="", repr=False)
    fresh_csrf: bool = False
    form: FormData | None = field(default=None, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def crm(self) -> CRM:
        """Return the customer base."""
        return self.doors.crm

    @property
    def request_id(self) -> str:
        """Return the id of the request, which logs and errors name."""
        return str(self.request.scope.get("state", {}).get("request_id", ""))

    @property
    def prefix(self) -> str:
        """Return the path under which crmkit is mounted, empty for none."""
        return str(self.request.scope.get("root_path", "")).rstrip("/")

    @property
    def signed_in(self) -> bool:
        """Say whether somebody calls who is known."""
        return self.actor.kind != "public"

    @property
    def query(self) -> Mapping[str, str]:
        """Return the parameters of the address; of one that is given twice the last."""
        return self.request.query_params

    @property
    def by_htmx(self) -> bool:
        """Say whether a part of a page is asked for, not a page."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"

    def text(self, text: str, **values: object) -> str:
        """Return a text in the caller's language."""
        return translate(text, self.language, **values)

    def session(self) -> AbstractContextManager[CrmSession]:
        """Open a session to read as the caller."""
        return self.crm.session(self.actor)

    def run(
        self,
        operation: str,
        values: Mapping[str, Any] | None = None,
        *,
        target: Any = None,
        version: int | None = None,
        key: str | None = None,
    ) -> Any:
        """Run an operation as the caller. Raises what `CRM.run` does, and StepUpNeeded where the person has to prove
        once more who that is."""
        self.check_step_up(operation)
        return self.crm.run(self.actor, operation, values, target=target, version=version, key=key)

    def check_step_up(self, operation: str) -> None:
        """Raise StepUpNeeded for an operation that asks a person in a browser to prove once more who that is."""
        if self.signed is not None:
            from crmkit.security.sessions.stepping import check_step_up

            check_step_up(self.crm, self.signed, operation)

    def url(self, path: str, **query: object) -> str:
        """Return an address below the mount; parameters that are None are left out, and a list or mapping is given
        value by value, as a form takes them."""
        given = [(name, each) for name, value in query.items() if value is not None for each in _given(value)]
        return f"{self.prefix}{path}" + (f"?{urlencode(given)}" if given else "")

    def cookie(self, name: str) -> str:
        """Return the full name of a cookie for this connection."""
        return cookie_name(name, secure=self.secure, prefix=self.prefix)


def _given(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}: {each}" for key, each in cast("Mapping[object, object]", value).items()]
    if isinstance(value, list | tuple):
        return [str(each) for each in cast("list[object]", value)]
    return [str(value)]


def open_call(request: Request, doors: Doors, door: Door, *, form: FormData | None = None, body: bytes = b"") -> Call:
    """Return the call that a request is.

    A cookie that opens nothing any more makes the caller the public, so that a page can ask to sign in; a token that
    opens nothing is an error. Raises InvalidCredentials, TooManyAttempts, HookError, and NotFromHere for a change that
    came with a cookie from elsewhere.
    """
    options = doors.options
    secure = is_secure(request.scope, options.trusted_proxies)
    address = client_address(request.scope, options.trusted_proxies)
    actor, signed, by_cookie = _who(request, doors, door, secure, address)
    # For the log of requests, which is written where nobody knows of actors.
    request.scope.setdefault("state", {})["actor"] = actor.id
    settings = doors.crm.settings
    language = language_for(
        actor.language, request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"), settings.language
    )
    call = Call(
        request=request,
        doors=doors,
        door=door,
        actor=actor,
        language=language,
        secure=secure,
        address=address,
        signed=signed,
        form=form,
        body=body,
    )
    if by_cookie:
        _guard(call)
    return call


def _who(request: Request, doors: Doors, door: Door, secure: bool, address: str | None) -> tuple[Actor, Any, bool]:
    """Return who calls, the session of the browser, and whether it is known from something that browsers send by
    themselves, which other sites can make them do."""
    if doors.options.actor is not None:
        said = doors.options.actor(request.scope)
        if said is not None:
            return said, None, "authorization" not in request.headers
    credentials = {name: value for name, value in request.headers.items() if name != "cookie"}
    context = ActorContext(door=door, credentials=credentials, address=address, host=request.scope)
    if credentials.get("authorization", "").lower().startswith("bearer "):
        return doors.crm.resolve_actor(context), None, False
    prefix = str(request.scope.get("root_path", "")).rstrip("/")
    token = request.cookies.get(cookie_name(SESSION_COOKIE, secure=secure, prefix=prefix))
    if token:
        from crmkit.security.sessions.looking import look_up

        found = look_up(doors.crm, token, address)
        if found is not None:
            return found.actor, found, True
    actor = doors.crm.resolve_actor(context)
    return actor, None, "authorization" not in request.headers


def _guard(call: Call) -> None:
    """Check that a change was meant, and say which token the forms of this caller carry."""
    request = call.request
    if call.signed is not None:
        call.csrf = call.signed.csrf
    else:
        known = request.cookies.get(call.cookie(TOKEN_COOKIE), "")
        call.fresh_csrf = len(known) < 32
        call.csrf = random_text(43) if call.fresh_csrf else known
    check_origin(request, secure=call.secure)
    given = call.form.get(FIELD) if call.form is not None else None
    # Over the API a host's own users are guarded by the origin alone: what they send is JSON, no form of another site.
    if call.signed is not None or call.door == "web":
        check_token(request, call.csrf, given if isinstance(given, str) else None)
