"""The page that asks who is signed in for the password or a code once more, before something sensitive is done.

What a form had sent when it was asked for is kept in the page, so that it can be sent again and nobody types it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from starlette.responses import Response

from crmkit.errors import CrmkitError, TooManyAttempts
from crmkit.i18n import texts
from crmkit.security.sessions.stepping import way_of
from crmkit.web.http.csrf import FIELD
from crmkit.web.http.problems import headers_of, status_of

if TYPE_CHECKING:
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

AGAIN = "again"
"""The field that keeps the path a form was sent to; the fields of that form have ``KEPT`` before their names."""
KEPT = "kept."
MOST_KEPT = 200
LONGEST_KEPT = 100_000


@frozen(kw_only=True)
class Again:
    """A form that waits for a step-up: where it was sent to, and what it held."""

    path: str
    fields: tuple[tuple[str, str], ...]


def form_of(call: PageCall) -> Again | None:
    """Return what a call had sent, to be sent again; None for one that only reads, and for files and what is long."""
    if call.form is None or call.request.method != "POST":
        return None
    fields: list[tuple[str, str]] = []
    for name, value in call.form.multi_items():
        if not isinstance(value, str):
            return None
        if name != FIELD:
            fields.append((name, value))
    if len(fields) > MOST_KEPT or sum(len(value) for _name, value in fields) > LONGEST_KEPT:
        return None
    path = str(call.request.scope["path"]).removeprefix(call.prefix) or "/"
    query = call.request.url.query
    return Again(path=f"{path}?{query}" if query else path, fields=tuple(fields))


def step_up_page(call: PageCall, *, next: str, again: Again | None, error: CrmkitError | None = None) -> Response:
    """Return the page that asks for a password or a code; ``error`` is what was wrong with the last one."""
    way = way_of(call.crm, call.signed)
    status = status_of(error) if error is not None else 200 if again is None else 403
    provider = call.crm.settings.sso.get(call.signed.provider or "", {})
    response = call.page(
        "signing_in/step_up.html",
        status=status,
        next=next,
        again=again,
        way=way,
        provider=call.signed.provider,
        provider_title=str(provider.get("title") or (call.signed.provider or "").title()),
        trouble=trouble_of(call, error),
    )
    if error is not None:
        response.headers.update({k: v for k, v in headers_of(error, status).items() if k.lower() == "retry-after"})
    return response


def trouble_of(call: PageCall, error: CrmkitError | None) -> str | None:
    """Return what was wrong with a password or a code, for the one who gave it: without what an administrator could
    do on the command line, and with a wait in minutes."""
    if error is None:
        return None
    if isinstance(error, TooManyAttempts):
        minutes = -(-error.seconds // 60)
        if minutes > 1:
            return call.text(_("Too many attempts were made. Try again in {minutes} minutes."), minutes=minutes)
        return call.text(_("Too many attempts were made. Try again in a minute."))
    return call.text(error.message, **error.values)
