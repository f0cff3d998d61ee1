"""The page that asks for a password or a code once more, and what is sent by it."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.errors import InvalidCredentials, NotFound, TooManyAttempts
from crmkit.i18n import texts
from crmkit.security.sessions.stepping import step_up
from crmkit.web.pages.asking import AGAIN, KEPT, LONGEST_KEPT, MOST_KEPT, Again, step_up_page
from crmkit.web.pages.call import PageCall, local_path
from crmkit.web.pages.routing import get, post
from crmkit.web.pages.signing_in.cookies import keep_session, next_of

_ = texts("crmkit")


@get("/step-up")
def show_step_up(call: PageCall) -> Response:
    """Ask for the password or a code."""
    _check(call)
    return step_up_page(call, next=next_of(call), again=None)


@post("/step-up")
def give_step_up(call: PageCall) -> Response:
    """Take the password or a code; what somebody was about to do is then sent again by one button."""
    _check(call)
    next, again = next_of(call), _again(call)
    given = call.form.get("secret") if call.form is not None else None
    try:
        opened = step_up(call.crm, call.signed, given if isinstance(given, str) else "", call.address)
    except (InvalidCredentials, TooManyAttempts) as error:
        return step_up_page(call, next=next, again=again, error=error)
    if again is None:
        return keep_session(call, call.redirect(next), opened)
    # The form that is sent again carries the token of the session as it is from now on.
    call.csrf = opened.signed.csrf
    return keep_session(call, call.page("signing_in/go_on.html", again=again, next=next), opened)


def _check(call: PageCall) -> None:
    if call.signed is None:
        raise NotFound(_("There is no such page."))


def _again(call: PageCall) -> Again | None:
    """Return the form that waits, as the page before has kept it."""
    path = local_path(call.value(AGAIN), call)
    if path is None or call.form is None:
        return None
    fields = tuple(
        (name.removeprefix(KEPT), value)
        for name, value in call.form.multi_items()
        if name.startswith(KEPT) and isinstance(value, str)
    )
    if len(fields) > MOST_KEPT or sum(len(value) for _name, value in fields) > LONGEST_KEPT:
        return None
    return Again(path=path, fields=fields)


ROUTES = [show_step_up, give_step_up]
