"""Hosts: their engines as they usually are, and transactions that are theirs to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, func, select, text

from crmkit import CRM, CrmSession, Customer, Settings, operation
from crmkit.core.operations.tables import EventRecord
from crmkit.errors import ConfigurationError, InvalidInput, WriteOutsideOperation
from tests.core.operations.job_support import NOBODY, count


def plain(url: str) -> Engine:
    """Return an engine as SQLAlchemy makes it."""
    return create_engine(url)


def begun_by_its_host(url: str) -> Engine:
    """Return an engine that begins transactions by a listener, as SQLAlchemy's documentation shows it."""
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def let_the_driver_be(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


@pytest.fixture(params=[plain, begun_by_its_host])
def host_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A host's engine for an SQLite file."""
    make: Callable[[str], Engine] = request.param
    engine = make(f"sqlite:///{tmp_path / 'host.db'}")
    yield engine
    engine.dispose()


def test_a_host_that_rolls_back_undoes_what_joined_it(host_engine: Engine) -> None:
    """Also where the driver begins no transaction before the first statement that writes."""
    with CRM.open(engine=host_engine, create=True) as crm:
        with host_engine.connect() as connection:
            transaction = connection.begin()
            with crm.joined(NOBODY, connection) as session:
                session.run("customer.create", {"name": "Ada"})
            transaction.rollback()
        assert (count(crm, Customer), count(crm, EventRecord)) == (0, 0)
        with host_engine.begin() as connection, crm.joined(NOBODY, connection) as session:
            session.run("customer.create", {"name": "Bob"})
        assert count(crm, Customer) == 1


def test_foreign_keys_hold_on_a_hosts_engine_and_are_given_back(host_engine: Engine) -> None:
    """Rows go with their customer; the host's own connections stay as they were."""
    with CRM.open(engine=host_engine, create=True) as crm:
        ada = crm.run(NOBODY, "customer.create", {"name": "Ada", "email": "ada@example.com"})
        with crm.engines.system_write.begin() as connection:
            connection.execute(text("DELETE FROM crm_customer"))
            left = connection.execute(text("SELECT count(*) FROM crm_contact_point")).scalar()
        with host_engine.connect() as connection:
            assert (left, connection.exec_driver_sql("PRAGMA foreign_keys").scalar()) == (0, 0), ada.id


def test_an_engine_that_commits_each_statement_is_used_in_transactions(postgres_url: str) -> None:
    """An operation that fails leaves nothing, whatever the host's engine does; its connections cannot be joined."""

    @operation("test.half", title="Half")
    def half(session: CrmSession) -> None:
        session.run("team.create", {"name": "half"})
        raise InvalidInput("no more")

    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    try:
        with CRM.open(engine=engine, create=True) as crm:
            crm.registry.add("crmkit", "operation", [half])
            with pytest.raises(InvalidInput):
                crm.run(NOBODY, "test.half")
            with crm.session(NOBODY) as session:
                assert session.scalar(text("SELECT count(*) FROM crm_team")) == 0
            with engine.begin() as connection, pytest.raises(WriteOutsideOperation), crm.joined(NOBODY, connection):
                pass
    finally:
        engine.dispose()


def test_an_engine_that_uses_another_schema_is_refused(postgres_url: str) -> None:
    """The tables would be made where nobody looks for them."""
    settings = Settings(database=postgres_url, schema="shop")
    for path in ("public", "shop"):
        engine = create_engine(postgres_url, connect_args={"options": f"-csearch_path={path}"})
        try:
            if path == "public":
                with pytest.raises(ConfigurationError, match=r"schema shop.*search_path=shop"):
                    CRM.open(settings, engine=engine, create=True)
            else:
                CRM.open(settings, engine=engine, create=True).close()
                with engine.connect() as connection:
                    assert connection.execute(text("SELECT count(*) FROM shop.crm_customer")).scalar() == 0
        finally:
            engine.dispose()


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_an_operation_cannot_end_its_transaction(crm: CRM, ending: str) -> None:
    """Else its rows would be there without its events, or the other way about."""

    @operation("test.ends", title="Ends")
    def ends(session: CrmSession) -> None:
        session.run("customer.create", {"name": "Ada"})
        getattr(session, ending)()

    crm.registry.add("crmkit", "operation", [ends])
    with pytest.raises(WriteOutsideOperation, match="not the operation's to end"):
        crm.run(NOBODY, "test.ends")
    assert (count(crm, Customer), count(crm, EventRecord)) == (0, 0)


def test_changes_without_a_version_wait_for_each_other(crm: CRM) -> None:
    """Nobody who named no version is refused because somebody else was faster."""
    ada = crm.run(NOBODY, "customer.create", {"name": "Ada"})

    def move(number: int) -> str:
        crm.run(NOBODY, "customer.update", {"city": f"City {number}"}, target=ada.id)
        return "moved"

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(move, range(8))) == {"moved"}
    with crm.session(NOBODY) as session:
        assert session.scalar(select(Customer.version)) == ada.version + 8
        assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_a_key_that_is_no_text_is_refused(crm: CRM) -> None:
    """As any other that is no idempotency key."""
    with pytest.raises(InvalidInput, match="idempotency key"):
        crm.run(NOBODY, "customer.create", {"name": "Ada"}, key=5)  # type: ignore[arg-type]


def test_refusals_that_cannot_be_audited_at_once_cost_nothing_and_are_kept(crm: CRM) -> None:
    """The change that was made stands, and the next one writes them."""
    from crmkit import Refused
    from crmkit.core.operations.tables import AuditRecord

    @operation("test.refuses", title="Refuses")
    def refuses(session: CrmSession) -> None:
        raise Refused("no")

    crm.registry.add("crmkit", "operation", [refuses])
    write, failing = crm.gate.auditor.write, [True]

    def away(connection: Any, lines: Any, session: Any = None) -> Any:
        if failing and any(line.outcome == "refused" for line in lines):
            failing.clear()
            connection.execute(text("SELECT * FROM nowhere"))
        return write(connection, lines, session)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crm.gate.auditor, "write", away)
        with crm.transaction(NOBODY) as session:
            session.run("team.create", {"name": "kept"})
            with pytest.raises(Refused):
                session.run("test.refuses")
        crm.run(NOBODY, "team.create", {"name": "next"})
    with crm.session(NOBODY) as session:
        found = session.scalars(select(AuditRecord.operation).where(AuditRecord.outcome == "refused")).all()
    assert found == ["test.refuses"]
