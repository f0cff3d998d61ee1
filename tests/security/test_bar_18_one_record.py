"""Bar 18: whatever was done, refused or failed leaves exactly one record with who, what and how it ended; and never an
effect without its record, nor a record without its effect, whenever the process dies."""

from __future__ import annotations

import os
import signal
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import attrs
import pytest
from sqlalchemy import event, func, select

from crmkit import CRM, Actor
from crmkit.core.access.models import Team
from crmkit.core.operations.audit_chain import records
from crmkit.core.store.ids import new_id
from crmkit.errors import Conflict, CrmkitError, Refused
from tests.conftest import Scale
from tests.security.audit_support import ACTOR, settle, verified

NOBODY = Actor.user(new_id(), "Nobody")


def made(hint: Any) -> Any:
    """Return a value of a type, as plain as can be."""
    if get_origin(hint) is typing.Annotated:
        return made(get_args(hint)[0])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return arguments[0]
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in arguments else made(arguments[0])
    plain: dict[Any, Any] = {
        str: "x",
        int: 1,
        float: 1.0,
        bool: False,
        bytes: b"x",
        UUID: new_id(),
        Decimal: Decimal(1),
        date: date(2026, 1, 2),
        datetime: datetime(2026, 1, 2, tzinfo=UTC),
        timedelta: timedelta(days=1),
        Path: Path("x"),
    }
    if hint in plain:
        return plain[hint]
    kind = origin or hint
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and attrs.has(kind):
        return input_of(kind)
    if isinstance(kind, type) and issubclass(kind, (list, tuple, set, frozenset)):
        return kind()
    return {} if (isinstance(kind, type) and issubclass(kind, dict)) or "Mapping" in str(kind) else ()


def input_of(shape: type[Any]) -> Any:
    """Return an input in which only what has to be given is given."""
    hints = typing.get_type_hints(shape, include_extras=True)
    values = {
        item.alias: made(hints.get(item.name, str)) for item in attrs.fields(shape) if item.default is attrs.NOTHING
    }
    return shape(**values)


def lines(crm: CRM, name: str) -> list[tuple[str, str, UUID | None]]:
    """Return who did an operation, how it ended and with which record, for each of its audit records."""
    with crm.engines.system_read.connect() as connection:
        query = select(records.c.actor_id, records.c.outcome, records.c.target_id).where(records.c.operation == name)
        return [tuple(row) for row in connection.execute(query.order_by(records.c.id))]


@pytest.fixture
def targets(crm: CRM) -> dict[str, UUID]:
    """A record of each kind that is quickly made, by its table."""
    team = crm.run(ACTOR, "team.create", {"name": "Sales"})
    user = crm.run(ACTOR, "user.create", {"login": "li", "name": "李娜"})
    customer = crm.run(ACTOR, "customer.create", {"name": "Ada"})
    return {"crm_team": team.id, "crm_user": user.id, "crm_customer": customer.id}


def test_every_operation_leaves_one_record_however_it_ends(crm: CRM, targets: dict[str, UUID]) -> None:
    """Generated over everything that is registered: with real records where there are, else with one that is not."""
    wrong: list[str] = []
    for name, operation in sorted(crm.registry.operations.items()):
        table = None if operation.target is None else operation.target.__tablename__
        target = None if table is None else targets.get(table, new_id())
        before = len(lines(crm, name))
        outcomes = {"done"}
        try:
            crm.run(ACTOR, name, input_of(operation.inputs), target=target)
        except Refused:
            outcomes = {"refused"}
        except CrmkitError:
            outcomes = {"failed"}
        found = lines(crm, name)[before:]
        if len(found) != 1 or found[0][0] != "system" or found[0][1] not in outcomes:
            wrong.append(f"{name}: {outcomes} left {found}")
        elif target is not None and found[0][2] != target:
            wrong.append(f"{name}: acts on {target}, its record says {found[0][2]}")
    assert wrong == []
    assert verified(crm).damages == ()


def test_every_refusal_leaves_one_record(crm: CRM, targets: dict[str, UUID]) -> None:
    """Somebody without any right tries everything."""
    wrong: list[str] = []
    for name, operation in sorted(crm.registry.operations.items()):
        table = None if operation.target is None else operation.target.__tablename__
        target = None if table is None else targets.get(table, new_id())
        before = len(lines(crm, name))
        with pytest.raises(Refused):
            crm.run(NOBODY, name, input_of(operation.inputs), target=target)
        found = lines(crm, name)[before:]
        if found != [(NOBODY.id, "refused", target)]:
            wrong.append(f"{name}: {found}")
    assert wrong == []


def test_what_is_noted_leaves_one_record(crm: CRM, targets: dict[str, UUID]) -> None:
    """In a session that reads at once, in one that writes with what it writes; refusals in any case."""
    customer = targets["crm_customer"]
    with crm.session(ACTOR) as session:
        session.note("customer.reveal", resource="customer", subjects=[customer], details={"fields": ["phone"]})
        assert len(lines(crm, "customer.reveal")) == 1, "before anything is shown"

    def undone() -> None:
        with crm.transaction(ACTOR) as session:
            session.note("customer.export", resource="customer", subjects=[customer])
            session.note("sign_in", outcome="refused")
            session.run("customer.restore", target=customer)

    with pytest.raises(Conflict):
        undone()
    assert lines(crm, "customer.export") == []
    assert [line[1] for line in lines(crm, "sign_in")] == ["refused"]


def test_a_batch_leaves_one_record_and_one_row_for_each_customer(crm: CRM) -> None:
    from crmkit.security.audit.listing import Filter, audit_list

    outcomes = crm.run_many(ACTOR, "customer.create", [{"name": f"Ada {place}"} for place in range(7)] + [{"kind": 3}])
    assert len(lines(crm, "customer.create")) == 1
    with crm.session(ACTOR) as session:
        entry = audit_list(session, Filter(operation="customer.create")).items[0]
    assert (entry.items, entry.customers, entry.details) == (7, 7, {"rejected": 1})
    assert len([outcome for outcome in outcomes if not outcome.problems]) == 7


def test_nothing_sensitive_and_nothing_that_controls_a_terminal_is_in_a_record(crm: CRM) -> None:
    name = "Ada\x1b[2J\nBy\u202eron"
    actor = Actor.system("a reason\r\nwith a second line")
    crm.run(actor, "customer.create", {"name": name, "contact_points": [{"kind": "phone", "value": "+8613812345678"}]})
    with crm.engines.system_read.connect() as connection:
        row = connection.execute(select(records).where(records.c.operation == "customer.create")).one()
    kept = " ".join(value for value in row if isinstance(value, str))
    assert "a reason\\u000d\\u000awith a second line" in kept
    assert "13812345678" not in kept
    assert "Ada" not in kept
    assert kept.isprintable()


def test_what_was_given_is_kept_for_those_who_may_open_it(crm: CRM) -> None:
    """Sealed under the customer's own key, with a commitment that proves it."""
    from crmkit.core.operations.audit_form import commitment
    from crmkit.core.operations.tables import AuditPayload
    from crmkit.core.store.guard import region
    from crmkit.core.store.sealed import OpenItem

    crm.run(ACTOR, "customer.create", {"name": "Ada Byron"})
    payloads: Any = AuditPayload.__table__
    with crm.session(ACTOR) as session, region(session, "a test"):
        row = session.connection().execute(select(payloads)).one()
        said = session.connection().execute(select(records.c.commitment).where(records.c.id == row.audit_id)).scalar()
        item = OpenItem(table="crm_audit_payload", field="payload", record=row.audit_id, sealed=row.sealed)
        (opened,) = crm.vault.open_many(session, [item])
    assert opened == b'{"name":"Ada Byron"}'
    assert said == commitment(row.salt, opened)


def test_jobs_and_deliveries_carry_on_what_they_come_from(crm: CRM) -> None:
    """Everything that one call led to has one correlation; another call has another one."""
    with crm.transaction(ACTOR) as session:
        session.run("team.create", {"name": "one"})
        session.run("team.create", {"name": "two"})
    crm.run(ACTOR, "team.create", {"name": "three"})
    with crm.engines.system_read.connect() as connection:
        query = select(records.c.correlation_id).where(records.c.operation == "team.create").order_by(records.c.id)
        one, two, three = connection.execute(query).scalars()
    assert one == two != three


# --- dying -----------------------------------------------------------------------------------------------------------


def dying(crm_url: str, after: int, name: str) -> None:
    """Run an operation in a process of its own that is killed before it sends its ``after``-th statement."""
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] in (0, signal.SIGKILL)
        return
    try:
        crm = CRM.open(crm_url)
        assert crm.gate.auditor.signer, "read now, so that only the operation's own statements are counted"
        numbers = iter(range(after))

        def count(*_anything: Any) -> None:
            if next(numbers, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(crm.engines.base, "before_cursor_execute", count)
        event.listen(crm.engines.base, "commit", count)
        crm.run(ACTOR, "team.create", {"name": name})
    finally:
        os._exit(0)


def points(scale: Scale) -> Iterator[int]:
    """The statements before which the process dies: of the transaction, of its commit, and after it."""
    return iter(scale(small=[0, 2, 4, 6, 7, 8, 9, 10, 14], full=list(range(20)) * 5))


def test_no_effect_without_its_record_and_no_record_without_its_effect(crm: CRM, crm_url: str, scale: Scale) -> None:
    for turn, after in enumerate(points(scale)):
        dying(crm_url, after, f"Team {turn}")
    settle(crm)
    with crm.engines.system_read.connect() as connection:
        table: Any = Team.__table__
        effects = set(connection.execute(select(table.c.id)).scalars())
        said = set(
            connection.execute(
                select(records.c.target_id).where(records.c.operation == "team.create", records.c.outcome == "done")
            ).scalars()
        )
        number = connection.execute(select(func.count()).where(records.c.operation == "team.create")).scalar()
    assert effects == said
    assert number == len(said)
    assert 0 < len(said) < len(list(points(scale))), "some have died before it was done and some after"
    assert verified(crm).damages == ()
