"""The API tokens of all users: what each may reach, when it was used last, and revoking it."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.i18n import texts
from crmkit.security.credentials.tokens import list_tokens
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

RIGHT = "user.admin"
STATES = {"active": (_("Active"), "good"), "expired": (_("Expired"), ""), "revoked": (_("Revoked"), "")}


@get("/admin/tokens", right=RIGHT)
def tokens(call: PageCall) -> Response:
    """List the tokens of all users, or of one."""
    everything, login = call.value("all") == "1", call.value("user")
    found = [each for each in list_tokens(call.crm, everything=everything) if not login or each.login == login]
    return call.page("admin/tokens.html", tokens=found, everything=everything, login=login, states=STATES)


@post("/admin/tokens/revoke", right=RIGHT)
def revoke(call: PageCall) -> Response:
    """Revoke a token: it opens nothing from the next call on."""
    call.run("token.revoke", {"token_id": call.value("token")})
    return call.redirect("/admin/tokens", said=_("The token is revoked."))


ROUTES = [tokens, revoke]
