"""Attacks on the session itself: becoming somebody else in it, and having somebody else do what one may not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve
from sqlalchemy import func, select

from crmkit import Customer, Job
from crmkit.core.operations.jobs import Claim, actor_of
from crmkit.core.store.clock import system_now
from crmkit.errors import GuardRefused, JobError
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, World, company


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """The company."""
    with company(templates, request.param, tmp_path) as made:
        yield made


def test_nobody_becomes_somebody_else_in_a_session(world: World) -> None:
    """A session has one actor for good."""
    with world.crm.session(world.nora) as session:
        with pytest.raises(AttributeError):
            session.actor = SYSTEM  # type: ignore[misc]
        assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_the_engine_of_a_session_reads_nothing_by_itself(world: World) -> None:
    """What a session is bound to opens connections that belong to nobody: they are refused."""
    with world.crm.session(world.nora) as session:
        bind: Any = session.get_bind()
        for statement in (select(Customer.__table__), select(Customer.name)):
            with bind.connect() as connection, pytest.raises(GuardRefused):
                connection.execute(statement)
        with bind.connect() as connection, pytest.raises(GuardRefused):
            connection.exec_driver_sql("SELECT name FROM crm_customer")


def test_a_job_of_nobody_in_particular_is_not_the_system_s(world: World) -> None:
    """A job that acts as whoever deferred it never reaches system scope by somebody who is no user."""
    job = Job(name="test.rename", title="Rename", acts_as="actor", handler=lambda session: None)
    world.crm.registry.add("crmkit", "job", [job])
    held = Claim(
        id=uuid4(),
        name="test.rename",
        sealed=None,
        token=1,
        attempt=1,
        max_attempts=1,
        lease=60,
        lease_until=system_now(),
        actor_id="public",
        actor=None,
        cause_id=None,
        depth=0,
    )
    with pytest.raises(JobError, match="who deferred it"):
        actor_of(world.crm.registry, held)
    assert actor_of(world.crm.registry, evolve(held, actor_id=world.nora.id)).kind == "user"
