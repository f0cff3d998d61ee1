"""Attacks by naming what one may not see: ids of sources, questions about records, lists filtered by what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmkit import Actor
from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.customers.queries import CustomerQuery, count
from crmkit.core.store.ids import new_id
from crmkit.errors import InvalidInput, NotFound, Refused
from crmkit.security.roles.explaining import explain
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, World, company, customer, user


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """The company."""
    with company(templates, request.param, tmp_path) as made:
        yield made


def note(about: UUID, external_id: str = "N1") -> dict[str, Any]:
    """Return a note that its source names."""
    return {"kind": "note", "customer_id": about, "subject": "x", "source": "shop", "external_id": external_id}


def test_an_interaction_that_is_hidden_is_no_duplicate_to_show(world: World) -> None:
    """Who names what another recorded is refused alike, alone and in bulk, and told neither its id nor its customer."""
    hidden = world.crm.run(SYSTEM, "interaction.record", note(world.foreign)).id
    with pytest.raises(InvalidInput, match="has this id already") as alone:
        world.crm.run(world.nora, "interaction.record", note(world.mine))
    (outcome,) = world.crm.run_many(world.nora, "interaction.record", [note(world.mine)])
    told = [(problem.field, problem.message) for problem in outcome.problems]
    assert told == [(problem.field, problem.message) for problem in alone.value.problems]
    assert outcome.result is None
    assert str(hidden) not in alone.value.render()


def test_who_records_and_does_not_read_gets_his_own(world: World) -> None:
    """A token that may record and not read gets what it recorded, and again when it sends it again."""
    scopes = ["interaction.create", "customer.read"]
    world.crm.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=world.nora.user_id)
    made = world.crm.run(world.nora, "token.create", {"name": "intake", "scopes": scopes})
    token = Actor.token(made.id, user_id=world.nora.user_id or made.id, limits=tuple(scopes))
    first, second = (world.crm.run(token, "interaction.record", note(world.mine)).id for _number in range(2))
    assert first == second


@pytest.mark.parametrize("action", ["customer.read", "customer.update"])
def test_a_question_tells_nothing_of_what_is_hidden(world: World, action: str) -> None:
    """Who asks about his own rights is told the same of a hidden record and of one that is not there."""
    found = []
    with world.crm.session(world.nora) as session:
        for about in (world.foreign, new_id()):
            with pytest.raises(NotFound) as error:
                explain(session, world.nora, action, about)
            found.append(error.value.render().replace(str(about), "…"))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "condition", ["email=anna@example.com", "email!=anna@example.com", "phone=", "identity_number!="]
)
def test_what_is_hidden_altogether_is_not_looked_for(crm: CRM, condition: str) -> None:
    """Who is shown nothing of addresses and numbers cannot try them out in lists either; who sees them masked can."""
    customer(crm, "Anna", email="anna@example.com")
    with crm.session(user(crm, "mark", "marketer")) as session, pytest.raises(InvalidInput, match="may not read"):
        count(session, CustomerQuery(conditions=(condition,)))
    with crm.session(user(crm, "ada", "admin")) as session:
        assert count(session, CustomerQuery(conditions=(condition,))) in (0, 1)


def test_a_record_is_given_to_nobody_beyond_the_reach_of_its_giver(world: World) -> None:
    """A seller gives a customer to a colleague of the team, and to no other team; who reaches both may."""
    away = {"owner_id": world.sven.user_id, "team_id": world.south}
    with pytest.raises(Refused):
        world.crm.run(world.nora, "customer.assign", away, target=world.mine)
    with world.crm.session(SYSTEM) as session:
        assert session.get_one(Customer, world.mine).team_id == world.north
    world.crm.run(world.nora, "customer.assign", {"owner_id": world.sven.user_id}, target=world.mine)
    world.crm.run(world.manager, "customer.assign", away, target=world.mine)
    with pytest.raises(NotFound):
        world.crm.run(world.nora, "customer.assign", {"owner_id": None}, target=world.mine)
