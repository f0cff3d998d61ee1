"""The people who work with the CRM: the list, adding somebody with an invitation, one user's roles and teams, leaving.

An invitation is shown once, to be handed over. Must not know how signing in works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response

from crmkit.core.access.models import Role, Team, TeamMember, User, UserRole
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem
from crmkit.i18n import texts
from crmkit.web.http.problems import status_of
from crmkit.web.pages.admin.common import guard, role_title
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import form_of, read_form, step_up_first, submit
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

RIGHT = "user.admin"


@frozen(kw_only=True)
class Named:
    """Something that a user has or could have: a role or a team, with its name and title."""

    id: UUID
    name: str
    title: str
    has: bool = False
    main: bool = False


@get("/admin/users", right=RIGHT)
def users(call: PageCall) -> Response:
    """List the users with their teams and roles."""
    everything = call.value("all") == "1"
    wanted = call.value("q").casefold()
    with call.session() as session:
        query = select(User).order_by(User.name, User.login)
        if not everything:
            query = query.where(User.active.is_(True))
        found = [
            user
            for user in session.scalars(query)
            if not wanted or wanted in f"{user.name} {user.login} {user.email or ''}".casefold()
        ]
        teams = _by_user(session, select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id))
        roles: dict[UUID, list[str]] = {}
        given = select(UserRole.user_id, Role.name, Role.title).join(Role, Role.id == UserRole.role_id)
        for user_id, name, title in session.execute(given.order_by(Role.name)):
            roles.setdefault(user_id, []).append(role_title(call, name, title))
        left = session.scalar(select(func.count()).select_from(User).where(User.active.is_(False))) or 0
    return call.page(
        "admin/users.html", users=found, teams=teams, roles=roles, everything=everything, q=call.value("q"), left=left
    )


@get("/admin/users/new", right=RIGHT)
def new(call: PageCall) -> Response:
    """Ask who is to be added."""
    step_up_first(call, "user.create")
    return _new(call, form_of(call, "user.create", initial={"language": call.business.language}))


@post("/admin/users/new", right=RIGHT)
def add(call: PageCall) -> Response:
    """Add somebody, with roles, and show the invitation to hand over."""
    guard(call, "user.create", "user.assign_role", "user.invite")
    reading = read_form(call, form_of(call, "user.create"))
    if reading.problems:
        return _new(call, reading.form, 422)
    roles = call.values("role")
    try:
        with call.crm.transaction(call.actor) as session:
            made = session.run("user.create", reading.values)
            for role in dict.fromkeys(roles):
                session.run("user.assign_role", {"role": role}, target=made)
            code = session.run("user.invite", target=made)
            identity, login = made.id, made.login
    except CrmkitError as error:
        return _new(call, reading.form.with_problems(list(error.problems)), status_of(error))
    return _code(call, identity, login, code, kind="invitation")


def _new(call: PageCall, form: Any, status: int = 200) -> Response:
    chosen = set(call.values("role")) if call.form is not None else set()
    with call.session() as session:
        roles = [
            Named(id=role.id, name=role.name, title=role_title(call, role.name, role.title), has=role.name in chosen)
            for role in session.scalars(select(Role).where(Role.active.is_(True)).order_by(Role.name))
        ]
    return call.page("admin/user_new.html", status=status, form=form, roles=roles, may_roles=call.may("role.admin"))


# --- one user --------------------------------------------------------------------------------------------------------


@get("/admin/users/{id}", right=RIGHT)
def user(call: PageCall, id: UUID) -> Response:
    """Show one user: roles, teams, how the user signs in, where the user is signed in."""
    return page_of(call, id)


def page_of(call: PageCall, id: UUID, *, error: CrmkitError | None = None, status: int = 200) -> Response:
    """Return the page of a user, with what just went wrong."""
    from crmkit.security.credentials.status import status_of
    from crmkit.security.credentials.tokens import list_tokens
    from crmkit.security.sessions.views import factor_of, list_sessions

    with call.session() as session:
        found = find(session, id)
        mine = {each.role_id for each in session.scalars(select(UserRole).where(UserRole.user_id == id))}
        roles = [
            Named(id=role.id, name=role.name, title=role_title(call, role.name, role.title), has=role.id in mine)
            for role in session.scalars(select(Role).order_by(Role.name))
            if role.active or role.id in mine
        ]
        places = {each.team_id: each for each in session.scalars(select(TeamMember).where(TeamMember.user_id == id))}
        teams = [
            Named(id=team.id, name=team.name, title=team.name, has=team.id in places, main=_is_main(places, team.id))
            for team in session.scalars(select(Team).order_by(Team.name))
            if team.active or team.id in places
        ]
    return call.page(
        "admin/user.html",
        status=status,
        user=found,
        roles=roles,
        teams=teams,
        may_roles=call.may("role.admin"),
        sign_in=status_of(call.crm, id),
        factor=factor_of(call.crm, id),
        sessions=list_sessions(call.crm, id),
        tokens=list_tokens(call.crm, user_id=id),
        problems=list(error.problems) if error is not None else [],
        own=call.actor.user_id == id,
    )


def find(session: CrmSession, id: UUID) -> User:
    """Return a user. Raises NotFound."""
    found = session.get(User, id)
    if found is None:
        raise NotFound(_("There is no such user."))
    return found


def _is_main(places: dict[UUID, TeamMember], team_id: UUID) -> bool:
    place = places.get(team_id)
    return place is not None and place.main


@get("/admin/users/{id}/edit", right=RIGHT)
def edit(call: PageCall, id: UUID) -> Response:
    """Ask what is to be changed of a user."""
    with call.session() as session:
        found = find(session, id)
        form = form_of(call, "user.update", record=found)
    return call.page("admin/user_edit.html", user=found, form=form)


@post("/admin/users/{id}/edit", right=RIGHT)
def save(call: PageCall, id: UUID) -> Response:
    """Change a user."""
    with call.session() as session:
        found = find(session, id)
        form = form_of(call, "user.update", record=found)
    sent = submit(call, form)
    if sent.form is not None:
        return call.page("admin/user_edit.html", status=sent.status, user=found, form=sent.form)
    return call.redirect(f"/admin/users/{id}", said=_("Saved."))


@post("/admin/users/{id}/roles", right="role.admin")
def set_roles(call: PageCall, id: UUID) -> Response:
    """Give and take roles, all or none."""
    guard(call, "user.assign_role", "user.unassign_role")
    with call.session() as session:
        find(session, id)
        query = select(Role.name).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == id)
        before = set(session.scalars(query))
    wanted, shown = set(call.values("role")), set(call.values("shown"))
    given, taken = sorted(wanted - before), sorted((before & shown) - wanted)
    try:
        with call.crm.transaction(call.actor) as session:
            for name in given:
                session.run("user.assign_role", {"role": name}, target=id)
            for name in taken:
                session.run("user.unassign_role", {"role": name}, target=id)
    except CrmkitError as error:
        return page_of(call, id, error=error, status=422)
    return call.redirect(
        f"/admin/users/{id}", said=_("Roles: {given} given, {taken} taken."), given=len(given), taken=len(taken)
    )


@post("/admin/users/{id}/teams", right=RIGHT)
def set_teams(call: PageCall, id: UUID) -> Response:
    """Put a user into teams and take the user out of others, all or none."""
    guard(call, "team.add_member", "team.remove_member")
    with call.session() as session:
        find(session, id)
        before = {str(each) for each in session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == id))}
    wanted, shown, main = set(call.values("team")), set(call.values("shown")), call.value("main")
    try:
        with call.crm.transaction(call.actor) as session:
            for team_id in sorted(wanted):
                session.run("team.add_member", {"user_id": str(id), "main": team_id == main}, target=_team_id(team_id))
            for team_id in sorted((before & shown) - wanted):
                session.run("team.remove_member", {"user_id": str(id)}, target=_team_id(team_id))
    except CrmkitError as error:
        return page_of(call, id, error=error, status=422)
    return call.redirect(f"/admin/users/{id}", said=_("The teams are saved."))


def _team_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput([Problem("CK500", _("There is no such team."), field="team")]) from None


# --- signing in ------------------------------------------------------------------------------------------------------


@post("/admin/users/{id}/invite", right=RIGHT)
def invite(call: PageCall, id: UUID) -> Response:
    """Make an invitation and show it once."""
    return _issue(call, id, "user.invite", "invitation")


@post("/admin/users/{id}/reset-password", right=RIGHT)
def reset_password(call: PageCall, id: UUID) -> Response:
    """Take the password, tokens and sessions away, and show the invitation to set a new one."""
    return _issue(call, id, "user.reset_password", "invitation")


@post("/admin/users/{id}/link", right=RIGHT)
def link(call: PageCall, id: UUID) -> Response:
    """Make a link to sign in once and show it."""
    return _issue(call, id, "user.link", "link")


def _issue(call: PageCall, id: UUID, operation: str, kind: str) -> Response:
    try:
        code = call.run(operation, target=id)
    except NotFound:
        raise
    except CrmkitError as error:
        return _unless_step_up(call, id, error)
    return _code(call, id, code.login, code, kind=kind)


def _code(call: PageCall, id: UUID, login: str, code: Any, *, kind: str) -> Response:
    from crmkit.security.sessions.links import invitation_path, link_path

    path = invitation_path(code.code) if kind == "invitation" else link_path(code.code)
    return call.page("admin/user_code.html", id=id, login=login, code=code, kind=kind, address=_address(call, path))


def _address(call: PageCall, path: str) -> str:
    """Return the whole address of a path, as it is handed over to somebody else."""
    public = call.doors.options.public_url or call.crm.settings.public_url
    if public:
        return f"{public.rstrip('/')}{path}"
    scheme = "https" if call.secure else "http"
    return f"{scheme}://{call.request.headers.get('host', 'localhost')}{call.url(path)}"


@post("/admin/users/{id}/reset-factor", right=RIGHT)
def reset_factor(call: PageCall, id: UUID) -> Response:
    """Take the second factor of somebody away who has lost it."""
    try:
        call.run("user.reset_factor", target=id)
    except CrmkitError as error:
        return _unless_step_up(call, id, error)
    return call.redirect(f"/admin/users/{id}", said=_("The second factor is gone; the sessions have ended."))


@post("/admin/users/{id}/sessions/end", right=RIGHT)
def end_session(call: PageCall, id: UUID) -> Response:
    """End one session of a user, or all."""
    which = call.value("session")
    try:
        if which:
            call.run("session.end", {"session_id": which})
        else:
            keep = str(call.signed.id) if call.signed is not None and call.actor.user_id == id else None
            call.run("session.end_all", {"user_id": str(id), "keep": keep})
    except CrmkitError as error:
        return _unless_step_up(call, id, error)
    return call.redirect(f"/admin/users/{id}", said=_("The session has ended.") if which else _("All sessions ended."))


def _unless_step_up(call: PageCall, id: UUID, error: CrmkitError) -> Response:
    """Show what went wrong on the page of the user; what asks for a proof goes on as it is."""
    from crmkit.errors import StepUpNeeded, Unauthenticated

    if isinstance(error, (StepUpNeeded, Unauthenticated)):
        raise error
    return page_of(call, id, error=error, status=422)


# --- leaving ---------------------------------------------------------------------------------------------------------


@get("/admin/users/{id}/leave", right=RIGHT)
def ask_leave(call: PageCall, id: UUID) -> Response:
    """Ask who takes over what somebody owns who leaves."""
    step_up_first(call, "user.deactivate")
    return _leaving(call, id)


@post("/admin/users/{id}/leave", right=RIGHT)
def leave(call: PageCall, id: UUID) -> Response:
    """Deactivate somebody, and hand over everything the user owns, both or neither."""
    guard(call, "user.deactivate", "user.hand_over")
    heir = call.value("heir")
    if call.value("sure") != "true":
        return _leaving(call, id, {"sure": [Problem("CK400", _("Say that you want this."), field="sure")]}, 422)
    try:
        with call.crm.transaction(call.actor) as session:
            moved = session.run("user.hand_over", {"to_id": heir}, target=id).total if heir else 0
            session.run("user.deactivate", target=id)
    except NotFound as error:
        if not heir:
            raise
        return _leaving(call, id, {"heir": list(error.problems)}, 422)
    except CrmkitError as error:
        return _leaving(call, id, problems_by_field(error), 422)
    said = _("Deactivated; {records} records were handed over.")
    return call.redirect(f"/admin/users/{id}", said=said, records=moved)


def _leaving(call: PageCall, id: UUID, problems: dict[str, list[Problem]] | None = None, status: int = 200) -> Response:
    with call.session() as session:
        found = find(session, id)
        owned = _owned(session, call, id)
        others = select(User).where(User.active.is_(True), User.id != id).order_by(User.name)
        heirs = [(str(each.id), f"{each.name} ({each.login})") for each in session.scalars(others)]
    return call.page(
        "admin/user_leave.html",
        status=status,
        user=found,
        owned=owned,
        total=sum(number for _title, number in owned),
        heirs=heirs,
        problems=problems or {},
    )


def _owned(session: CrmSession, call: PageCall, id: UUID) -> list[tuple[str, int]]:
    """Return how many records of each kind a user owns, of those that whoever asks may see."""
    found: list[tuple[str, int]] = []
    registry = call.crm.registry
    for name, resource in sorted(registry.resources.items()):
        column = getattr(resource.model, "owner_id", None)
        if column is None or not call.may(f"{name}.read"):
            continue
        number = session.scalar(select(func.count()).select_from(resource.model).where(column == id)) or 0
        if number:
            found.append((call.text(resource.title), number))
    return found


def _by_user(session: CrmSession, query: Any) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for user_id, name in session.execute(query):
        found.setdefault(user_id, []).append(name)
    return found


ROUTES = [
    users,
    new,
    add,
    user,
    edit,
    save,
    set_roles,
    set_teams,
    invite,
    reset_password,
    link,
    reset_factor,
    end_session,
    ask_leave,
    leave,
]
