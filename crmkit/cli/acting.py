"""Who acts when a command is called: the owner of a token, a user who gives the password, or the command line itself.

The command line acts in system scope, with the account of the operating system in the audit log: whoever can read the
installation's keys can do everything anyway. Must not know any command.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from crmkit.core.store.actor import Actor
from crmkit.errors import NotFound, Refused, UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.security.credentials.accounts import Account

_ = texts("crmkit")

VARIABLE = "CRMKIT_TOKEN"


def command_line() -> Actor:
    """Return the actor in system scope, with the account that the command was called by as its reason."""
    return Actor.system(f"command line, {os_account()}")


def os_account() -> str:
    """Return the name of the account that runs this process, by its number and not by what the environment says."""
    with contextlib.suppress(ImportError, KeyError, AttributeError):
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    import getpass

    with contextlib.suppress(Exception):
        return getpass.getuser()
    return "?"


def actor_of_call(crm: CRM, login: str | None, ask: Callable[[], str] | None) -> Actor:
    """Return who acts: the owner of the token in ``CRMKIT_TOKEN``, the user with a login, or the command line. ``ask``
    asks for the user's password, where somebody can be asked.

    Raises InvalidCredentials and TooManyAttempts when the token or the password opens nothing, Refused when the token
    belongs to somebody else, UsageError when nobody can be asked.
    """
    token = os.environ.get(VARIABLE)
    if token:
        actor = crm.actor_of_token(token)
        if login is not None and user_named(crm, login).user_id != actor.user_id:
            raise Refused(_('The token in {variable} does not belong to "{login}".'), variable=VARIABLE, login=login)
        return actor
    if login is None:
        return command_line()
    if ask is None:
        raise UsageError(
            _('Acting as "{login}" needs the password, and nobody can be asked here.'),
            fix=_("Set {variable} to an API token of that user."),
            login=login,
            variable=VARIABLE,
        )
    return crm.sign_in(login, ask())


def user_named(crm: CRM, login: str) -> Account:
    """Return the user with a login. Raises NotFound."""
    from crmkit.security.credentials.accounts import account_of, reading

    with reading(crm, "looking for a user of the command line") as connection:
        found = account_of(connection, login=login)
    if found is None:
        raise NotFound(_('There is no user "{login}".'), fix=_("crmkit user list shows them."), login=login)
    return found
