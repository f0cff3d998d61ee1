"""Databases that are used again are as new, and what a failed test left open is closed with it."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.servers.leftovers import Leftovers
from tests.servers.postgres import PostgresServer
from tests.servers.reuse import USES, Reusable

ROWS = "SELECT id, name FROM thing ORDER BY id"


@pytest.fixture
def copies(postgres_server: PostgresServer, postgres_url: str) -> Reusable:
    """Copies of a template with two tables, one of which refers to the other, and a row in each."""
    template = postgres_url.partition("@/")[2].partition("?")[0]
    with postgres_server.connect(template) as connection:
        connection.execute("CREATE TABLE thing (id serial PRIMARY KEY, name text)")
        connection.execute("CREATE TABLE part (thing_id int REFERENCES thing)")
        connection.execute("INSERT INTO thing (name) VALUES ('first \t one')")
        connection.execute("INSERT INTO part VALUES (1)")
    return Reusable(server=postgres_server, template=template)


def used(copies: Reusable, *statements: str) -> tuple[str, str]:
    """Take a database, run statements in it, give it back; return its name and that of the next one."""
    name = copies.take()
    with copies.server.connect(name) as connection:
        for statement in statements:
            connection.execute(statement)
    copies.give_back(name)
    return name, copies.take()


def rows(copies: Reusable, name: str) -> list[tuple[object, ...]]:
    """Return the rows of the first table."""
    with copies.server.connect(name) as connection:
        return connection.execute(ROWS).fetchall()


def identity(copies: Reusable, name: str) -> object:
    """Return what tells a database from one of the same name."""
    with copies.server.connect() as connection:
        return connection.execute("SELECT oid FROM pg_database WHERE datname = %s", (name,)).fetchone()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO thing (name) VALUES ('second')",
        "UPDATE thing SET name = 'other'",
        "DELETE FROM part; DELETE FROM thing",
    ],
)
def test_a_database_comes_again_as_it_was(copies: Reusable, statement: str) -> None:
    """Under another name, not made anew, whatever rows a test has changed; numbers begin where they did."""
    name = copies.take()
    before = identity(copies, name)
    with copies.server.connect(name) as connection:
        connection.execute(statement)
    copies.give_back(name)
    again = copies.take()
    assert (again != name, identity(copies, again)) == (True, before)
    assert rows(copies, again) == [(1, "first \t one")]
    with copies.server.connect(again) as connection:
        assert connection.execute("INSERT INTO thing (name) VALUES ('x') RETURNING id").fetchone() == (2,)
    copies.server.drop_database(again)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (n int)",
        "ALTER TABLE thing ADD COLUMN n int",
        "ALTER TABLE thing ENABLE ROW LEVEL SECURITY",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 128', current_database()); END $$",
    ],
)
def test_a_database_that_was_changed_otherwise_is_dropped(copies: Reusable, statement: str) -> None:
    """A table, a column, a policy, a function or a setting of a test's own reaches no other test."""
    name, again = used(copies, statement)
    assert (identity(copies, name), rows(copies, again)) == (None, [(1, "first \t one")])
    copies.server.drop_database(again)


def test_a_connection_that_was_left_open_is_ended(copies: Reusable) -> None:
    """Neither it nor the old name leads to the database of the next test."""
    name = copies.take()
    with copies.server.connect(name) as left:
        copies.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            left.execute(ROWS)
    again = copies.take()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        copies.server.connect(name).close()
    copies.server.drop_database(again)


def test_a_database_is_not_used_forever(copies: Reusable) -> None:
    """What was deleted stays in its files, so that it is made anew after a while."""
    name = copies.take()
    first = identity(copies, name)
    for _number in range(USES):
        copies.give_back(name)
        name = copies.take()
    assert identity(copies, name) != first
    copies.server.drop_database(name)


@pytest.mark.parametrize(("failed", "shared", "open_after"), [(True, False, 0), (False, False, 1), (True, True, 1)])
def test_what_a_failed_test_left_open_is_closed(
    postgres_server: PostgresServer, postgres_url: str, failed: bool, shared: bool, open_after: int
) -> None:
    """And nothing else: neither what a test that passed will close, nor what several tests share."""
    leftovers = Leftovers()
    engine = create_engine(postgres_url)
    with leftovers.sharing(shared):
        leftovers.watch(engine)
    connection = engine.connect()
    connection.execute(text("SELECT 1"))
    leftovers.end(failed=failed)
    driver = connection.connection.driver_connection
    assert driver is not None
    assert int(not driver.closed) == open_after
    connection.invalidate()
    connection.close()
    engine.dispose()
