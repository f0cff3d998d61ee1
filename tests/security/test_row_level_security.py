"""Row-level security on PostgreSQL, made from the guard's own conditions: SQL that goes past crmkit sees no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from crmkit import CRM, Actor, Customer, Interaction
from crmkit.core.customers.models import ContactPoint
from crmkit.security.roles.rls import database_role, rls_statements
from tests.conftest import Templates
from tests.security.world import SYSTEM, World, build, customer, role, user

NAMES = ("test_seller", "rls_reader")


@define(kw_only=True)
class Secured:
    """A company whose database has the roles, and an engine of a tool that knows nothing of crmkit."""

    world: World
    engine: Any

    def seen(self, actor: Actor, name: str, statement: str) -> list[Any]:
        """Return what SQL shows under a role of the database, for an actor."""
        with self.engine.begin() as connection:
            self.become(connection, actor, name)
            return sorted(connection.execute(text(statement)).scalars())

    def become(self, connection: Connection, actor: Actor, name: str) -> None:
        """Take a role of the database, and say who it is."""
        with self.world.crm.session(actor) as session:
            rights = session.gate.rights(session)
        settings = {
            "crmkit.user_id": str(actor.user_id or ""),
            "crmkit.actor_id": actor.id,
            "crmkit.teams": ",".join(map(str, rights.team_ids)),
            "crmkit.tree": ",".join(map(str, rights.tree_ids)),
        }
        for key, value in settings.items():
            connection.execute(text("SELECT set_config(:key, :value, true)"), {"key": key, "value": value})
        connection.execute(text(f"SET LOCAL ROLE {database_role(name)}"))


@pytest.fixture
def secured(templates: Templates, tmp_path: Any) -> Iterator[Secured]:
    """The company; the roles of the database are dropped at the end, as they belong to the whole server."""
    crm = CRM.open(templates.copy("postgresql", tmp_path))
    world = build(crm)
    role(crm, "rls_reader", [("customer", "read", "own")])
    engine = create_engine(crm.engines.base.url, poolclass=NullPool)
    with crm.session(SYSTEM) as session:
        statements = [statement for name in NAMES for statement in rls_statements(session, name)]
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    yield Secured(world=world, engine=engine)
    with engine.begin() as connection:
        for name in NAMES:
            connection.exec_driver_sql(f"DROP OWNED BY {database_role(name)}")
            connection.exec_driver_sql(f"DROP ROLE {database_role(name)}")
    crm.close()


@pytest.mark.parametrize("model", [Customer, Interaction, ContactPoint])
def test_sql_sees_what_the_session_sees(secured: Secured, model: Any) -> None:
    """For actors of different teams the rows of plain SQL are those of the session."""
    world = secured.world
    values = {"kind": "email", "value": "a@example.com"}
    for record in (world.mine, world.foreign):
        world.crm.run(SYSTEM, "contact_point.add", values, target=record)
    for actor in (world.nora, world.sven):
        with world.crm.session(actor) as session:
            expected = sorted(session.scalars(select(model.id)))
        assert len(expected) == 1
        assert secured.seen(actor, "test_seller", f"SELECT id FROM {model.__tablename__}") == expected


def test_a_share_counts(secured: Secured) -> None:
    """What is shared with one is seen, by SQL as by the session."""
    world = secured.world
    values = {"resource": "customer", "record_id": world.foreign, "user_id": world.nora.user_id}
    world.crm.run(SYSTEM, "share.create", values)
    seen = secured.seen(world.nora, "test_seller", "SELECT id FROM crm_customer")
    assert seen == sorted([world.mine, world.foreign])


def test_another_scope_is_another_role(secured: Secured) -> None:
    """A role that reads the own customers alone sees none of the team's."""
    world = secured.world
    reader = user(world.crm, "rita", "rls_reader", team=world.north)
    own = customer(world.crm, "Rita's", owner=reader)
    assert secured.seen(reader, "rls_reader", "SELECT id FROM crm_customer") == [own]


def test_who_says_nothing_sees_nothing(secured: Secured) -> None:
    """Without the settings there are no rows of customers."""
    with secured.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {database_role('test_seller')}"))
        assert connection.execute(text("SELECT count(*) FROM crm_customer")).scalar() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM crm_customer",
        "SELECT birth_date FROM crm_customer",
        "SELECT * FROM crm_audit",
        "SELECT * FROM crm_data_key",
        "SELECT id FROM crm_interaction",
        "UPDATE crm_customer SET city = 'x'",
        "DELETE FROM crm_customer",
    ],
)
def test_the_rest_is_refused(secured: Secured, statement: str) -> None:
    """Columns that the role reads masked, tables of the framework, resources without a grant, and all writing."""
    reader = user(secured.world.crm, "rita", "rls_reader")
    with pytest.raises(ProgrammingError, match="permission denied"):
        secured.seen(reader, "rls_reader", statement)


def test_crmkit_itself_works_on(secured: Secured) -> None:
    """The role that crmkit works as is not limited by the policies."""
    world = secured.world
    world.crm.run(world.nora, "customer.update", {"city": "Bonn"}, target=world.mine)
    with world.crm.session(SYSTEM) as session:
        assert len(list(session.scalars(select(Customer.id)))) == 2
