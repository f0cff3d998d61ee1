"""What signing in leaves in the browser: the token of a session, and that of a sign-in which is not done yet."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.security.sessions.signed import Opened, Pending, Visitor
from crmkit.web.http.call import SESSION_COOKIE
from crmkit.web.pages.call import PageCall, local_path

STEP_COOKIE = "crmkit_step"
STEP_SECONDS = 600
AWAY = ("/sign-in", "/sign-out", "/step-up")
"""Pages that nobody is brought to after having signed in."""


def visitor_of(call: PageCall) -> Visitor:
    """Return the browser of a call."""
    return Visitor(address=call.address, agent=call.request.headers.get("user-agent"), language=call.language)


def session_token(call: PageCall) -> str:
    """Return the token of the session that a browser came with, empty for none."""
    return call.request.cookies.get(call.cookie(SESSION_COOKIE), "")


def step_token(call: PageCall) -> str:
    """Return the token of the sign-in that a browser has begun, empty for none."""
    return call.request.cookies.get(call.cookie(STEP_COOKIE), "")


def keep_session(call: PageCall, response: Response, opened: Opened) -> Response:
    """Give a browser the token of a session, until the browser is closed; the database says when it is over."""
    _keep(call, response, SESSION_COOKIE, opened.token, None)
    return drop_step(call, response)


def keep_step(call: PageCall, response: Response, token: str) -> Response:
    """Give a browser the token of a sign-in that goes on with its next request."""
    return _keep(call, response, STEP_COOKIE, token, STEP_SECONDS)


def drop_session(call: PageCall, response: Response) -> Response:
    """Take the token of a session from a browser."""
    return _drop(call, response, SESSION_COOKIE)


def drop_step(call: PageCall, response: Response) -> Response:
    """Take the token of a sign-in that is done from a browser, where it has one."""
    return _drop(call, response, STEP_COOKIE) if step_token(call) else response


def next_of(call: PageCall, given: str | None = None) -> str:
    """Return the page that is shown after having signed in: one of ours, whatever the address says."""
    found = local_path(call.value("next") if given is None else given, call) or "/"
    return "/" if found.startswith(AWAY) else found


def entered(call: PageCall, result: Opened | Pending, next: str, *, said: str | None = None) -> Response:
    """Return where somebody goes who has just shown who that is: in, or to the second factor."""
    if isinstance(result, Opened):
        return keep_session(call, call.redirect(next, said=said), result)
    path = "/sign-in/factor" if result.kind == "factor" else "/sign-in/set-up"
    target = call.url(path, next=next if next != "/" else None).removeprefix(call.prefix)
    return keep_step(call, call.redirect(target), result.token)


def _keep(call: PageCall, response: Response, name: str, value: str, seconds: int | None) -> Response:
    response.set_cookie(
        call.cookie(name),
        value,
        max_age=seconds,
        path=call.prefix or "/",
        secure=call.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _drop(call: PageCall, response: Response, name: str) -> Response:
    response.delete_cookie(
        call.cookie(name), path=call.prefix or "/", secure=call.secure, httponly=True, samesite="lax"
    )
    return response
