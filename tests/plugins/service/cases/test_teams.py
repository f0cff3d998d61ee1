"""Whose team a case is, and who sees it by that."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from crmkit_service.cases.models import Case
from sqlalchemy import select

from crmkit import Actor, Customer, User
from crmkit.app import CRM
from crmkit.settings import Settings
from tests.conftest import Templates
from tests.plugins.service.cases.conftest import Base, opened
from tests.plugins.service.conftest import enabled

SYSTEM = Actor.system("a test")
TEAMS = {"mona": "Service", "otto": "Sales"}


def seers(base: Base, case: UUID) -> list[str]:
    """Return which of Mona, a manager of the team Service, and Otto, one of another team, sees a case."""
    found = []
    for login in ("mona", "otto"):
        with base.crm.session(SYSTEM) as session:
            user = session.scalars(select(User.id).where(User.login == login)).one()
        with base.crm.session(Actor.user(user)) as session:
            if session.get(Case, case) is not None:
                found.append(login)
    return found


@pytest.mark.parametrize("way", ["queue", "moved", "usual"])
def test_a_case_that_comes_in_is_seen_by_who_manages_it(templates: Templates, tmp_path: Path, way: str) -> None:
    """It gets the team of its queue, else the usual one; and so does a customer whom nobody looks after."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    options = {"service": {"team": "Service"}} if way == "usual" else {}
    with CRM.open(Settings(database=url, options=options)) as crm:
        base = Base.of(crm)
        teams = {login: base.run("team.create", {"name": name}) for login, name in TEAMS.items()}
        for login, team in teams.items():
            base.run("team.add_member", {"user_id": base.user(login, "manager"), "main": True}, target=team)
        base.run("work.queue.create", {"name": "help", "title": "Help", "fallback_team_id": teams["mona"].id})
        case = opened(base, **({"queue": "help"} if way == "queue" else {}))
        if way == "moved":
            crm.worker().run_until_idle()
            assert seers(base, case) == []
            base.run("service.case.move", {"queue": "help"}, target=case)
        crm.worker().run_until_idle()
        assert seers(base, case) == ["mona"]
        assert base.case(case).team_id == teams["mona"].id


def test_a_named_team_and_that_of_the_customer_come_first(templates: Templates, tmp_path: Path) -> None:
    """The usual team gets what nobody else has, and no customer is taken away from theirs."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(Settings(database=url, options={"service": {"team": "Service"}})) as crm:
        base = Base.of(crm)
        team, other = (base.run("team.create", {"name": name}).id for name in TEAMS.values())
        base.run("customer.assign", {"team_id": other}, target=base.customer)
        assert base.case(opened(base)).team_id == other
        assert base.case(opened(base, team_id=team)).team_id == team
        crm.worker().run_until_idle()
        with crm.session(SYSTEM) as session:
            assert session.get_one(Customer, base.customer).team_id == other
