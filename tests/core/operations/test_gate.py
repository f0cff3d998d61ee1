"""The gate: its order, its transactions, and what it leaves behind when something is refused."""

from __future__ import annotations

import hashlib
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import create_engine, func, select, text

from crmkit import CRM, Actor
from crmkit.core.access.models import Team, User
from crmkit.core.operations.operation import operation
from crmkit.core.operations.tables import AuditRecord, EventRecord, IdempotencyKey
from crmkit.core.store.engine import open_engines
from crmkit.core.store.session import CrmSession
from crmkit.errors import (
    AlreadyExists,
    Conflict,
    ContributionError,
    InvalidInput,
    KeyReused,
    NestingTooDeep,
    NotFound,
    Refused,
    StaleWrite,
    UnknownOperation,
    WriteOutsideOperation,
)
from crmkit.settings import Settings

ACTOR = Actor.system("tests of the gate")


def count(crm: CRM, model: type[Any], *where: Any) -> int:
    """Return how many rows there are."""
    with crm.session(ACTOR) as session:
        return int(session.scalar(select(func.count()).select_from(model).where(*where)) or 0)


OURS = AuditRecord.operation != "db.upgrade"
"""Setting the database up is audited as well."""


def add(crm: CRM, *operations: Any) -> None:
    """Register operations of the test."""
    crm.registry.add("crmkit", "operation", operations)


@operation("probe.fail", title="Fail after writing")
def fail(session: CrmSession, *, name: str) -> None:
    """Write, tell, and then fail."""
    session.run("team.create", {"name": name})
    session.run("user.create", {"login": name, "name": name})
    raise Conflict("meant to fail")


@operation("probe.try", title="Try and go on")
def try_(session: CrmSession, *, name: str) -> Team:
    """Catch the failure of a nested call and go on."""
    with pytest.raises(Conflict):
        fail(session, name=name)
    return session.run("team.create", {"name": f"{name} after all"})


@operation("probe.refuse", title="Refuse")
def refuse(session: CrmSession) -> None:
    """Refuse."""
    raise Refused("not today")


@operation("probe.recurse", title="Call itself")
def recurse(session: CrmSession) -> None:
    """Call itself without end."""
    recurse(session)


def test_an_operation_writes_its_change_its_event_and_its_audit_record(crm: CRM) -> None:
    user = crm.run(ACTOR, "user.create", {"login": "li", "name": "李娜"})
    with crm.session(ACTOR) as session:
        event = session.scalars(select(EventRecord)).one()
        audit = session.scalars(select(AuditRecord).where(OURS)).one()
    assert ("user.created", {"user_id": str(user.id)}) == (event.name, event.payload)
    assert ("user.create", "done", user.id, "system") == (
        audit.operation,
        audit.outcome,
        audit.target_id,
        audit.actor_id,
    )
    assert audit.reason == "tests of the gate"


def test_a_failure_leaves_nothing_behind(crm: CRM) -> None:
    add(crm, fail)
    with pytest.raises(Conflict):
        crm.run(ACTOR, "probe.fail", {"name": "x"})
    assert tuple(count(crm, model) for model in (Team, User, EventRecord)) == (0, 0, 0)
    assert count(crm, AuditRecord, OURS, AuditRecord.outcome == "done") == 0


def test_a_failure_is_audited_although_its_transaction_was_undone(crm: CRM) -> None:
    add(crm, fail)
    with pytest.raises(Conflict):
        crm.run(ACTOR, "probe.fail", {"name": "x"})
    with crm.session(ACTOR) as session:
        line = session.scalars(select(AuditRecord).where(OURS)).one()
    assert (line.operation, line.outcome, line.code) == ("probe.fail", "failed", "CK510")


def test_a_nested_failure_leaves_no_event_and_the_rest_goes_on(crm: CRM) -> None:
    add(crm, fail, try_)
    crm.run(ACTOR, "probe.try", {"name": "x"})
    with crm.session(ACTOR) as session:
        assert list(session.scalars(select(Team.name))) == ["x after all"]
    assert count(crm, EventRecord) == 0
    with crm.session(ACTOR) as session:
        lines = session.execute(select(AuditRecord.operation, AuditRecord.outcome).where(OURS))
        assert {("probe.try", "done"), ("team.create", "done"), ("probe.fail", "failed")} == {
            tuple(row) for row in lines
        }


def test_a_refusal_is_audited_although_its_transaction_was_undone(crm: CRM) -> None:
    add(crm, refuse)
    with pytest.raises(Refused):
        crm.run(ACTOR, "probe.refuse")
    with crm.session(ACTOR) as session:
        line = session.scalars(select(AuditRecord).where(OURS)).one()
    assert (line.operation, line.outcome, line.code) == ("probe.refuse", "refused", "CK520")


def test_the_public_may_do_nothing_until_it_is_permitted(crm: CRM) -> None:
    with pytest.raises(Refused):
        crm.run(Actor(id="public", kind="public", name="somebody"), "team.create", {"name": "x"})
    assert count(crm, Team) == 0
    assert count(crm, AuditRecord, AuditRecord.outcome == "refused") == 1


def test_every_problem_of_an_input_is_named(crm: CRM) -> None:
    with pytest.raises(InvalidInput) as caught:
        crm.run(ACTOR, "user.create", {"login": 5, "nmae": "x"})
    problems = {problem.field: problem.render() for problem in caught.value.problems}
    assert {"login", "name", "nmae"} == set(problems)
    assert 'Did you mean "name"?' in problems["nmae"]


def test_an_unknown_operation_suggests_the_one_that_was_meant(crm: CRM) -> None:
    with pytest.raises(UnknownOperation, match=r'Did you mean "team\.create"'):
        crm.run(ACTOR, "team.creat", {"name": "x"})


@pytest.mark.parametrize("target", [None, "nonsense", UUID(int=7)])
def test_a_target_that_is_not_there_is_not_found(crm: CRM, target: Any) -> None:
    with pytest.raises(NotFound):
        crm.run(ACTOR, "user.update", {"name": "x"}, target=target)


def test_a_stale_version_is_refused_by_name_and_changes_nothing(crm: CRM) -> None:
    user = crm.run(ACTOR, "user.create", {"login": "a", "name": "A"})
    crm.run(ACTOR, "user.update", {"name": "B"}, target=user.id, version=1)
    with pytest.raises(StaleWrite):
        crm.run(ACTOR, "user.update", {"name": "C"}, target=user.id, version=1)
    with crm.session(ACTOR) as session:
        kept = session.get(User, user.id)
    assert kept is not None
    assert (kept.name, kept.version) == ("B", 2)


def test_a_key_answers_a_repeated_call_and_the_effect_happens_once(crm: CRM) -> None:
    first = crm.run(ACTOR, "team.create", {"name": "North"}, key="k")
    again = crm.run(ACTOR, "team.create", {"name": "North"}, key="k")
    assert first.id == again.id
    assert count(crm, Team) == 1


def test_an_answer_that_is_no_record_is_kept_sealed(crm: CRM) -> None:
    """It is answered again; the table says nothing of it, nor of the input."""

    @operation("probe.answer", title="Answer")
    def answer(session: CrmSession, *, text: str) -> dict[str, str]:
        """Answer with the text."""
        return {"said": text}

    add(crm, answer)
    for _again in range(2):
        assert crm.run(ACTOR, "probe.answer", {"text": "Anna Smith"}, key="k") == {"said": "Anna Smith"}
    with crm.engines.system_read.connect() as connection:
        (row,) = connection.execute(select(cast(Any, IdempotencyKey).__table__))
    assert row.answer[:1] == b"\xc1"
    assert b"Anna" not in b"".join(str(value).encode() for value in row)
    assert row.input_hash != hashlib.sha256(b'[{"text":"Anna Smith"},"None"]').hexdigest()
    with pytest.raises(KeyReused):
        crm.run(ACTOR, "probe.answer", {"text": "Anna Smyth"}, key="k")


def test_a_key_with_another_input_is_refused(crm: CRM) -> None:
    crm.run(ACTOR, "team.create", {"name": "North"}, key="k")
    with pytest.raises(KeyReused):
        crm.run(ACTOR, "team.create", {"name": "South"}, key="k")
    assert count(crm, Team) == 1


def test_a_key_belongs_to_its_actor_and_operation(crm: CRM) -> None:
    crm.run(ACTOR, "team.create", {"name": "North"}, key="k")
    other = crm.run(Actor.job("x"), "team.create", {"name": "South"}, key="k")
    user = crm.run(ACTOR, "user.create", {"login": "a", "name": "A"}, key="k")
    assert (other.name, user.name) == ("South", "A")


def test_a_failed_call_frees_its_key(crm: CRM) -> None:
    crm.run(ACTOR, "team.create", {"name": "North"})
    with pytest.raises(AlreadyExists):
        crm.run(ACTOR, "team.create", {"name": "North"}, key="k")
    crm.run(ACTOR, "team.create", {"name": "South"}, key="k")
    assert count(crm, Team) == 2


def test_a_transaction_of_several_operations_is_undone_whole(crm: CRM) -> None:
    def both() -> None:
        with crm.transaction(ACTOR) as session:
            session.run("team.create", {"name": "North"})
            session.run("team.create", {"name": "North"})

    with pytest.raises(AlreadyExists):
        both()
    assert count(crm, Team) == 0


def test_operations_that_call_themselves_without_end_are_stopped(crm: CRM) -> None:
    add(crm, recurse)
    with pytest.raises(NestingTooDeep):
        crm.run(ACTOR, "probe.recurse")


def test_many_inputs_cost_only_the_wrong_ones(crm: CRM) -> None:
    outcomes = crm.run_many(ACTOR, "team.create", [{"name": "A"}, {"name": "A"}, {}, {"name": "B"}])
    assert [outcome.ok for outcome in outcomes] == [True, False, False, True]
    assert count(crm, Team) == 2


@pytest.mark.parametrize("how", ["add", "change", "delete", "core", "text"])
def test_writing_outside_an_operation_is_refused(crm: CRM, how: str) -> None:
    team = crm.run(ACTOR, "team.create", {"name": "North"})

    def write() -> None:
        with crm.transaction(ACTOR) as session:
            kept = session.get(Team, team.id)
            assert kept is not None
            if how == "add":
                session.add(Team(name="South"))
            elif how == "change":
                kept.name = "South"
            elif how == "delete":
                session.delete(kept)
            elif how == "core":
                session.execute(Team.__table__.update().values(name="South"))
            else:
                session.execute(text("UPDATE crm_team SET name = 'South'"))

    with pytest.raises(WriteOutsideOperation):
        write()
    with crm.session(ACTOR) as session:
        assert list(session.scalars(select(Team.name))) == ["North"]


def test_a_reading_session_cannot_run_operations(crm: CRM) -> None:
    with crm.session(ACTOR) as session, pytest.raises(WriteOutsideOperation):
        session.run("team.create", {"name": "x"})


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_an_operation_joins_the_hosts_transaction(crm: CRM, crm_url: str, end: str) -> None:
    host = open_engines(Settings(database=crm_url))
    with host.write.connect() as connection:
        connection.execute(text("CREATE TABLE host_order (id INTEGER)"))
        connection.commit()
        with connection.begin() as transaction:
            connection.execute(text("INSERT INTO host_order VALUES (1)"))
            with crm.joined(ACTOR, connection) as session:
                session.run("user.create", {"login": "a", "name": "A"})
            getattr(transaction, end)()
    expected = 1 if end == "commit" else 0
    assert expected == count(crm, User) == count(crm, EventRecord)
    with host.read.connect() as connection:
        assert expected == connection.scalar(text("SELECT count(*) FROM host_order"))
    host.dispose()


def test_a_connection_without_a_transaction_cannot_be_joined(crm: CRM, crm_url: str) -> None:
    engine = create_engine(crm_url)
    with engine.connect() as connection, pytest.raises(WriteOutsideOperation), crm.joined(ACTOR, connection):
        pass
    engine.dispose()


def test_two_crms_in_one_process_do_not_meet(crm: CRM, tmp_path: Any) -> None:
    with CRM.init(f"sqlite:///{tmp_path}/other.db") as other:
        add(other, refuse)
        crm.run(ACTOR, "team.create", {"name": "North"})
        assert count(other, Team) == 0
        with pytest.raises(UnknownOperation):
            crm.run(ACTOR, "probe.refuse")


def test_a_function_with_a_signature_that_does_not_fit_is_not_an_operation(crm: CRM) -> None:
    @operation("probe.odd", title="Odd")
    def odd(session: CrmSession, name: str) -> None:
        """Take a positional text."""

    with pytest.raises(ContributionError, match="name"):
        add(crm, odd)
