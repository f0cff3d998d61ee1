"""Users and teams: the tree, memberships, and handing over everything of somebody who leaves."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.access.models import Team, TeamMember, User
from crmkit.core.customers.models import Customer
from crmkit.core.store.history import history_of
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound

ACTOR = Actor.system("tests of users")


def user(crm: CRM, login: str) -> Any:
    """Add a user."""
    return crm.run(ACTOR, "user.create", {"login": login, "name": login.title()})


def test_names_of_teams_and_logins_are_unique(crm: CRM) -> None:
    crm.run(ACTOR, "team.create", {"name": "North"})
    user(crm, "li")
    with pytest.raises(AlreadyExists):
        crm.run(ACTOR, "team.create", {"name": "North"})
    with pytest.raises(AlreadyExists):
        user(crm, "li")


def test_a_team_is_never_a_part_of_itself(crm: CRM) -> None:
    top = crm.run(ACTOR, "team.create", {"name": "Sales"})
    north = crm.run(ACTOR, "team.create", {"name": "North", "parent_id": top.id})
    with pytest.raises(InvalidInput, match="part of itself"):
        crm.run(ACTOR, "team.update", {"parent_id": north.id}, target=top.id)
    crm.run(ACTOR, "team.update", {"parent_id": None, "active": False}, target=north.id)
    with crm.session(ACTOR) as session:
        kept = session.get(Team, north.id)
    assert kept is not None
    assert (None, False) == (kept.parent_id, kept.active)


def test_a_user_has_at_most_one_main_team(crm: CRM) -> None:
    person = user(crm, "li")
    teams = [crm.run(ACTOR, "team.create", {"name": name}) for name in ("A", "B")]
    for team in teams:
        crm.run(ACTOR, "team.add_member", {"user_id": person.id, "main": True}, target=team.id)
    with crm.session(ACTOR) as session:
        found = {row.team_id: row.main for row in session.scalars(select(TeamMember))}
    assert {teams[0].id: False, teams[1].id: True} == found
    crm.run(ACTOR, "team.remove_member", {"user_id": person.id}, target=teams[1].id)
    with crm.session(ACTOR) as session:
        assert [teams[0].id] == list(session.scalars(select(TeamMember.team_id)))


def test_somebody_leaves_once(crm: CRM) -> None:
    person = user(crm, "li")
    left = crm.run(ACTOR, "user.deactivate", target=person.id)
    assert (False, True) == (left.active, left.left_at is not None)
    with pytest.raises(Conflict):
        crm.run(ACTOR, "user.deactivate", target=person.id)


def test_everything_of_somebody_who_leaves_is_handed_over_with_its_history(crm: CRM) -> None:
    leaver, heir = user(crm, "leaver"), user(crm, "heir")
    mine = crm.run_many(ACTOR, "customer.create", [{"name": f"C{i}", "owner_id": str(leaver.id)} for i in range(5)])
    other = crm.run(ACTOR, "customer.create", {"name": "Other", "owner_id": str(heir.id)})
    crm.run(ACTOR, "user.deactivate", target=leaver.id)
    result = crm.run(ACTOR, "user.hand_over", {"to_id": str(heir.id)}, target=leaver.id)
    assert ({"crm_customer": 5}, 5) == (dict(result.records), result.total)
    with crm.session(ACTOR) as session:
        customers = list(session.scalars(select(Customer)))
        lines = history_of(session, mine[0].result)
    assert {heir.id} == {customer.owner_id for customer in customers}
    assert {2} == {customer.version for customer in customers if customer.id != other.id}
    assert [(str(leaver.id), str(heir.id))] == [line.changes["owner_id"] for line in lines]


@pytest.mark.parametrize("heir", ["self", "gone", "nobody"])
def test_only_another_active_user_can_take_over(crm: CRM, heir: str) -> None:
    leaver, gone = user(crm, "leaver"), user(crm, "gone")
    crm.run(ACTOR, "user.deactivate", target=gone.id)
    to = {"self": leaver.id, "gone": gone.id, "nobody": "0197a1b2-0000-7000-8000-000000000000"}[heir]
    with pytest.raises(NotFound):
        crm.run(ACTOR, "user.hand_over", {"to_id": str(to)}, target=leaver.id)


def test_a_user_is_changed_field_by_field(crm: CRM) -> None:
    person = user(crm, "li")
    crm.run(ACTOR, "user.update", {"email": "li@example.com", "language": "zh_Hans"}, target=person.id)
    crm.run(ACTOR, "user.update", {"zone": "Asia/Shanghai"}, target=person.id)
    with crm.session(ACTOR) as session:
        kept = session.get(User, person.id)
    assert kept is not None
    assert ("Li", "li@example.com", "zh_Hans", "Asia/Shanghai") == (kept.name, kept.email, kept.language, kept.zone)


@pytest.mark.parametrize("wrong", [{"login": " "}, {"name": ""}, {"language": "klingon"}, {"zone": "Mars/Olympus"}])
def test_a_user_has_names_and_a_language_that_exists(crm: CRM, wrong: dict[str, str]) -> None:
    """An empty login or name, a language that crmkit does not speak and a zone that there is not are refused."""
    actor = Actor.system("tests")
    with pytest.raises(InvalidInput) as refused:
        crm.run(actor, "user.create", {"login": "li", "name": "Li", **wrong})
    assert [problem.field for problem in refused.value.problems] == list(wrong)


def test_a_team_takes_no_name_that_is_empty_or_taken(crm: CRM) -> None:
    """A team cannot be renamed to nothing, nor to another team."""
    actor = Actor.system("tests")
    crm.run(actor, "team.create", {"name": "North"})
    south = crm.run(actor, "team.create", {"name": "South"})
    with pytest.raises(InvalidInput):
        crm.run(actor, "team.update", {"name": " "}, target=south.id)
    with pytest.raises(AlreadyExists, match="North"):
        crm.run(actor, "team.update", {"name": "North"}, target=south.id)
