"""The store: ids, types, pragmas, versions and history."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event, insert, select, text

from crmkit import CRM, Actor
from crmkit.core.access.models import User
from crmkit.core.store.engine import open_engines
from crmkit.core.store.history import history_of, walk_back
from crmkit.core.store.ids import new_id
from crmkit.core.store.types import Id, Instant, ScaledDecimal, json_type
from crmkit.errors import ConfigurationError, InvalidInput, NotInitialised, StaleWrite, StoreError
from crmkit.settings import Settings

ACTOR = Actor.system("tests of the store")


def test_ids_grow_and_are_of_version_seven() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert sorted(ids) == ids
    assert len(set(ids)) == 20_000
    assert {(7, "specified in RFC 4122")} == {(item.version, item.variant) for item in ids}


def test_an_id_carries_the_time_at_which_it_was_made() -> None:
    before = datetime.now(UTC)
    stamp = datetime.fromtimestamp((new_id().int >> 80) / 1000, UTC)
    assert abs(stamp - before) < timedelta(seconds=5)


metadata = MetaData()
sample = Table(
    "sample",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant),
    Column("exact", ScaledDecimal(4)),
    Column("data", json_type()),
    Column("n", Integer),
)


def test_values_come_back_as_they_went_in(database_url: str) -> None:
    engine = open_engines(Settings(database=database_url)).base
    metadata.create_all(engine)

    @settings(max_examples=60, deadline=None)
    @given(
        at=st.datetimes(timezones=st.timezones(), min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),
        exact=st.decimals(min_value=-(10**14), max_value=10**14, places=4),
        data=st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**31), 2**31)
            | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
    )
    def check(at: datetime, exact: Decimal, data: Any) -> None:
        row_id = new_id()
        with engine.begin() as connection:
            connection.execute(insert(sample).values(id=row_id, at=at, exact=exact, data=data))
            row = connection.execute(select(sample).where(sample.c.id == row_id)).one()
        # In UTC: python holds a wall time that occurs twice unequal to every other zone.
        assert (row_id, at.astimezone(UTC), exact, data) == (row.id, row.at, row.exact, row.data)
        assert row.at.tzinfo is UTC

    check()
    engine.dispose()


def test_instants_sort_and_compare_alike_whatever_their_zone(database_url: str) -> None:
    engine = open_engines(Settings(database=database_url)).base
    metadata.create_all(engine)
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
    later = (noon + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-11)))
    with engine.begin() as connection:
        connection.execute(
            insert(sample), [{"id": new_id(), "at": later, "n": 2}, {"id": new_id(), "at": noon, "n": 1}]
        )
        assert list(connection.scalars(select(sample.c.n).order_by(sample.c.at))) == [1, 2]
        assert list(connection.scalars(select(sample.c.n).where(sample.c.at > noon))) == [2]
    engine.dispose()


def test_an_instant_without_a_zone_is_refused(sqlite_url: str) -> None:
    engine = open_engines(Settings(database=sqlite_url)).base
    metadata.create_all(engine)
    with pytest.raises(Exception, match="no time zone") as caught, engine.begin() as connection:
        connection.execute(insert(sample).values(id=new_id(), at=datetime(2026, 1, 1)))
    assert isinstance(caught.value.__cause__ or caught.value, InvalidInput) or "CK500" in str(caught.value)
    engine.dispose()


def test_sqlite_is_opened_so_that_acknowledged_writes_stay(sqlite_url: str) -> None:
    engines = open_engines(Settings(database=sqlite_url))
    with engines.system_read.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
    }
    engines.dispose()


def test_a_writing_transaction_begins_immediately_and_a_reading_one_does_not(sqlite_url: str) -> None:
    engines = open_engines(Settings(database=sqlite_url))
    seen: list[str] = []
    event.listen(engines.base, "before_cursor_execute", lambda c, cursor, statement, *rest: seen.append(statement))
    with engines.system_write.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    with engines.system_read.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    assert [statement for statement in seen if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]
    engines.dispose()


def test_a_reading_session_on_postgresql_cannot_write(postgres_url: str) -> None:
    engines = open_engines(Settings(database=postgres_url))
    with engines.system_read.connect() as connection, pytest.raises(Exception, match="read-only"):
        connection.execute(text("CREATE TABLE x (id int)"))
    engines.dispose()


@pytest.mark.parametrize(
    ("database", "error"),
    [
        ("sqlite://", ConfigurationError),
        ("sqlite:///:memory:", ConfigurationError),
        ("not a url", ConfigurationError),
        ("mysql://localhost/x", StoreError),
        ("sqlite:////no/such/folder/x.db", StoreError),
    ],
)
def test_a_database_that_cannot_be_used_is_named(database: str, error: type[Exception]) -> None:
    with pytest.raises((error, Exception)) as caught:
        open_engines(Settings(database=database))
    assert str(caught.value).startswith("CK")


def test_an_empty_database_says_what_to_do(database_url: str) -> None:
    with pytest.raises(NotInitialised, match="init"):
        CRM.open(database_url)


def test_a_hosts_engine_is_used_and_not_disposed_of(crm_url: str) -> None:
    engine = create_engine(crm_url)
    with CRM.open(engine=engine) as crm:
        crm.run(ACTOR, "team.create", {"name": "North"})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM crm_team")) == 1
    engine.dispose()


def _count_up(url: str, user_id: str, times: int, results: Any) -> None:
    crm = CRM.open(url)
    done = refused = 0
    while done < times:
        with crm.session(ACTOR) as session:
            user = session.get(User, __import__("uuid").UUID(user_id))
            assert user is not None
            number, version = int(user.name), user.version
        try:
            crm.run(ACTOR, "user.update", {"name": str(number + 1)}, target=user_id, version=version)
            done += 1
        except StaleWrite:
            refused += 1
    crm.close()
    results.put((done, refused))


def test_no_acknowledged_update_is_lost_between_processes(crm: CRM, crm_url: str, scale: Any) -> None:
    user = crm.run(ACTOR, "user.create", {"login": "counter", "name": "0"})
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    processes, times = scale(small=2, full=8), scale(small=15, full=1000)
    workers = [
        context.Process(target=_count_up, args=(crm_url, str(user.id), times, results)) for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with crm.session(ACTOR) as session:
        kept = session.get(User, user.id)
    assert kept is not None
    assert str(processes * times) == kept.name
    assert processes * times + 1 == kept.version


def test_history_tells_who_changed_what_and_walks_back(crm: CRM) -> None:
    user = crm.run(ACTOR, "user.create", {"login": "a", "name": "A", "email": "a@example.com"})
    crm.run(ACTOR, "user.assign_role", {"role": "admin"}, target=user.id)
    moments = [datetime.now(UTC)]
    for name in ("B", "C"):
        crm.run(Actor.user(user.id), "user.update", {"name": name}, target=user.id)
        moments.append(datetime.now(UTC))
    with crm.session(ACTOR) as session:
        lines = history_of(session, user.id)
        now = {"name": "C", "email": "a@example.com"}
        past = [walk_back(now, lines, moment)["name"] for moment in moments]
    assert [line.changes["name"] for line in lines] == [("B", "C"), ("A", "B")]
    assert {(f"user:{user.id}", "user.update")} == {(line.actor_id, line.operation) for line in lines}
    assert past == ["A", "B", "C"]
