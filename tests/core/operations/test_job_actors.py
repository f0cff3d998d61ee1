"""As whom a job acts: it has to say so, and rights are those that hold when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession, Customer, Job, operation
from crmkit.core.operations.jobs import claim, execute
from crmkit.core.operations.tables import AuditRecord, JobRecord
from crmkit.errors import ContributionError
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, World, company


@operation("customer.defer_in_test", title="Defer", permission="customer.read", hidden=True)
def defer(session: CrmSession, *, job: str, customer_id: str) -> None:
    """Defer a job about a customer."""
    session.defer(job, customer_id=customer_id)


def rename(session: CrmSession, *, customer_id: str) -> None:
    """Change a customer, as whoever acts."""
    session.run("customer.update", {"city": "Moved"}, target=customer_id)


AS_ACTOR = Job(name="test.rename", title="Rename", acts_as="actor", handler=rename)
AS_SYSTEM = Job(name="test.rename_all", title="Rename everything", acts_as="system", handler=rename)


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A company, with jobs."""
    with company(templates, request.param, tmp_path) as made:
        made.crm.registry.add("crmkit", "operation", [defer])
        made.crm.registry.add("crmkit", "job", [AS_ACTOR, AS_SYSTEM])
        yield made


def deferred(world: World, actor: Actor, job: str, customer_id: Any) -> None:
    """Have an actor defer a job about a customer."""
    world.crm.run(actor, "customer.defer_in_test", {"job": job, "customer_id": str(customer_id)})


def carried_out(world: World, customer_id: Any) -> tuple[str, str | None, str | None]:
    """Carry out the one job there is; return its outcome, its error and the customer's city."""
    held = claim(world.crm.gate, "test")
    assert held is not None
    outcome = execute(world.crm.gate, held)
    with world.crm.session(SYSTEM) as session:
        error = session.scalar(select(JobRecord.error).where(JobRecord.id == held.id))
        return outcome, error, session.scalar(select(Customer.city).where(Customer.id == customer_id))


@pytest.mark.parametrize("stated", [None, "anybody"])
def test_a_job_says_as_whom_it_acts(crm: CRM, stated: Any) -> None:
    """A job that does not is refused when it is declared."""
    with pytest.raises(ContributionError, match="does not say as whom"):
        crm.registry.add("crmkit", "job", [Job(name="test.x", handler=rename, acts_as=stated)])


def test_a_periodic_job_acts_as_nobody_who_deferred_it(crm: CRM) -> None:
    """There is nobody as whom a periodic job could act."""
    with pytest.raises(ContributionError, match="periodic"):
        crm.registry.add("crmkit", "job", [evolve(AS_ACTOR, every="day")])


def test_it_acts_as_whoever_deferred_it(world: World) -> None:
    """It may do what that user may, and the audit log names the user."""
    deferred(world, world.nora, "test.rename", world.mine)
    assert carried_out(world, world.mine) == ("done", None, "Moved")
    with world.crm.session(SYSTEM) as session:
        last = select(AuditRecord.actor_id).where(AuditRecord.operation == "customer.update")
        assert session.scalars(last).all() == [world.nora.id]


def test_it_may_not_do_more_than_whoever_deferred_it(world: World) -> None:
    """A record that the user cannot see is not there for the job."""
    deferred(world, world.nora, "test.rename", world.foreign)
    outcome, error, city = carried_out(world, world.foreign)
    assert (outcome, city) == ("retry", "Ulm")
    assert error is not None
    assert "CK501" in error


def test_system_scope_is_limited_by_nothing(world: World) -> None:
    """A job that acts in system scope does, and its title is audited as the reason."""
    deferred(world, world.nora, "test.rename_all", world.foreign)
    assert carried_out(world, world.foreign) == ("done", None, "Moved")
    with world.crm.session(SYSTEM) as session:
        line = session.scalars(select(AuditRecord).where(AuditRecord.operation == "customer.update")).one()
        assert (line.actor_id, line.reason) == ("job:test.rename_all", "Rename everything")


def test_rights_are_those_of_the_run(world: World) -> None:
    """What was taken from the user since the job was deferred, the job does not have either."""
    deferred(world, world.nora, "test.rename", world.mine)
    world.crm.run(SYSTEM, "user.unassign_role", {"role": "test_seller"}, target=world.nora.user_id)
    outcome, error, city = carried_out(world, world.mine)
    assert (outcome, city) == ("retry", "Kiel")
    assert error is not None
    assert "CK520" in error


def test_the_job_of_a_deactivated_user_is_dead(world: World) -> None:
    """It is not tried again, and the dead-letter list says why."""
    deferred(world, world.nora, "test.rename", world.mine)
    world.crm.run(SYSTEM, "user.deactivate", target=world.nora.user_id)
    outcome, error, city = carried_out(world, world.mine)
    assert (outcome, city) == ("dead", "Kiel")
    assert error is not None
    assert "no active user any more" in error


def test_a_token_does_not_grow_by_a_job(world: World) -> None:
    """A job that a token deferred reaches as far as the token."""
    deferred(world, evolve(world.nora, limits=("customer.read",)), "test.rename", world.mine)
    outcome, error, city = carried_out(world, world.mine)
    assert (outcome, city) == ("retry", "Kiel")
    assert error is not None
    assert "CK520" in error


def test_a_hosts_actor_keeps_its_roles(world: World) -> None:
    """What a host vouched for when the job was deferred is what the job has."""
    host = Actor.host("anna@example.com", roles=("test_seller",), user_id=world.nora.user_id)
    deferred(world, host, "test.rename", world.mine)
    assert carried_out(world, world.mine) == ("done", None, "Moved")


def test_what_system_scope_defers_acts_in_system_scope(world: World) -> None:
    """A job that acts as whoever deferred it is limited by nothing where system scope did."""
    deferred(world, SYSTEM, "test.rename", world.foreign)
    assert carried_out(world, world.foreign) == ("done", None, "Moved")
