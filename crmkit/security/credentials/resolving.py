"""Finding out who calls through a door, from what the door knows of the call.

API tokens are crmkit's own by their first letters and are shown to no plugin. Anything else plugins may know, such as
the session of a host application; what is left is a login with a password, or nobody. Must not know any door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.core.store.actor import Actor
from crmkit.errors import HookError
from crmkit.hooks.ports import ActorContext
from crmkit.i18n import texts
from crmkit.security.credentials.codes import PREFIX
from crmkit.security.credentials.tokens import actor_of_token
from crmkit.security.sessions.looking import look_up
from crmkit.security.sessions.signing import sign_in

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")


def resolve_actor(crm: CRM, context: ActorContext) -> Actor:
    """Return who is calling: the owner of a token, who is signed in to the pages, whom a plugin vouches for, the user
    of a login and a password, or the public. A door hands over the credentials ``authorization`` (``Bearer …``),
    ``session`` (the token of a browser's session), or ``login``, ``password`` and, where there is a second factor,
    ``code``. A session that has ended counts as none.

    Raises InvalidCredentials, FactorNeeded, TooManyAttempts, and HookError for a plugin that fails or takes more than
    it may give.
    """
    scheme, _space, text = context.credentials.get("authorization", "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() == "bearer" and text.startswith(PREFIX):
        return actor_of_token(crm, text, context.address)
    signed = look_up(crm, context.credentials.get("session", ""), context.address)
    if signed is not None:
        return signed.actor
    answer = crm.dispatcher.first("crmkit_resolve_actor", context=context, crm=crm)
    if answer is not None:
        return _checked(answer.value, answer.plugin)
    login, password = context.credentials.get("login"), context.credentials.get("password")
    if login is not None and password is not None:
        return sign_in(crm, login, password, context.address, code=context.credentials.get("code"))
    if scheme.lower() == "bearer":
        return actor_of_token(crm, text, context.address)
    return Actor(id="public", kind="public", name="public", address=context.address)


def _checked(actor: object, plugin: str) -> Actor:
    if not isinstance(actor, Actor):
        raise HookError(_("crmkit_resolve_actor returned no Actor."), plugin=plugin)
    if actor.kind in ("system", "job"):
        raise HookError(
            _("crmkit_resolve_actor returned an actor of system scope, which no caller is. Return Actor.host(...)."),
            plugin=plugin,
        )
    return actor
