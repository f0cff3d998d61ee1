"""Signing in by a password, the second factor, and signing out."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.errors import CrmkitError, FactorNeeded, InvalidCredentials, InvalidInput, TooManyAttempts, Unauthenticated
from crmkit.i18n import texts
from crmkit.security.sessions import signing
from crmkit.security.sessions.opening import end
from crmkit.security.sso.providers import providers_of
from crmkit.web.http.problems import headers_of, status_of
from crmkit.web.pages.asking import trouble_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post, problems_by_field
from crmkit.web.pages.signing_in.cookies import (
    drop_session,
    drop_step,
    entered,
    keep_session,
    next_of,
    session_token,
    step_token,
    visitor_of,
)
from crmkit.web.pages.signing_in.drawing import drawn

_ = texts("crmkit")


@get("/sign-in", public=True)
def show_sign_in(call: PageCall) -> Response:
    """Ask for a login and a password; who is signed in already goes on."""
    if call.signed_in:
        return call.redirect(next_of(call))
    return sign_in_page(call)


@post("/sign-in", public=True)
def sign_in(call: PageCall) -> Response:
    """Take a login and a password."""
    login, password = call.value("login"), _secret(call, "password")
    try:
        result = signing.begin(call.crm, login, password, visitor_of(call), before=session_token(call))
    except (InvalidCredentials, TooManyAttempts) as error:
        return sign_in_page(call, error)
    return entered(call, result, next_of(call))


@get("/sign-in/factor", public=True)
def show_factor(call: PageCall) -> Response:
    """Ask for a code of the second factor."""
    found = signing.pending(call.crm, step_token(call))
    if found is None or found.kind != "factor":
        return _begin_again(call)
    return _factor_page(call)


@post("/sign-in/factor", public=True)
def give_factor(call: PageCall) -> Response:
    """Take a code of the second factor."""
    try:
        opened = signing.finish(
            call.crm, step_token(call), _secret(call, "code"), visitor_of(call), before=session_token(call)
        )
    except (InvalidCredentials, TooManyAttempts) as error:
        return _factor_page(call, error)
    except Unauthenticated:
        return _begin_again(call)
    return keep_session(call, call.redirect(next_of(call)), opened)


@get("/sign-in/set-up", public=True)
def show_set_up(call: PageCall) -> Response:
    """Show the secret of a second factor to somebody who has to have one."""
    try:
        factor = signing.set_up(call.crm, step_token(call))
    except Unauthenticated:
        return _begin_again(call)
    return call.page("signing_in/set_up.html", factor=drawn(factor), next=next_of(call), problems={})


@post("/sign-in/set-up", public=True)
def give_set_up(call: PageCall) -> Response:
    """Take the first code of the second factor, and show the recovery codes, this once."""
    try:
        opened, codes = signing.finish_set_up(
            call.crm, step_token(call), _secret(call, "code"), visitor_of(call), before=session_token(call)
        )
    except InvalidInput as error:
        factor = signing.set_up(call.crm, step_token(call))
        context = {"factor": drawn(factor), "next": next_of(call), "problems": problems_by_field(error)}
        return call.page("signing_in/set_up.html", status=422, **context)
    except (Unauthenticated, FactorNeeded):
        return _begin_again(call)
    page = call.page("signing_in/codes.html", codes=codes.codes, next=next_of(call))
    return keep_session(call, page, opened)


@post("/sign-out", public=True)
def sign_out(call: PageCall) -> Response:
    """End the session of this browser."""
    if call.signed is not None:
        end(call.crm, call.signed)
    return drop_session(call, call.redirect("/sign-in"))


def sign_in_page(call: PageCall, error: CrmkitError | None = None) -> Response:
    """Return the page that asks for a login and a password; ``error`` is what was wrong with the last attempt."""
    status = status_of(error) if error is not None else 200
    response = call.page(
        "signing_in/sign_in.html",
        status=status,
        next=next_of(call),
        login=call.value("login"),
        providers=list(providers_of(call.crm.settings).values()),
        trouble=trouble_of(call, error),
    )
    if isinstance(error, TooManyAttempts):
        response.headers.update({k: v for k, v in headers_of(error, status).items() if k == "Retry-After"})
    return response


def _factor_page(call: PageCall, error: CrmkitError | None = None) -> Response:
    status = status_of(error) if error is not None else 200
    context = {"next": next_of(call), "trouble": trouble_of(call, error)}
    return call.page("signing_in/factor.html", status=status, **context)


def _begin_again(call: PageCall) -> Response:
    target = call.url("/sign-in", next=next_of(call) if next_of(call) != "/" else None).removeprefix(call.prefix)
    said = _("Signing in took too long. Please begin again.")
    return drop_step(call, call.redirect(target, said=said, level="warning"))


def _secret(call: PageCall, name: str) -> str:
    """Return a field of the form just as it was typed: spaces may belong to a password."""
    found = call.form.get(name) if call.form is not None else None
    return found if isinstance(found, str) else ""


ROUTES = [show_sign_in, sign_in, show_factor, give_factor, show_set_up, give_set_up, sign_out]
