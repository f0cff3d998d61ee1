"""Bar 13: what a careless plugin forgets. Twenty patterns as they stand in real plugins, each refused with an error
that says what would be right; and a model without a policy never gets as far as running."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select, text
from sqlalchemy.orm import Mapped, Session, make_transient, make_transient_to_detached, sessionmaker

from crmkit import Record, field
from crmkit.app import CRM
from crmkit.core.customers.models import ContactPoint, Customer, CustomerTag
from crmkit.core.store.ids import new_id
from crmkit.errors import CrmkitError, GuardRefused, ModelError, Refused, WriteOutsideOperation
from crmkit.loading import check_model
from tests.conftest import ENGINES, Templates
from tests.security import probes
from tests.security.probes import Line, Note, acting
from tests.security.world import SYSTEM, World, build, role


@pytest.fixture(scope="module", params=ENGINES)
def world(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The company on a database of this module, with a plugin's models and an operation of it."""
    crm = CRM.open(templates.copy(request.param, Path(tmp_path_factory.mktemp("forgetful"))))
    made = build(crm)
    probes.install(crm)
    role(crm, "test_prober", [("probe.*", "*", "team")])
    crm.run(SYSTEM, "user.assign_role", {"role": "test_prober"}, target=made.nora.user_id)
    yield made
    crm.close()


PATTERNS: dict[str, tuple[type[CrmkitError], Callable[[Any, World], Any]]] = {}


def pattern(error: type[CrmkitError]) -> Callable[[Callable[[Any, World], Any]], Callable[[Any, World], Any]]:
    """Add a pattern and the error that it has to get."""

    def add(act: Callable[[Any, World], Any]) -> Callable[[Any, World], Any]:
        PATTERNS[act.__name__] = (error, act)
        return act

    return add


@pattern(GuardRefused)
def a_report_over_the_table(s: Any, w: World) -> None:
    table = Customer.__table__
    s.execute(select(table.c.city, sa.func.count()).group_by(table.c.city)).all()


@pattern(GuardRefused)
def a_count_in_text(s: Any, w: World) -> None:
    s.execute(text("SELECT count(*) FROM crm_customer")).scalar()


@pattern(GuardRefused)
def a_search_in_text_with_parameters(s: Any, w: World) -> None:
    s.execute(text("SELECT id FROM crm_customer WHERE name LIKE :q"), {"q": "%F%"}).all()


@pattern(GuardRefused)
def a_statement_on_the_connection(s: Any, w: World) -> None:
    s.connection().execute(select(Customer.name)).all()


@pattern(GuardRefused)
def an_engine_of_the_crm(s: Any, w: World) -> None:
    with s.crm.engines.read.connect() as connection:
        connection.execute(select(Customer.__table__)).all()


@pattern(GuardRefused)
def a_session_factory(s: Any, w: World) -> None:
    with sessionmaker(s.crm.engines.read)() as other:
        other.get(Customer, w.foreign)


@pattern(GuardRefused)
def a_plain_session(s: Any, w: World) -> None:
    with Session(s.crm.engines.read) as other:
        other.add(CustomerTag(customer_id=w.foreign, kind="tag", name="x"))
        other.flush()


@pattern(GuardRefused)
def a_bulk_insert(s: Any, w: World) -> None:
    s.bulk_insert_mappings(CustomerTag, [{"customer_id": w.foreign, "kind": "tag", "name": "x"}])


@pattern(GuardRefused)
def a_bulk_update(s: Any, w: World) -> None:
    s.bulk_update_mappings(Customer, [{"id": w.foreign, "city": "x"}])


@pattern(GuardRefused)
def an_update_by_keys(s: Any, w: World) -> None:
    s.execute(sa.update(Customer), [{"id": w.foreign, "city": "x"}])


@pattern(GuardRefused)
def a_clean_up_of_a_table(s: Any, w: World) -> None:
    s.execute(sa.delete(Note.__table__))


@pattern(GuardRefused)
def an_insert_of_one_s_own(s: Any, w: World) -> None:
    s.execute(sa.insert(Note).values(id=new_id(), customer_id=w.foreign, text="x", version=1))


@pattern(GuardRefused)
def a_record_that_was_pickled(s: Any, w: World) -> None:
    with s.crm.session(SYSTEM) as other:
        record = other.get_one(Customer, w.foreign)
        other.expunge(record)
    record.__dict__.pop("_crm_reader", None)
    s.add(pickle.loads(pickle.dumps(record)))


@pattern(GuardRefused)
def a_record_that_is_made_up(s: Any, w: World) -> None:
    ghost = Customer(id=w.foreign)
    make_transient_to_detached(ghost)
    s.add(ghost)


@pattern(GuardRefused)
def the_schema_at_run_time(s: Any, w: World) -> None:
    s.connection().execute(sa.schema.DropTable(Line.__table__))


@pattern(Refused)
def a_note_about_somebody_else_s_customer(s: Any, w: World) -> None:
    s.add(Note(customer_id=w.foreign, text="x", owner_id=w.sven.user_id, team_id=w.south))
    s.flush()


@pattern(Refused)
def a_note_in_somebody_else_s_name(s: Any, w: World) -> None:
    s.add(Note(customer_id=w.mine, text="x", owner_id=w.sven.user_id, team_id=w.south))
    s.flush()


@pattern(Refused)
def a_part_of_somebody_else_s_record(s: Any, w: World) -> None:
    s.add(ContactPoint(customer_id=w.foreign, kind="web", value="https://example.com"))
    s.flush()


@pattern(Refused)
def a_copy_of_somebody_else_s_record(s: Any, w: World) -> None:
    with s.crm.session(SYSTEM) as other:
        record = other.get_one(Customer, w.foreign)
        other.expunge(record)
    fresh = copy.copy(record)
    make_transient(record)
    s.add(Note(customer_id=record.id, text=str(fresh.city)))
    s.flush()


@pattern(Refused)
def a_kernel_table_written_by_hand(s: Any, w: World) -> None:
    from crmkit.core.operations.tables import JobRecord

    s.add(JobRecord(id=new_id(), name="x", state="waiting", attempts=0, max_attempts=1, arguments={}))
    s.flush()


@pytest.mark.parametrize("name", list(PATTERNS))
def test_a_careless_pattern_is_refused(world: World, name: str) -> None:
    """Each pattern is refused with the error that it should get, inside an operation of the plugin."""
    error, act = PATTERNS[name]
    with pytest.raises(error) as refused:
        acting(world.crm, world.nora, lambda session: act(session, world))
    assert refused.value.render("en").strip()


def test_there_are_twenty() -> None:
    """The bar names twenty patterns."""
    assert len(PATTERNS) >= 20


def test_a_flush_outside_an_operation_is_refused(world: World) -> None:
    """Nor does a reading session write."""
    with world.crm.session(world.nora) as session:
        session.add(Note(customer_id=world.mine, text="x"))
        with pytest.raises(WriteOutsideOperation):
            session.flush()


def test_a_model_without_a_policy_is_refused() -> None:
    """A model that does not say who may see its rows is refused when the plugin is loaded."""

    class Forgotten(Record):
        __plugin__ = "probe_forgotten"
        __tablename__ = "probe_forgotten"
        title: Mapped[str] = field(sa.String(10), classified="internal")

    with pytest.raises(ModelError, match="who may see its rows"):
        check_model("probe_forgotten", Forgotten)


def test_a_careful_plugin_gets_on(world: World) -> None:
    """The same things done through the session work: a note about one's own customer, and its parts."""

    def add(session: Any) -> Any:
        note = Note(customer_id=world.mine, text="mine")
        note.lines = [Line(text="a line")]
        session.add(note)
        session.flush()
        return note.owner_id, len(session.scalars(select(Line)).all())

    with pytest.raises(probes.Undo) as undone:
        acting(world.crm, world.nora, add)
    assert undone.value.result == (world.nora.user_id, 1)
