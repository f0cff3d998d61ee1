"""One-time links: signing in once, and an invitation, by which somebody sets a password. Looking at a link uses up
nothing: what previews of messengers fetch is a page with a button."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.errors import CrmkitError, InvalidCredentials, InvalidInput, Problem, TooManyAttempts
from crmkit.i18n import texts
from crmkit.security.credentials.passwords import SETTING
from crmkit.security.credentials.policy import LONGEST, SHORTEST
from crmkit.security.sessions.links import OpenCode, look_at_code, redeem_invitation, redeem_link
from crmkit.security.sso.providers import providers_of
from crmkit.web.http.problems import status_of
from crmkit.web.pages.asking import trouble_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post, problems_by_field
from crmkit.web.pages.signing_in.cookies import entered, session_token, visitor_of

_ = texts("crmkit")


@get("/sign-in/link/{code}", public=True)
def show_link(call: PageCall, code: str) -> Response:
    """Show a button that signs in."""
    try:
        found = look_at_code(call.crm, code, call.address, purposes=("link",))
    except (InvalidCredentials, TooManyAttempts) as error:
        return spent(call, error)
    return call.page("signing_in/link.html", name=found.account.name, code=code)


@post("/sign-in/link/{code}", public=True)
def use_link(call: PageCall, code: str) -> Response:
    """Sign in by a one-time link."""
    try:
        result = redeem_link(call.crm, code, visitor_of(call), before=session_token(call))
    except (InvalidCredentials, TooManyAttempts) as error:
        return spent(call, error)
    return entered(call, result, "/")


@get("/sign-in/invitation/{code}", public=True)
def show_invitation(call: PageCall, code: str) -> Response:
    """Ask for the first password of somebody who was invited, or a new one after a reset."""
    try:
        found = look_at_code(call.crm, code, call.address, purposes=SETTING)
    except (InvalidCredentials, TooManyAttempts) as error:
        return spent(call, error)
    return _invitation_page(call, code, found)


@post("/sign-in/invitation/{code}", public=True)
def use_invitation(call: PageCall, code: str) -> Response:
    """Set the password, and sign in."""
    new = passwords_of(call)
    try:
        found = look_at_code(call.crm, code, call.address, purposes=SETTING)
        if new is None:
            return _invitation_page(call, code, found, differing())
        result = redeem_invitation(call.crm, code, new, visitor_of(call), before=session_token(call))
    except InvalidInput as error:
        return _invitation_page(call, code, found, error)
    except (InvalidCredentials, TooManyAttempts) as error:
        return spent(call, error)
    return entered(call, result, "/", said=_("Your password is set. Welcome!"))


def passwords_of(call: PageCall) -> str | None:
    """Return the new password that a form holds twice, or None where the two differ."""
    typed = [call.form.get(name) if call.form is not None else None for name in ("password", "repeated")]
    return typed[0] if isinstance(typed[0], str) and typed[0] == typed[1] else None


def differing() -> InvalidInput:
    """Return the error for two passwords that differ."""
    return InvalidInput([Problem("CK500", _("The two passwords are not the same."), field="repeated")])


def spent(call: PageCall, error: CrmkitError) -> Response:
    """Return the page for a link that opens nothing any more, or that nobody may try just now."""
    context = {"trouble": trouble_of(call, error), "waiting": isinstance(error, TooManyAttempts)}
    return call.page("signing_in/spent.html", status=status_of(error), **context)


def _invitation_page(call: PageCall, code: str, found: OpenCode, error: InvalidInput | None = None) -> Response:
    return call.page(
        "signing_in/invitation.html",
        status=200 if error is None else 422,
        code=code,
        login=found.account.login,
        name=found.account.name,
        reset=found.purpose == "reset",
        shortest=SHORTEST,
        longest=LONGEST,
        providers=list(providers_of(call.crm.settings).values()),
        problems={} if error is None else problems_by_field(error),
    )


ROUTES = [show_link, use_link, show_invitation, use_invitation]
