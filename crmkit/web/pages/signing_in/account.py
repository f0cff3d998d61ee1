"""Your account: what somebody sees and changes of the own user, how to sign in, and the sessions and tokens there are.

Secrets that are made here are shown on the page that answers, once, and never by a link that could be opened again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.responses import Response

from crmkit.core.access.models import User
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidCredentials, InvalidInput, NotFound, Problem, TooManyAttempts
from crmkit.i18n import LANGUAGES, texts
from crmkit.security.credentials.passwords import change_password, set_first_password
from crmkit.security.credentials.policy import LONGEST, SHORTEST
from crmkit.security.credentials.status import status_of as credentials_of
from crmkit.security.credentials.tokens import DAYS, MOST_DAYS, list_tokens
from crmkit.security.sessions.opening import rotate
from crmkit.security.sessions.stepping import demand_step_up, is_fresh
from crmkit.security.sessions.views import factor_of, list_sessions
from crmkit.security.sso.identities import list_identities
from crmkit.security.sso.providers import providers_of
from crmkit.web.http.languages import COOKIE as LANGUAGE_COOKIE
from crmkit.web.http.problems import status_of
from crmkit.web.pages.asking import trouble_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post, problems_by_field
from crmkit.web.pages.signing_in.by_link import differing, passwords_of
from crmkit.web.pages.signing_in.cookies import keep_session
from crmkit.web.pages.signing_in.drawing import drawn

_ = texts("crmkit")

SCOPES = (("*", _("Everything that I may do")), ("*.read", _("Reading only")), ("", _("What I name below")))
"""What a new token may do, as the page offers it."""
YEAR = 31_536_000


@get("/account")
def show_account(call: PageCall) -> Response:
    """Show the own account."""
    return _page(call)


@post("/account")
def change_account(call: PageCall) -> Response:
    """Change the name, the language and the time zone."""
    _own(call)
    language = call.value("language")
    values = {"name": call.value("name"), "language": language or None, "zone": call.value("zone") or None}
    try:
        call.run("account.update", values)
    except InvalidInput as error:
        return _page(call, error, part="profile", typed=values)
    call.language = language if language in LANGUAGES else call.language
    response = call.redirect("/account", said=_("Your changes are kept."))
    if language in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=YEAR, path=call.prefix or "/", secure=call.secure, samesite="lax"
        )
    return response


@post("/account/password")
def change_own_password(call: PageCall) -> Response:
    """Change the password by the present one, or set the first; all other sessions end, and so do tokens."""
    signed, new = _own(call), passwords_of(call)
    try:
        if new is None:
            raise differing()
        if credentials_of(call.crm, signed.user_id).password_changed_at is None:
            demand_step_up(call.crm, signed)
            set_first_password(call.crm, signed.actor, new, keep_session=signed.id)
        else:
            current = call.form.get("current") if call.form is not None else None
            change_password(
                call.crm,
                signed.actor,
                current if isinstance(current, str) else "",
                new,
                address=call.address,
                keep_session=signed.id,
            )
    except InvalidInput as error:
        return _page(call, error, part="password")
    except (InvalidCredentials, TooManyAttempts) as error:
        wrong = trouble_of(call, error) if isinstance(error, TooManyAttempts) else None
        problem = Problem("CK522", wrong or _("This is not your present password."), field="current")
        return _page(call, InvalidInput([problem]), part="password", status=status_of(error))
    opened = rotate(call.crm, signed, stepped_up=True)
    said = _("Your password is changed. Other sessions and tokens have ended.")
    return keep_session(call, call.redirect("/account", said=said), opened)


@post("/account/factor/begin")
def begin_factor(call: PageCall) -> Response:
    """Show the secret of a new second factor."""
    _own(call)
    return _page(call, part="factor", factor=drawn(call.run("factor.begin")))


@post("/account/factor/confirm")
def confirm_factor(call: PageCall) -> Response:
    """Take the first code of a second factor, and show the recovery codes, this once."""
    signed = _own(call)
    try:
        codes = call.run("factor.confirm", {"code": call.value("code"), "keep": str(signed.id)})
    except InvalidInput as error:
        return _page(call, error, part="factor", factor=drawn(call.run("factor.begin")))
    page = call.page("signing_in/codes.html", codes=codes.codes, next="/account")
    return keep_session(call, page, rotate(call.crm, signed))


@post("/account/factor/codes")
def make_codes(call: PageCall) -> Response:
    """Make new recovery codes and show them, this once."""
    _own(call)
    codes = call.run("factor.make_codes")
    return call.page("signing_in/codes.html", codes=codes.codes, next="/account")


@post("/account/factor/remove")
def remove_factor(call: PageCall) -> Response:
    """Remove the second factor."""
    signed = _own(call)
    call.run("factor.remove", {"keep": str(signed.id)})
    response = call.redirect("/account", said=_("The second factor is removed. Other sessions have ended."))
    return keep_session(call, response, rotate(call.crm, signed))


@post("/account/sessions/end")
def end_session(call: PageCall) -> Response:
    """End one of the own sessions."""
    wanted = _id(call, "session")
    call.run("session.end", {"session_id": str(wanted)})
    return call.redirect("/account", said=_("The session has ended."))


@post("/account/sessions/end-others")
def end_others(call: PageCall) -> Response:
    """End all own sessions but this one."""
    signed = _own(call)
    ended = call.run("session.end_all", {"keep": str(signed.id)})
    return call.redirect("/account", said=_("{count} other sessions have ended."), count=ended.sessions)


@post("/account/tokens")
def make_token(call: PageCall) -> Response:
    """Make an API token and show it, this once."""
    _own(call)
    chosen, named = call.value("reach"), call.value("scopes").replace(",", " ").split()
    days = call.value("days")
    values: dict[str, Any] = {"name": call.value("token_name"), "scopes": [chosen] if chosen else named}
    typed = {"token_name": call.value("token_name"), "reach": chosen, "scopes": call.value("scopes"), "days": days}
    try:
        values["days"] = int(days or DAYS)
        made = call.run("token.create", values)
    except ValueError:
        problem = Problem("CK500", _("This is not a whole number."), field="days", value=days)
        return _page(call, InvalidInput([problem]), part="tokens", typed=typed)
    except InvalidInput as error:
        return _page(call, error, part="tokens", typed=typed)
    return _page(call, part="tokens", made=made)


@post("/account/tokens/revoke")
def revoke_token(call: PageCall) -> Response:
    """Revoke an API token."""
    call.run("token.revoke", {"token_id": str(_id(call, "token"))})
    return call.redirect("/account", said=_("The token opens nothing any more."))


def _own(call: PageCall) -> Any:
    """Return the session of who is signed in here. Raises NotFound for a host's users, whose accounts are elsewhere."""
    if call.signed is None:
        raise NotFound(_("There is no such page."))
    return call.signed


def _id(call: PageCall, name: str) -> UUID:
    found = parse_id(call.value(name))
    if found is None:
        raise NotFound(_("There is no such record."))
    return found


def _page(
    call: PageCall,
    error: CrmkitError | None = None,
    *,
    part: str = "",
    status: int | None = None,
    typed: dict[str, Any] | None = None,
    **shown: Any,
) -> Response:
    """Return the page. ``part`` is the section that ``error`` and what was ``typed`` belong to; ``shown`` is what is
    shown once."""
    signed, crm = _own(call), call.crm
    with call.session() as session:
        user = session.get(User, signed.user_id)
        profile = {
            "login": signed.login,
            "name": user.name if user is not None else call.actor.name,
            "language": user.language if user is not None else None,
            "zone": user.zone if user is not None else None,
        }
    problems = problems_by_field(error) if error is not None else {}
    if part == "tokens" and "name" in problems:
        problems["token_name"] = problems.pop("name")
    if part == "tokens":
        # What is wrong with one scope is shown at the field that all are typed into.
        for name in [name for name in problems if name.startswith("scopes.")]:
            problems.setdefault("scopes", []).extend(problems.pop(name))
    known = providers_of(crm.settings)
    identities = list_identities(crm, signed.user_id)
    linked = {identity.issuer for identity in identities}
    return call.page(
        "signing_in/account.html",
        status=status or (200 if error is None else 422),
        part=part,
        problems=problems,
        profile={**profile, **(typed or {})} if part == "profile" else profile,
        token=typed if part == "tokens" and typed else {"token_name": "", "reach": "*", "scopes": "", "days": DAYS},
        credentials=credentials_of(crm, signed.user_id),
        factor_state=factor_of(crm, signed.user_id),
        factor=shown.get("factor"),
        made=shown.get("made"),
        sessions=list_sessions(crm, signed.user_id),
        tokens=list_tokens(crm, user_id=signed.user_id),
        identities=[(identity, _title(identity.issuer, known)) for identity in identities],
        providers=[provider for provider in known.values() if provider.issuer not in linked],
        methods=METHODS,
        scopes=SCOPES,
        shortest=SHORTEST,
        longest=LONGEST,
        most_days=MOST_DAYS,
        fresh=is_fresh(crm, signed),
        may_have_tokens=call.may("token.create"),
    )


def _title(issuer: str, known: dict[str, Any]) -> str:
    return next((provider.title for provider in known.values() if provider.issuer == issuer), issuer)


METHODS = {
    "password": _("Password"),
    "link": _("One-time link"),
    "code": _("Invitation"),
    "sso": _("Single sign-on"),
}
"""What to call the ways that a session was opened by."""

ROUTES = [
    show_account,
    change_account,
    change_own_password,
    begin_factor,
    confirm_factor,
    make_codes,
    remove_factor,
    end_session,
    end_others,
    make_token,
    revoke_token,
]
