"""``crmkit token``: what scripts and other systems sign in with."""

from __future__ import annotations

from uuid import UUID

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.errors import InvalidInput, NotFound, Problem, Refused
from crmkit.i18n import texts

_ = texts("crmkit")

token = group(help=_("Make, list and revoke API tokens."), name="token")
"""The group ``crmkit token``."""

_FOR = _("Login of the owner; else the user who acts.")


@command(token, "create", _("Make an API token and show it this once."))
@click.argument("name")
@option(
    "--scope", "scopes", metavar="SCOPE", multiple=True, required=True, help=_("What it may do, such as customer.read.")
)
@option(
    "--days", type=click.IntRange(min=1), metavar="N", help=_("Days until it expires; 90 unless said, at most 365.")
)
@option("--for", "owner", metavar="LOGIN", help=_FOR)
def create(cli: Invocation, name: str, scopes: tuple[str, ...], days: int | None, owner: str | None) -> None:
    """Make a token and print it."""
    from crmkit.cli.acting import user_named

    values: dict[str, object] = {"name": name, "scopes": list(scopes)}
    if days is not None:
        values["days"] = days
    if owner is not None:
        values["user_id"] = user_named(cli.crm, owner).user_id
    elif cli.actor.kind == "system":
        raise InvalidInput([Problem("CK500", _("Say whose token it is."), field="--for")])
    made = cli.run("token.create", values)
    cli.output.record(
        [
            (_("Token"), made.token),
            (_("Name"), made.name),
            (_("Scopes"), ", ".join(made.scopes)),
            (_("Expires"), made.expires_at),
            (_("ID"), made.id),
        ],
        json={
            "id": made.id,
            "name": made.name,
            "token": made.token,
            "scopes": list(made.scopes),
            "expires_at": made.expires_at,
        },
    )
    if not cli.json:
        cli.output.say(_("Keep it where only the program that uses it can read it: it is not shown again."))


@command(token, "list", _("List the API tokens of the user who acts, or of everybody."))
@option("--for", "owner", metavar="LOGIN", help=_("Only those of this user."))
@option("--all", "everything", is_flag=True, help=_("Also those that were revoked or have expired."))
def list_(cli: Invocation, owner: str | None, everything: bool) -> None:
    """Print tokens; never more of one than its beginning."""
    from crmkit.cli.acting import user_named
    from crmkit.security.credentials.tokens import list_tokens

    user_id = user_named(cli.crm, owner).user_id if owner is not None else None
    with cli.session() as session:
        may_all = session.gate.rights(session).scope("user", "admin") == "all"
    if not may_all:
        if cli.actor.user_id is None or user_id not in (None, cli.actor.user_id):
            raise Refused(_("Only who administers users sees the tokens of others."))
        user_id = cli.actor.user_id
    rows = [
        {
            "id": item.id,
            "login": item.login,
            "name": item.name,
            "prefix": item.prefix,
            "scopes": list(item.scopes),
            "state": item.state,
            "created_at": item.created_at,
            "expires_at": item.expires_at,
            "last_used_at": item.last_used_at,
        }
        for item in list_tokens(cli.crm, user_id=user_id, everything=everything)
    ]
    columns = [
        Column("prefix", _("Token")),
        Column("login", _("Login")),
        Column("name", _("Name")),
        Column("scopes", _("Scopes")),
        Column("expires_at", _("Expires")),
        Column("last_used_at", _("Last used")),
    ]
    if everything:
        columns.append(Column("state", _("State")))
    cli.output.table(columns, rows, empty=_("There is no API token."))


@command(token, "revoke", _("Revoke an API token, named by its id or its beginning."))
@click.argument("which", metavar="TOKEN")
def revoke(cli: Invocation, which: str) -> None:
    """Revoke a token; it opens nothing from the next call on."""
    cli.run("token.revoke", {"token_id": _identity(cli, which)})
    if cli.json:
        cli.output.document({"revoked": which})
    else:
        cli.output.say(_("The token is revoked."))


def _identity(cli: Invocation, which: str) -> UUID:
    from crmkit.security.credentials.tokens import list_tokens

    try:
        return UUID(which)
    except ValueError:
        pass
    found = [item.id for item in list_tokens(cli.crm) if item.prefix.startswith(which)]
    if len(found) != 1 or len(which) < 8:
        raise NotFound(_("There is no such token."), fix=_("crmkit token list --json shows their ids."))
    return found[0]
