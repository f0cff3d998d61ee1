"""Events: who is told before and after the commit, what a failure costs, chains of causes, hosts' transactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import pytest
from sqlalchemy import Connection, create_engine, select

from crmkit import CRM, CrmSession, Input, InvalidInput, Refused, Subscription, event, operation
from crmkit.core.operations.events import Emitted, event_from, event_name, event_payload
from crmkit.core.operations.gate import DEPTH
from crmkit.core.operations.tables import AuditRecord, EventRecord, JobRecord
from crmkit.core.store.engine import open_engines
from crmkit.core.store.ids import new_id
from crmkit.errors import ContributionError, NestingTooDeep, NotFound, WriteOutsideOperation
from crmkit.settings import Settings
from tests.core.operations.job_support import MAKE, NOBODY, Rang, count, declare, jobs, ring, teams

TEAM = new_id()


def subscription(handler: Any, phase: str = "after_commit", *, durable: bool = True, **options: Any) -> Subscription:
    """Return a subscription to the bell."""
    return Subscription(
        name=options.pop("name", "test.hear"),
        event="test.rang",
        handler=handler,
        phase=cast(Any, phase),
        durable=durable,
        **options,
    )


def rung(crm: CRM, times: int = 1) -> None:
    """Ring the bell in a transaction of its own."""
    crm.run(NOBODY, "test.ring", {"team_id": TEAM, "times": times})


def hear(session: CrmSession, item: Rang) -> None:
    """Write a team named after how often the bell rang."""
    session.run("team.create", {"name": f"rang {item.times}"})


# --- what an event is ------------------------------------------------------------------------------------------------


def test_an_event_has_a_plain_form_and_comes_back_from_it() -> None:
    """What is stored of an event gives an equal event again."""
    item = Rang(team_id=TEAM, times=3)
    assert (event_name(item), event_name(Rang)) == ("test.rang", "test.rang")
    assert event_payload(item) == {"team_id": str(TEAM), "times": 3}
    assert event_from(Rang, event_payload(item)) == item


def test_what_is_no_event_is_refused(crm: CRM) -> None:
    """Emitting something else is a mistake that names its remedy."""
    with pytest.raises(ContributionError, match="@event"):
        event_name("bell")


def test_events_are_emitted_by_operations_only(crm: CRM) -> None:
    """A session outside an operation has nothing to tell."""
    with crm.transaction(NOBODY) as session, pytest.raises(WriteOutsideOperation):
        session.emit(Rang(team_id=TEAM, times=1))


def test_an_event_is_written_with_its_change(crm: CRM) -> None:
    """The outbox has the event with its actor and operation once the change is committed."""
    declare(crm)
    rung(crm, 2)
    with crm.session(NOBODY) as session:
        row = session.scalars(select(EventRecord)).one()
        found = (row.name, row.payload["times"], row.actor_id, row.operation, row.depth)
    assert found == ("test.rang", 2, "system", "test.ring", 0)


# --- before the commit -----------------------------------------------------------------------------------------------


def test_a_handler_before_the_commit_writes_with_the_change(crm: CRM) -> None:
    """Its effect is in the same transaction."""
    declare(crm, subscriptions=(subscription(hear, "before_commit"),))
    with crm.transaction(NOBODY) as session:
        session.run("test.ring", {"team_id": TEAM})
        assert teams(crm) == []
    assert teams(crm) == ["rang 1"]


def test_a_handler_before_the_commit_can_abort(crm: CRM) -> None:
    """What it raises reaches the caller, and neither change nor event is there."""

    def refuse(session: CrmSession, item: Rang) -> None:
        hear(session, item)
        raise InvalidInput("too loud")

    declare(crm, subscriptions=(subscription(refuse, "before_commit"),))
    with pytest.raises(InvalidInput, match="too loud"):
        rung(crm)
    assert (teams(crm), count(crm, EventRecord)) == ([], 0)


# --- after the commit ------------------------------------------------------------------------------------------------


def test_a_fleeting_handler_runs_at_once_and_its_failure_is_its_own(crm: CRM, caplog: pytest.LogCaptureFixture) -> None:
    """A subscription that is not durable is called after the commit; when it fails the change stands."""

    def fail(session: CrmSession, item: Rang) -> None:
        raise RuntimeError

    declare(
        crm,
        subscriptions=(
            subscription(fail, durable=False, name="test.fails"),
            subscription(hear, durable=False, name="test.hears"),
        ),
    )
    rung(crm)
    assert (teams(crm), count(crm, EventRecord), jobs(crm, "name")) == (["rang 1"], 1, [])
    assert "test.fails" in caplog.text


def test_a_durable_handler_is_kept_until_it_succeeds(crm: CRM) -> None:
    """It is a job from the change's own transaction on; its effect and its completion are one."""
    tries: list[int] = []

    def second_time(session: CrmSession, item: Rang) -> None:
        hear(session, item)
        tries.append(item.times)
        if len(tries) == 1:
            raise RuntimeError

    declare(crm, subscriptions=(subscription(second_time),))
    rung(crm, 7)
    assert (teams(crm), jobs(crm, "name", "state")) == ([], [("deliver:test.hear", "queued")])
    crm.worker().run_until_idle()
    assert (teams(crm), jobs(crm, "state", "attempts")) == ([], [("queued", 1)])
    with crm.engines.system_write.begin() as connection:
        table = cast(Any, JobRecord).__table__
        connection.execute(table.update().values(run_at=table.c.created_at))
    crm.worker().run_until_idle()
    assert (tries, teams(crm), jobs(crm, "state")) == ([7, 7], ["rang 7"], ["done"])


def test_a_durable_handler_is_given_up_after_its_attempts(crm: CRM) -> None:
    """The subscription says how often it is tried."""

    def fail(session: CrmSession, item: Rang) -> None:
        raise RuntimeError

    declare(crm, subscriptions=(subscription(fail, attempts=1),))
    rung(crm)
    crm.worker().run_until_idle()
    assert jobs(crm, "name", "state") == [("deliver:test.hear", "dead")]


def test_a_delivery_whose_event_is_gone_is_given_up(crm: CRM) -> None:
    """There is nothing to deliver, so it is not tried again and again."""
    declare(crm, subscriptions=(subscription(hear),))
    rung(crm)
    with crm.engines.system_write.begin() as connection:
        connection.execute(cast(Any, EventRecord).__table__.delete())
    crm.worker().run_until_idle()
    assert jobs(crm, "state", "attempts") == [("dead", 1)]


def test_a_delivery_waits_for_its_plugin(crm: CRM) -> None:
    """While the subscriber's plugin is away the delivery waits untouched."""
    item = subscription(hear)
    declare(crm, subscriptions=(item,))
    rung(crm)
    del crm.registry.subscriptions["test.hear"]
    assert crm.worker().run_until_idle() == 0
    crm.registry.add("crmkit", "subscription", [item])
    assert crm.worker().run_until_idle() == 1
    assert teams(crm) == ["rang 1"]


# --- chains ----------------------------------------------------------------------------------------------------------


def ring_again(session: CrmSession, item: Rang) -> None:
    """Answer the bell by ringing it."""
    session.run("test.ring", {"team_id": item.team_id, "times": item.times + 1})


def test_a_durable_chain_keeps_its_causes_and_ends(crm: CRM) -> None:
    """Each event names the one that led to it; a loop ends at the greatest depth, on the dead-letter list."""
    declare(crm, subscriptions=(subscription(ring_again),))
    rung(crm)
    crm.worker().run_until_idle()
    with crm.session(NOBODY) as session:
        rows = session.scalars(select(EventRecord).order_by(EventRecord.depth)).all()
        dead = session.scalars(select(JobRecord).where(JobRecord.state == "dead")).one()
    assert [row.depth for row in rows] == list(range(DEPTH))
    assert [row.cause_id for row in rows] == [None, *(row.id for row in rows[:-1])]
    assert (dead.attempts, dead.depth) == (1, DEPTH)
    assert str(dead.error).startswith("NestingTooDeep: CK531")


def test_a_fleeting_chain_ends(crm: CRM) -> None:
    """The same loop without a queue ends at the same depth, and the first change stands."""
    declare(crm, subscriptions=(subscription(ring_again, durable=False),))
    rung(crm)
    assert count(crm, EventRecord) == DEPTH


def test_a_chain_before_the_commit_undoes_everything(crm: CRM) -> None:
    """A loop inside one transaction is an error of that transaction."""
    declare(crm, subscriptions=(subscription(ring_again, "before_commit"),))
    with pytest.raises(NestingTooDeep):
        rung(crm)
    assert count(crm, EventRecord) == 0


# --- savepoints ------------------------------------------------------------------------------------------------------


@operation("test.fail", title="Fail")
def fail_after_ringing(session: CrmSession, *, refused: bool = False) -> None:
    """Ring the bell, defer a job, then fail."""
    ring(session, team_id=TEAM)
    session.defer("test.make", name="phantom")
    session.on_commit(lambda: None)
    raise Refused if refused else InvalidInput("no")


def test_what_a_failed_call_had_to_tell_is_forgotten(crm: CRM) -> None:
    """Events and jobs of a savepoint that was undone are never written; those around it are."""
    declare(crm, MAKE, subscriptions=(subscription(hear),))
    crm.registry.add("crmkit", "operation", [fail_after_ringing])
    with crm.transaction(NOBODY) as session:
        session.run("test.ring", {"team_id": TEAM, "times": 1})
        with pytest.raises(InvalidInput):
            session.run("test.fail")
        session.run("test.ring", {"team_id": TEAM, "times": 3})
    with crm.session(NOBODY) as session:
        rows = session.scalars(select(EventRecord).order_by(EventRecord.id)).all()
    assert [row.payload["times"] for row in rows] == [1, 3]
    crm.worker().run_until_idle()
    assert teams(crm) == ["rang 1", "rang 3"]


def test_a_refusal_is_audited_though_its_transaction_was_undone(crm: CRM) -> None:
    """Of what was refused nothing remains but the record of the refusal."""
    declare(crm, MAKE)
    crm.registry.add("crmkit", "operation", [fail_after_ringing])
    with pytest.raises(Refused):
        crm.run(NOBODY, "test.fail", {"refused": True})
    with crm.session(NOBODY) as session:
        query = select(AuditRecord.operation, AuditRecord.outcome, AuditRecord.code)
        rows = session.execute(query.where(AuditRecord.operation.not_like("db.%"))).all()
    assert [tuple(row) for row in rows] == [("test.fail", "refused", "CK520")]
    assert (count(crm, EventRecord), jobs(crm, "name")) == (0, [])


# --- a host's transaction --------------------------------------------------------------------------------------------


@pytest.fixture
def host(crm: CRM, crm_url: str) -> Iterator[Connection]:
    """A host's own connection with an open transaction to write, beside a table of the host's."""
    engines = open_engines(Settings(database=crm_url))
    with engines.system_write.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE host_order (id INTEGER)")
    with engines.system_write.connect() as connection:
        connection.exec_driver_sql("INSERT INTO host_order VALUES (1)")
        yield connection
    engines.dispose()


def host_orders(url: str) -> int:
    """Return how many orders the host has."""
    engine = create_engine(url)
    with engine.connect() as connection:
        number = connection.exec_driver_sql("SELECT count(*) FROM host_order").scalar_one()
    engine.dispose()
    return int(number)


def test_a_hosts_rollback_leaves_nothing(crm: CRM, crm_url: str, host: Connection) -> None:
    """Change, event, job and audit record go with the host's own rows; refusals are audited all the same."""
    declare(crm, MAKE, subscriptions=(subscription(hear),))
    crm.registry.add("crmkit", "operation", [fail_after_ringing])
    with crm.joined(NOBODY, host) as session:
        session.run("team.create", {"name": "joined"})
        session.run("test.ring", {"team_id": TEAM})
        with pytest.raises(Refused):
            session.run("test.fail", {"refused": True})
    host.rollback()
    assert (teams(crm), jobs(crm, "name"), count(crm, EventRecord), host_orders(crm_url)) == ([], [], 0, 0)
    crm.gate.flush_refusals()
    with crm.session(NOBODY) as reading:
        query = select(AuditRecord.operation, AuditRecord.outcome).where(AuditRecord.operation.not_like("db.%"))
        rows = reading.execute(query).all()
    assert [tuple(row) for row in rows] == [("test.fail", "refused")]


def test_a_hosts_commit_leaves_everything(crm: CRM, crm_url: str, host: Connection) -> None:
    """With the host's rows comes ours; subscriptions that are not durable are queued too, as the commit is not ours."""
    declare(crm, MAKE, subscriptions=(subscription(hear, durable=False),))
    with crm.joined(NOBODY, host) as session:
        session.run("team.create", {"name": "joined"})
        session.run("test.ring", {"team_id": TEAM})
    assert teams(crm) == []
    host.commit()
    assert (teams(crm), count(crm, EventRecord), host_orders(crm_url)) == (["joined"], 1, 1)
    crm.worker().run_until_idle()
    assert teams(crm) == ["joined", "rang 1"]


def test_a_failure_inside_a_joined_block_leaves_the_host_its_own(crm: CRM, crm_url: str, host: Connection) -> None:
    """Our part is undone to its savepoint, and the host can go on and commit."""
    with pytest.raises(NotFound), crm.joined(NOBODY, host) as session:  # noqa: PT012
        session.run("team.create", {"name": "joined"})
        session.run("team.update", {}, target=TEAM)
    host.commit()
    assert (teams(crm), host_orders(crm_url)) == ([], 1)


def test_a_transaction_must_be_open_to_be_joined(crm: CRM) -> None:
    """A connection without a transaction would commit by itself."""
    with (
        crm.engines.system_write.connect() as connection,
        pytest.raises(WriteOutsideOperation, match="no open transaction"),
        crm.joined(NOBODY, connection),
    ):
        raise AssertionError("never reached")


# --- values ----------------------------------------------------------------------------------------------------------


@event("test.moved")
class Moved:
    """A team moved."""

    team_id: UUID
    path: tuple[Annotated[str, Input(classified="internal")], ...]
    note: Annotated[str | None, Input(classified="internal")] = None


def test_an_emitted_event_is_frozen() -> None:
    """Handlers share events, so none can change one."""
    item = Moved(team_id=TEAM, path=("a", "b"))
    assert event_from(Moved, event_payload(item)) == item
    with pytest.raises(AttributeError):
        item.note = "x"  # type: ignore[misc]
    assert {field.name for field in cast(Any, Emitted).__attrs_attrs__} >= {"cause_id", "depth"}


# --- what an event may carry -----------------------------------------------------------------------------------------


class Stage(Enum):
    """A choice."""

    OPEN = "open"


@event("test.plain")
class Plain:
    """Ids, numbers, times, choices, and texts that say their class."""

    team_id: UUID
    times: int | None
    at: datetime
    stage: Stage
    way: Literal["in", "out"]
    names: tuple[Annotated[str, Input(classified="internal")], ...] = ()
    city: Annotated[str | None, Input(classified="personal")] = None


@event("test.untold")
class Untold:
    """A text without a class."""

    team_id: UUID
    note: str | None


@event("test.hidden")
class Hidden:
    """A text without a class, in a list."""

    notes: tuple[str, ...]


@event("test.anything")
class Anything:
    """Who knows what."""

    values: dict[str, Any]


@event("test.telling")
class Telling:
    """A text that is not stored in plain."""

    phone: Annotated[str, Input(classified="sensitive")]


def test_texts_of_an_event_say_their_class(crm: CRM) -> None:
    """Ids, numbers, times and choices need none."""
    crm.registry.add("crmkit", "event", [Plain])
    assert crm.registry.events["test.plain"] is Plain


@pytest.mark.parametrize(
    ("shape", "field"), [(Untold, "note"), (Hidden, "notes"), (Anything, "values"), (Telling, "phone")]
)
def test_an_event_that_does_not_say_what_it_carries_is_refused_at_the_start(
    crm: CRM, shape: type[Any], field: str
) -> None:
    """Events are stored in plain: the error names the event and its field."""
    with pytest.raises(ContributionError) as refused:
        crm.registry.add("crmkit", "event", [shape])
    assert f'"{field}"' in str(refused.value)
    assert f'"{event_name(shape)}"' in str(refused.value)
