"""``crmkit user``: the people who work with the CRM, their roles and their passwords.

A password is typed or comes by standard input, never by the command line, and nobody chooses one for somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.cli.values import plain
from crmkit.errors import Refused, UsageError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.secrets import Question
    from crmkit.security.credentials.passwords import IssuedCode

_ = texts("crmkit")

user = group(help=_("The people who work with the CRM: their roles and their passwords."), name="user")
"""The group ``crmkit user``."""


@command(user, "list", _("List the users; with --all also those who have left."))
@option("--all", "everything", is_flag=True, help=_("Also those who have left."))
def list_(cli: Invocation, everything: bool) -> None:
    """Print the users by login, each with the teams."""
    from sqlalchemy import select

    from crmkit.core.access.models import Team, TeamMember, User

    with cli.session() as session:
        query = select(User).order_by(User.login)
        if not everything:
            query = query.where(User.active.is_(True))
        found = list(session.scalars(query))
        places = session.execute(select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id))
        teams: dict[object, list[str]] = {}
        for user_id, name in places:
            teams.setdefault(user_id, []).append(name)
        rows = [
            {
                "id": item.id,
                "login": item.login,
                "name": item.name,
                "email": item.email,
                "language": item.language,
                "zone": item.zone,
                "active": item.active,
                "teams": sorted(teams.get(item.id, [])),
                "version": item.version,
            }
            for item in found
        ]
    columns = [
        Column("login", _("Login")),
        Column("name", _("Name")),
        Column("email", _("E-mail")),
        Column("teams", _("Teams")),
    ]
    if everything:
        columns.append(Column("active", _("Active")))
    cli.output.table(columns, rows, empty=_("There is no user yet. crmkit user add LOGIN NAME adds one."))


@command(user, "show", _("Show a user with teams, roles and what the user can sign in with."))
@click.argument("login")
def show(cli: Invocation, login: str) -> None:
    """Print a user."""
    from sqlalchemy import select

    from crmkit.cli.acting import user_named
    from crmkit.core.access.models import Role, Team, TeamMember, User, UserRole
    from crmkit.security.credentials.status import status_of

    identity = user_named(cli.crm, login).user_id
    with cli.session() as session:
        found = session.get(User, identity)
        assert found is not None
        teams = select(Team.name).join(TeamMember, TeamMember.team_id == Team.id).where(TeamMember.user_id == identity)
        roles = select(Role.name).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == identity)
        row: dict[str, object] = {
            "id": found.id,
            "login": found.login,
            "name": found.name,
            "email": found.email,
            "language": found.language,
            "zone": found.zone,
            "active": found.active,
            "left_at": found.left_at,
            "teams": sorted(session.scalars(teams)),
            "roles": sorted(session.scalars(roles)),
            "version": found.version,
        }
        may_all = session.gate.rights(session).scope("user", "admin") == "all"
    if may_all or cli.actor.user_id == identity:
        status = status_of(cli.crm, identity)
        row |= {
            "password_changed_at": status.password_changed_at,
            "code_until": status.code_until,
            "tokens": status.tokens,
        }
    titles = {
        "id": _("ID"),
        "login": _("Login"),
        "name": _("Name"),
        "email": _("E-mail"),
        "language": _("Language"),
        "zone": _("Time zone"),
        "active": _("Active"),
        "left_at": _("Left at"),
        "teams": _("Teams"),
        "roles": _("Roles"),
        "password_changed_at": _("Password set"),
        "code_until": _("One-time code until"),
        "tokens": _("API tokens"),
    }
    cli.output.record([(title, row.get(name)) for name, title in titles.items()], json=row)


@command(user, "add", _("Add somebody who works with the CRM."))
@click.argument("login")
@click.argument("name")
@option("--email", metavar="ADDRESS", help=_("E-mail address."))
@option("--language", "language", metavar="TAG", help=_("Language that crmkit speaks to the user: en or zh_Hans."))
@option("--zone", metavar="ZONE", help=_("Time zone, such as Asia/Shanghai."))
@option("--role", "roles", metavar="ROLE", multiple=True, help=_("A role that the user gets; may be given again."))
@option("--invite", is_flag=True, help=_("Issue a one-time code by which the user sets a password."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def add(
    cli: Invocation,
    login: str,
    name: str,
    email: str | None,
    language: str | None,
    zone: str | None,
    roles: tuple[str, ...],
    invite: bool,
    key: str | None,
) -> None:
    """Add a user and print the record."""
    values = {"login": login, "name": name, "email": email, "language": language, "zone": zone}
    given = {name: value for name, value in values.items() if value is not None}
    if key is not None and (roles or invite):
        raise UsageError(_("--key goes with neither --role nor --invite."))
    if key is not None or not (roles or invite):
        show_result(cli, cli.run("user.create", given, key=key))
        return
    with cli.crm.transaction(cli.actor) as session:
        made = session.run("user.create", given)
        for role in dict.fromkeys(roles):
            session.run("user.assign_role", {"role": role}, target=made)
        code = session.run("user.invite", target=made) if invite else None
    if cli.json and code is not None:
        cli.output.document({"result": plain(made), "code": code.code, "expires_at": code.expires_at})
        return
    show_result(cli, made)
    if code is not None:
        show_code(cli, code)


@command(user, "edit", _("Change a user."))
@click.argument("login")
@option("--name", metavar="TEXT", help=_("Name."))
@option("--email", metavar="ADDRESS", help=_("E-mail address."))
@option("--language", "language", metavar="TAG", help=_("Language that crmkit speaks to the user: en or zh_Hans."))
@option("--zone", metavar="ZONE", help=_("Time zone, such as Asia/Shanghai."))
def edit(cli: Invocation, login: str, **changes: str | None) -> None:
    """Change what is given of a user; an empty text takes a value away."""
    given = {name: value or None for name, value in changes.items() if value is not None}
    if not given:
        raise UsageError(_("Say what is to be changed."), fix=_("crmkit user edit --help lists what can be."))
    show_result(cli, _run(cli, "user.update", login, given))


@command(user, "deactivate", _("Deactivate somebody who leaves: password and tokens end at once."))
@click.argument("login")
@option("--to", "heir", metavar="LOGIN", help=_("Hand over everything that the user owns to this one."))
@option("--yes", "-y", is_flag=True, help=_("Do not ask before."))
def deactivate(cli: Invocation, login: str, heir: str | None, yes: bool) -> None:
    """Deactivate a user, and hand over what the user owns."""
    from crmkit.cli.acting import user_named

    target = user_named(cli.crm, login).user_id
    to_id = user_named(cli.crm, heir).user_id if heir is not None else None
    confirm(cli, _("Deactivate {login}?"), yes=yes, login=login)
    with cli.crm.transaction(cli.actor) as session:
        moved = session.run("user.hand_over", {"to_id": to_id}, target=target).total if to_id is not None else 0
        session.run("user.deactivate", target=target)
    if cli.json:
        cli.output.document({"login": login, "deactivated": True, "records": moved})
    else:
        cli.output.say(_("{login} is deactivated; {records} records were handed over."), login=login, records=moved)


@command(user, "hand-over", _("Hand over everything that a user owns to another one."))
@click.argument("login")
@click.argument("heir", metavar="TO")
@option("--yes", "-y", is_flag=True, help=_("Do not ask before."))
def hand_over(cli: Invocation, login: str, heir: str, yes: bool) -> None:
    """Make another user the owner of everything that a user owns."""
    from crmkit.cli.acting import user_named

    to_id = user_named(cli.crm, heir).user_id
    confirm(cli, _("Hand over everything of {login} to {heir}?"), yes=yes, login=login, heir=heir)
    result = _run(cli, "user.hand_over", login, {"to_id": to_id})
    if cli.json:
        cli.output.document({"records": result.total, "tables": dict(result.records)})
    else:
        cli.output.say(_("{records} records were handed over."), records=result.total)


@command(user, "roles", _("Show the roles of a user; give and take roles."))
@click.argument("login")
@option("--add", "given", metavar="ROLE", multiple=True, help=_("Give this role; may be given again."))
@option("--remove", "taken", metavar="ROLE", multiple=True, help=_("Take this role; may be given again."))
def roles(cli: Invocation, login: str, given: tuple[str, ...], taken: tuple[str, ...]) -> None:
    """Change and print the roles of a user."""
    from sqlalchemy import select

    from crmkit.cli.acting import user_named
    from crmkit.core.access.models import Role, UserRole

    identity = user_named(cli.crm, login).user_id
    if given or taken:
        with cli.crm.transaction(cli.actor) as session:
            for name in dict.fromkeys(given):
                session.run("user.assign_role", {"role": name}, target=identity)
            for name in dict.fromkeys(taken):
                session.run("user.unassign_role", {"role": name}, target=identity)
    with cli.session() as session:
        query = select(Role).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == identity)
        found = session.scalars(query.order_by(Role.name)).all()
        rows = [{"name": item.name, "title": item.title, "active": item.active} for item in found]
    columns = [Column("name", _("Role")), Column("title", _("Title"))]
    if rows or cli.json:
        cli.output.table(columns, rows)
    else:
        cli.output.say(_("{login} has no role and may do nothing."), login=login)


@command(user, "invite", _("Issue a one-time code by which a user sets a password."))
@click.argument("login")
@option("--reset", is_flag=True, help=_("Take the present password and all API tokens away at once."))
def invite(cli: Invocation, login: str, reset: bool) -> None:
    """Issue a code and print it this once."""
    code = _run(cli, "user.reset_password" if reset else "user.invite", login, {})
    if cli.json:
        cli.output.document(
            {"login": code.login, "code": code.code, "link": _link(cli, code), "expires_at": code.expires_at}
        )
    else:
        show_code(cli, code)


@command(user, "link", _("Make a link by which a user signs in to the pages once, within a quarter of an hour."))
@click.argument("login")
def link(cli: Invocation, login: str) -> None:
    """Make a link and print it this once."""
    code = _run(cli, "user.link", login, {})
    shown = _link(cli, code)
    if cli.json:
        cli.output.document({"login": code.login, "link": shown, "expires_at": code.expires_at})
    else:
        cli.output.record([(_("Link"), shown), (_("Valid until"), code.expires_at)])
        cli.output.say(_("It is not shown again. Whoever opens it and presses the button is {login}."), login=login)


@command(user, "sessions", _("List the browsers in which a user is signed in to the pages."))
@click.argument("login")
def sessions(cli: Invocation, login: str) -> None:
    """Print the sessions of a user, the last used first."""
    from crmkit.cli.acting import user_named
    from crmkit.security.sessions.views import list_sessions

    identity = user_named(cli.crm, login).user_id
    with cli.session() as session:
        may_all = session.gate.rights(session).scope("user", "admin") == "all"
    if not may_all and cli.actor.user_id != identity:
        raise Refused(_("Sessions of others are for who administers users."))
    rows = [
        {
            "id": item.id,
            "agent": item.agent,
            "address": item.address,
            "method": item.method,
            "factor": item.factor,
            "provider": item.provider,
            "signed_in_at": item.signed_in_at,
            "seen_at": item.seen_at,
            "expires_at": item.expires_at,
        }
        for item in list_sessions(cli.crm, identity)
    ]
    columns = [
        Column("agent", _("Browser")),
        Column("address", _("Address")),
        Column("method", _("Signed in by")),
        Column("signed_in_at", _("Since")),
        Column("seen_at", _("Last seen")),
    ]
    cli.output.table(columns, rows, empty=_("There is no session."))


@command(user, "end-sessions", _("Sign a user out of all browsers."))
@click.argument("login")
def end_sessions(cli: Invocation, login: str) -> None:
    """End every session of a user."""
    from crmkit.cli.acting import user_named

    ended = cli.run("session.end_all", {"user_id": user_named(cli.crm, login).user_id})
    if cli.json:
        cli.output.document({"login": login, "sessions": ended.sessions})
    else:
        cli.output.say(_("{count} sessions of {login} have ended."), count=ended.sessions, login=login)


@command(user, "reset-factor", _("Take the second factor of a user away who has lost it."))
@click.argument("login")
@option("--yes", "-y", is_flag=True, help=_("Do not ask before."))
def reset_factor(cli: Invocation, login: str, yes: bool) -> None:
    """Take the second factor and the recovery codes of a user away; the sessions end."""
    confirm(cli, _("Take the second factor of {login} away?"), yes=yes, login=login)
    _run(cli, "user.reset_factor", login, {})
    if cli.json:
        cli.output.document({"login": login, "done": True})
    else:
        cli.output.say(_("{login} has no second factor any more."), login=login)


@command(user, "redeem", _("Set a password by a one-time code. Both are asked for, or read from standard input."))
@click.argument("login")
def redeem(cli: Invocation, login: str) -> None:
    """Redeem a code: its holder sets the password of the user."""
    from crmkit.cli.secrets import Question
    from crmkit.security.credentials.passwords import redeem as redeem_code

    code, password = _ask(cli, Question(_("One-time code"), shown=True), Question(_("New password"), twice=True))
    redeem_code(cli.crm, login, code, password)
    _done(cli, login)


@command(user, "password", _("Change a password. The present and the new one are asked for."))
@click.argument("login")
@option("--keep-tokens", is_flag=True, help=_("Leave the API tokens of the user alive."))
def password(cli: Invocation, login: str, keep_tokens: bool) -> None:
    """Change the password of a user who knows the present one."""
    from crmkit.cli.acting import user_named
    from crmkit.cli.secrets import Question
    from crmkit.core.store.actor import Actor
    from crmkit.security.credentials.passwords import change_password

    account = user_named(cli.crm, login)
    current, new = _ask(cli, Question(_("Present password")), Question(_("New password"), twice=True))
    actor = Actor.user(account.user_id, account.name, account.language, method="password")
    change_password(cli.crm, actor, current, new, keep_tokens=keep_tokens)
    _done(cli, login)


def show_code(cli: Invocation, code: IssuedCode) -> None:
    """Print a one-time code and what to do with it."""
    cli.output.record(
        [(_("One-time code"), code.code), (_("Link"), _link(cli, code)), (_("Valid until"), code.expires_at)]
    )
    cli.output.say(
        _("It is not shown again. {login} sets a password with: crmkit user redeem {login}"), login=code.login
    )


def _link(cli: Invocation, code: IssuedCode) -> str:
    """Return the address of the page on which a code is redeemed; its path where no address is in the settings."""
    from crmkit.security.sessions.links import path_of

    return f"{(cli.crm.settings.public_url or '').rstrip('/')}{path_of(code)}"


def _run(cli: Invocation, operation: str, login: str, values: Mapping[str, Any]) -> Any:
    from crmkit.cli.acting import user_named

    return cli.run(operation, dict(values), target=user_named(cli.crm, login).user_id)


def _ask(cli: Invocation, *questions: Question) -> list[str]:
    from crmkit.cli.secrets import ask_secrets

    return ask_secrets(cli, questions)


def _done(cli: Invocation, login: str) -> None:
    if cli.json:
        cli.output.document({"login": login, "done": True})
    else:
        cli.output.say(_("The password of {login} is set."), login=login)
