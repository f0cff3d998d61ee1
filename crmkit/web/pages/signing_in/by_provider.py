"""Single sign-on in the browser: the way to a provider, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from starlette.responses import Response

from crmkit.errors import InvalidCredentials, NotFound, SignOnFailed, TooManyAttempts, Unauthenticated
from crmkit.i18n import texts
from crmkit.security.credentials.passwords import SETTING
from crmkit.security.sessions.links import look_at_code
from crmkit.security.sessions.signed import Signed
from crmkit.security.sessions.stepping import demand_step_up
from crmkit.security.sso.flow import Departure, arrive, depart
from crmkit.security.sso.providers import provider_named
from crmkit.web.pages.asking import trouble_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post
from crmkit.web.pages.signing_in.by_link import spent
from crmkit.web.pages.signing_in.cookies import (
    drop_step,
    entered,
    keep_step,
    next_of,
    session_token,
    step_token,
    visitor_of,
)

_ = texts("crmkit")


@post("/sign-in/sso/{name}", public=True)
def begin(call: PageCall, name: str) -> Response:
    """Send somebody to a provider to sign in."""
    return _away(call, name, lambda: depart(call.crm, name, _callback(call, name), next=next_of(call)))


@post("/sign-in/invitation/{code}/sso/{name}", public=True)
def accept(call: PageCall, code: str, name: str) -> Response:
    """Send somebody who was invited to a provider: the account there is linked then, instead of a password."""
    try:
        found = look_at_code(call.crm, code, call.address, purposes=SETTING)
    except (InvalidCredentials, TooManyAttempts) as error:
        return spent(call, error)
    return _away(
        call, name, lambda: depart(call.crm, name, _callback(call, name), purpose="invitation", code_id=found.id)
    )


@post("/account/sso/{name}")
def link(call: PageCall, name: str) -> Response:
    """Send somebody who is signed in to a provider, to link the account there."""
    signed = _signed(call)
    demand_step_up(call.crm, signed)
    return _away(
        call,
        name,
        lambda: depart(call.crm, name, _callback(call, name), purpose="link", next="/account", signed=signed),
    )


@post("/step-up/sso/{name}")
def step_up(call: PageCall, name: str) -> Response:
    """Send somebody who is signed in to the provider, to be asked there once more."""
    signed = _signed(call)
    return _away(
        call,
        name,
        lambda: depart(call.crm, name, _callback(call, name), purpose="step_up", next=next_of(call), signed=signed),
    )


@get("/sign-in/sso/{name}/callback", public=True)
def come_back(call: PageCall, name: str) -> Response:
    """Take in what a provider sends somebody back with."""
    answer = dict(call.query)
    try:
        found = arrive(
            call.crm,
            name,
            answer,
            step_token(call),
            visitor_of(call),
            before=session_token(call),
            signed=call.signed,
        )
    except SignOnFailed as error:
        return _failed(call, name, error)
    next = next_of(call, found.next or "/")
    if found.result is None:
        return drop_step(call, call.redirect("/account", said=_("The account is linked.")))
    return entered(call, found.result, next)


def _away(call: PageCall, name: str, go: Callable[[], Departure]) -> Response:
    """Return the page that leads to a provider. A redirection will not do: the policy of our pages sends forms nowhere
    else."""
    try:
        departure = go()
    except SignOnFailed as error:
        return _failed(call, name, error)
    title = provider_named(call.crm.settings, name).title
    page = call.page("signing_in/away.html", target=departure.url, title=title)
    return keep_step(call, page, departure.token)


def _failed(call: PageCall, name: str, error: SignOnFailed) -> Response:
    context = {"trouble": trouble_of(call, error), "title": provider_named(call.crm.settings, name).title}
    return drop_step(call, call.page("signing_in/failed.html", status=401, **context))


def _callback(call: PageCall, name: str) -> str:
    """Return the whole address that a provider sends browsers back to; it has to be registered there."""
    public = call.doors.options.public_url or call.crm.settings.public_url
    if public:
        return f"{public.rstrip('/')}/sign-in/sso/{name}/callback"
    host = call.request.headers.get("host", "")
    return f"{'https' if call.secure else 'http'}://{host}{call.url(f'/sign-in/sso/{name}/callback')}"


def _signed(call: PageCall) -> Signed:
    if call.signed is None:
        raise Unauthenticated()
    if not call.crm.settings.sso:
        raise NotFound(_("There is no such page."))
    return cast(Signed, call.signed)


ROUTES = [begin, accept, link, step_up, come_back]
