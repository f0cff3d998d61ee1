"""Teams as a tree, with who is in them."""

from __future__ import annotations

from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.access.models import Team, TeamMember, User
from crmkit.errors import NotFound
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import form_of, submit
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

RIGHT = "user.admin"


@frozen(kw_only=True)
class Place:
    """A team in the tree: how deep it is, and its members by name."""

    team: Team
    depth: int
    members: tuple[tuple[UUID, str], ...]


@get("/admin/teams", right=RIGHT)
def teams(call: PageCall) -> Response:
    """Show the tree of the teams."""
    with call.session() as session:
        found = list(session.scalars(select(Team).order_by(Team.name)))
        members: dict[UUID, list[tuple[UUID, str]]] = {}
        query = select(TeamMember.team_id, User.id, User.name).join(User, User.id == TeamMember.user_id)
        for team_id, user_id, name in session.execute(query.where(User.active.is_(True)).order_by(User.name)):
            members.setdefault(team_id, []).append((user_id, name))
    return call.page("admin/teams.html", places=_tree(found, members))


def _tree(found: list[Team], members: dict[UUID, list[tuple[UUID, str]]]) -> list[Place]:
    by_parent: dict[UUID | None, list[Team]] = {}
    for team in found:
        by_parent.setdefault(team.parent_id, []).append(team)
    places: list[Place] = []

    def visit(parent: UUID | None, depth: int) -> None:
        for team in by_parent.get(parent, ()):
            places.append(Place(team=team, depth=min(depth, 6), members=tuple(members.get(team.id, ()))))
            visit(team.id, depth + 1)

    visit(None, 0)
    return places


@get("/admin/teams/new", right=RIGHT)
def new(call: PageCall) -> Response:
    """Ask for a new team."""
    return call.page(
        "admin/form.html", form=form_of(call, "team.create"), **_words(_("Add a team"), "/admin/teams/new")
    )


@post("/admin/teams/new", right=RIGHT)
def add(call: PageCall) -> Response:
    """Add a team."""
    sent = submit(call, form_of(call, "team.create"))
    if sent.form is not None:
        words = _words(_("Add a team"), "/admin/teams/new")
        return call.page("admin/form.html", status=sent.status, form=sent.form, **words)
    return call.redirect("/admin/teams", said=_("Saved."))


@get("/admin/teams/{id}", right=RIGHT)
def edit(call: PageCall, id: UUID) -> Response:
    """Ask what is to be changed of a team."""
    with call.session() as session:
        form = form_of(call, "team.update", record=_team(session.get(Team, id)))
    return call.page("admin/form.html", form=form, **_words(_("Change a team"), f"/admin/teams/{id}"))


@post("/admin/teams/{id}", right=RIGHT)
def save(call: PageCall, id: UUID) -> Response:
    """Change a team."""
    with call.session() as session:
        form = form_of(call, "team.update", record=_team(session.get(Team, id)))
    sent = submit(call, form)
    if sent.form is not None:
        words = _words(_("Change a team"), f"/admin/teams/{id}")
        return call.page("admin/form.html", status=sent.status, form=sent.form, **words)
    return call.redirect("/admin/teams", said=_("Saved."))


def _team(found: Team | None) -> Team:
    if found is None:
        raise NotFound(_("There is no such team."))
    return found


def _words(title: str, action: str) -> dict[str, str]:
    lead = _("A team sees what is its own; a team above sees what the teams below it see.")
    return {"title": title, "lead": lead, "action": action, "back": "/admin/teams", "back_title": _("Teams")}


ROUTES = [teams, new, add, edit, save]
