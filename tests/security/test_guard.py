"""The guard beside the matrix: masked fields, what a flush may write, shared records, record rules, joined hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer, CustomerTag
from crmkit.core.customers.queries import CustomerQuery, page
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.guard import lookup, region
from crmkit.core.store.guard.computed import computed
from crmkit.core.store.guard.tables import mentioned
from crmkit.core.store.guard.writing import check_new
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import Masked
from crmkit.errors import CrmkitError, GuardRefused, InvalidInput, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.security import probes
from tests.security.probes import Note, Undo, acting
from tests.security.world import SELLER, SYSTEM, World, build, role, user


@pytest.fixture(scope="module", params=ENGINES)
def world(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The company on a database of this module; Max reads like Nora, with personal fields masked."""
    crm = CRM.open(templates.copy(request.param, Path(tmp_path_factory.mktemp("guard"))))
    made = build(crm)
    probes.install(crm)
    role(crm, "test_prober", [("probe.*", "*", "team")])
    crm.run(SYSTEM, "user.assign_role", {"role": "test_prober"}, target=made.nora.user_id)
    role(crm, "test_masked", SELLER)
    yield made
    crm.close()


@pytest.fixture(scope="module")
def masked(world: World) -> Any:
    """Somebody of the northern team who reads personal fields masked."""
    return user(world.crm, "max", "test_masked", team=world.north)


def test_personal_fields_are_masked(world: World, masked: Any) -> None:
    """Names and places come masked, what is not personal comes as it is; the record is not dirty."""
    with world.crm.session(masked) as session:
        customer = session.get_one(Customer, world.mine)
        assert isinstance(customer.name, Masked)
        assert "Mine" not in customer.name
        assert isinstance(customer.city, Masked)
        assert customer.kind == "person"
        assert not session.dirty
        assert plain(customer, "name") == "Mine Ltd"


def test_masked_fields_come_masked_when_they_are_read_anew(world: World, masked: Any) -> None:
    """A refresh and an expiry show no more than the first loading."""
    with world.crm.session(masked) as session:
        customer = session.get_one(Customer, world.mine)
        session.refresh(customer)
        assert isinstance(customer.name, Masked)
        session.expire(customer)
        assert isinstance(customer.name, Masked)


@pytest.mark.parametrize(
    "statement",
    [
        select(Customer.name),
        select(Customer.id).order_by(Customer.city),
        select(Customer.id).where(Customer.name.like("M%")),
        select(sa.func.count()).select_from(Customer).group_by(Customer.city),
        select(select(Customer.city).subquery().c.city),
        select(Customer).order_by(Customer.sort_name),
    ],
    ids=["selected", "sorted", "filtered", "grouped", "in a subquery", "an entity, sorted"],
)
def test_masked_fields_are_not_used(world: World, masked: Any, statement: Any) -> None:
    """A statement that selects, sorts, groups or filters by what is masked is refused; others may send the same."""
    with world.crm.session(world.nora) as session:
        session.execute(statement).all()
    with world.crm.session(masked) as session:
        with pytest.raises(GuardRefused, match="masked"):
            session.execute(statement).all()
        with lookup(session):
            session.execute(statement).all()


def test_a_list_has_another_order_where_names_are_masked(world: World, masked: Any) -> None:
    """The usual list comes in the order of creation; asking for the order of names is bad input."""
    with world.crm.session(masked) as session:
        assert [item.id for item in page(session, CustomerQuery()).items] == [world.mine]
        with pytest.raises(InvalidInput, match="in full"):
            page(session, CustomerQuery(sort="city"))
        with pytest.raises(InvalidInput, match="in full"):
            page(session, CustomerQuery(conditions=("name=Mine Ltd",)))


def test_a_masked_value_is_not_written_back(world: World, masked: Any) -> None:
    """A masked value that would be written is refused as bad input."""

    def write(session: Any) -> None:
        customer = session.get_one(Customer, world.mine)
        customer.occupation = customer.name
        session.flush()

    crm = world.crm
    role_name = f"test_writer_{crm.engines.dialect}"
    role(crm, role_name, [("customer", "update", "team"), ("probe.*", "*", "team")])
    crm.run(SYSTEM, "user.assign_role", {"role": role_name}, target=masked.user_id)
    with pytest.raises(InvalidInput, match="masked"):
        acting(crm, masked, write)


def test_only_what_is_in_scope_is_changed_and_deleted(world: World) -> None:
    """A record that was read past the filter is neither changed nor deleted by who may not."""

    def change(session: Any) -> None:
        with region(session, "tests"):
            customer = session.get(Customer, world.foreign)
        customer.occupation = "x"
        session.flush()

    def delete(session: Any) -> None:
        with region(session, "tests"):
            customer = session.get(Customer, world.foreign)
        session.delete(customer)
        session.flush()

    for act in (change, delete):
        with pytest.raises(Refused):
            acting(world.crm, world.nora, act)


def test_a_record_does_not_move_to_somebody_unseen(world: World) -> None:
    """A record is not made to refer to a customer whom its actor may not see."""

    def move(session: Any) -> None:
        note = Note(customer_id=world.mine, text="x")
        session.add(note)
        session.flush()
        note.customer_id = world.foreign
        session.flush()

    with pytest.raises(Refused):
        acting(world.crm, world.nora, move)


def test_set_based_writers_are_checked_too(world: World) -> None:
    """Rows that a bulk writer has inserted have to lie in the actor's scope."""

    def check(session: Any) -> None:
        check_new(session, Customer, [world.mine])
        check_new(session, Customer, [world.foreign])

    with pytest.raises(Refused):
        acting(world.crm, world.nora, check)


def test_what_came_past_the_filter_is_not_handed_out(world: World) -> None:
    """A record that a region has loaded is not found by `get` afterwards, unless it may be seen."""
    with world.crm.session(world.nora) as session:
        with region(session, "tests"):
            kept = [session.get(Customer, identity) for identity in (world.mine, world.foreign)]
        assert session.get(Customer, world.foreign) is None
        assert session.get(Customer, world.mine) is kept[0]


def test_a_shared_record_is_seen(world: World) -> None:
    """A record of another team that is shared is seen, with its parts, until the share ends."""
    crm = world.crm
    sharing = {"resource": "customer", "record_id": str(world.foreign), "user_id": str(world.nora.user_id)}
    share = crm.run(SYSTEM, "share.create", sharing)
    try:
        with crm.session(world.nora) as session:
            assert session.get(Customer, world.foreign) is not None
            assert world.foreign_sale in session.scalars(select(Interaction.id)).all()
            assert session.get(Customer, world.mine) is not None
    finally:
        crm.run(SYSTEM, "share.revoke", target=share.id)
    with crm.session(world.nora) as session:
        assert session.get(Customer, world.foreign) is None


def test_a_private_interaction_is_its_author_s(world: World) -> None:
    """Visibility narrows what the scope lets through: for others the interaction is not there."""
    crm = world.crm
    told = {"kind": "note", "customer_id": str(world.mine), "subject": "private", "visibility": "private"}
    made = crm.run(world.nora, "interaction.record", told)
    identity = made.interaction.id if hasattr(made, "interaction") else made.id
    with crm.session(world.nora) as session:
        assert session.get(Interaction, identity) is not None
    with crm.session(world.manager) as session:
        assert session.get(Interaction, identity) is None


def test_the_public_sees_nothing(world: World) -> None:
    """Nobody in particular reads nothing, not even what is open to everybody who is signed in."""
    from crmkit import Actor, Team

    with world.crm.session(Actor(id="public", kind="public")) as session:
        assert session.scalars(select(Customer.id)).all() == []
        assert session.scalars(select(Team.id)).all() == []


def test_a_region_ends_with_its_block(world: World) -> None:
    """What passes in a region does not pass behind it."""
    table = Customer.__table__
    with world.crm.session(world.nora) as session:
        with region(session, "tests"):
            assert len(session.execute(select(table.c.id)).all()) >= 2
        with pytest.raises(GuardRefused):
            session.execute(select(table.c.id)).all()
        connection = session.connection()
        with region(connection, "tests"):
            assert len(connection.execute(select(table.c.id)).all()) >= 2
        with pytest.raises(GuardRefused):
            connection.execute(select(table.c.id)).all()


def test_a_host_s_connection_is_guarded_only_while_it_is_joined(world: World) -> None:
    """In a joined transaction the guard holds; the host's own engine and dialect are as they were."""
    url = world.crm.engines.base.url
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            dialect = connection.dialect
            with world.crm.joined(world.nora, connection) as session:
                assert session.scalars(select(Customer.id)).all() == [world.mine]
                with pytest.raises(GuardRefused):
                    session.connection().execute(select(Customer.__table__.c.id)).all()
            assert connection.dialect is dialect
            assert len(connection.execute(select(Customer.__table__.c.id)).all()) == 2
            transaction.rollback()
        assert not hasattr(engine.dialect, "crmkit_guarded")
    finally:
        engine.dispose()


def test_rights_that_are_revoked_hold_no_longer(world: World) -> None:
    """The next transaction sees what is left of the rights (see also bar 15)."""
    crm = world.crm
    passing = user(crm, f"passing-{crm.engines.dialect}", "test_seller", team=world.north)
    with crm.session(passing) as session:
        assert session.scalars(select(Customer.id)).all() == [world.mine]
    crm.run(SYSTEM, "user.unassign_role", {"role": "test_seller"}, target=passing.user_id)
    with crm.session(passing) as session:
        assert session.scalars(select(Customer.id)).all() == []
    with pytest.raises(CrmkitError):
        crm.run(passing, "customer.update", {"occupation": "x"}, target=world.mine)


def test_a_foreign_target_and_none_are_alike(world: World) -> None:
    """An operation on another team's record says what it says of one that does not exist."""
    told: list[str] = []
    for identity in (world.foreign, world.my_sale):
        with pytest.raises(NotFound) as refused:
            world.crm.run(world.nora, "customer.update", {"occupation": "x"}, target=identity)
        told.append(refused.value.render("en").replace(str(identity), "…"))
    assert told[0] == told[1]


def test_own_work_goes_through(world: World) -> None:
    """What the scope allows works as in system scope: adding, changing, tagging."""
    crm = world.crm
    made = crm.run(world.nora, "customer.create", {"name": "New Ltd"})
    crm.run(world.nora, "customer.update", {"occupation": "grocer"}, target=made.id)

    def tag(session: Any) -> int:
        session.add(CustomerTag(customer_id=made.id, kind="tag", name="fresh"))
        session.flush()
        return len(session.scalars(select(CustomerTag)).all())

    with crm.session(world.nora) as session:
        customer = session.get_one(Customer, made.id)
        assert (customer.owner_id, customer.occupation) == (world.nora.user_id, "grocer")
    with pytest.raises(Undo) as undone:
        acting(crm, world.nora, tag)
    assert undone.value.result == 1
    crm.run(SYSTEM, "customer.delete", target=made.id)


def _counts(number: Any) -> Any:
    """Return how many interactions each customer has, over all rows, with the customer's city."""
    stream, customers = cast(Any, Interaction).__table__, cast(Any, Customer).__table__
    counted = select(customers.c.id.label("customer_id"), customers.c.city, number.label("number"))
    counted = counted.outerjoin(stream, stream.c.customer_id == customers.c.id)
    return counted.group_by(customers.c.id, customers.c.city)


def test_what_is_computed_is_joined_with_what_the_reader_may_see(world: World, masked: Any) -> None:
    """A subquery over every row passes the guard, also where it reads personal columns, and no foreign row shows."""
    facts = computed(_counts(sa.func.count()), "facts")
    query = select(Customer.id).join(facts, facts.c.customer_id == Customer.id).where(facts.c.number >= 0)
    with world.crm.session(masked) as session:
        visible = set(session.scalars(select(Customer.id)))
        assert set(session.scalars(query)) == visible
    with world.crm.session(SYSTEM) as session:
        assert len(visible) < len(session.scalars(query).all())


def test_what_is_computed_alone_shows_nothing_of_the_reader_s(world: World, masked: Any) -> None:
    """Other tables of a statement with a computed subquery still need the criterion."""
    facts = computed(_counts(sa.func.count()), "facts")
    bare = cast(Any, Customer).__table__
    with world.crm.session(masked) as session:
        with pytest.raises(GuardRefused, match="crm_customer"):
            session.execute(select(bare.c.id).join(facts, facts.c.customer_id == bare.c.id)).all()
        with pytest.raises(GuardRefused, match="city"):
            session.execute(
                select(Customer.id).join(facts, facts.c.customer_id == Customer.id).where(bare.c.city == "")
            )


def test_models_are_not_computed_over_every_row(world: World) -> None:
    """A select of models would be filtered by who looks, and is refused where it is made."""
    with pytest.raises(GuardRefused, match="tables, not models"):
        computed(select(Customer.id), "facts")


def test_a_parameter_that_is_called_as_a_table_is_no_table(world: World) -> None:
    """The name of a parameter is not taken for a table in text."""
    assert not mentioned("UPDATE x SET a = 1 WHERE version = %(crm_customer)s")
    assert mentioned("SELECT 1 FROM x, (crm_customer)") == ("crm_customer",)


@pytest.mark.parametrize("reader", ["nora", "sven", "manager"])
def test_figures_are_of_the_rows_that_a_list_shows(world: World, reader: str) -> None:
    """What is grouped is asked in another form on PostgreSQL: with the same rows, those of nobody among them."""
    crm, actor = world.crm, getattr(world, reader)
    for author in (world.nora, world.sven, world.manager):
        crm.run(author, "interaction.record", {"kind": "note", "body": f"by {reader}"})
    for whom in (world.mine, world.foreign):
        crm.run(SYSTEM, "interaction.record", {"kind": "note", "body": f"by {reader}", "customer_id": whom})
    who = Interaction.customer_id
    with crm.session(actor) as session:
        listed = Counter(session.scalars(select(who)))
        figures = session.execute(select(who, sa.func.count()).group_by(who)).all()
        nested = select(who.label("who"), sa.func.count().label("number")).group_by(who).subquery()
        within = session.execute(select(nested.c.who, nested.c.number).limit(50)).all()
    assert dict(map(tuple, figures)) == listed
    assert dict(map(tuple, within)) == listed
    assert None in listed
    assert (world.foreign in listed) is (reader != "nora")


def test_figures_of_many_rows_are_joined_on_postgresql(world: World) -> None:
    """A condition with an OR is costed by the row: figures have none, a page keeps what looks each row up."""
    who, texts = Interaction.customer_id, []
    engine = world.crm.engines.base
    listener = lambda _connection, _cursor, text, *_others: texts.append(text)  # noqa: E731
    with world.crm.session(world.nora) as session:
        sa.event.listen(engine, "before_cursor_execute", listener)
        session.execute(select(who, sa.func.count()).group_by(who)).all()
        session.execute(select(who, sa.func.count()).group_by(who).limit(5)).all()
        session.scalars(select(who).limit(5)).all()
        sa.event.remove(engine, "before_cursor_execute", listener)
    forms = [".customer_id IS NULL OR" in text for text in texts if "FROM crm_interaction" in text]
    assert forms == [world.crm.engines.dialect == "sqlite", True, True]
