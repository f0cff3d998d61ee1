"""A vendor's connector: found by its hook, under names of its own, and as safe as the shipped one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import define, evolve, field
from crmkit_integration.api import (
    Access,
    ConnectorKind,
    RemoteChanges,
    RemoteRecord,
    RemoteRefused,
    RemoteStale,
    RemoteUnreachable,
)
from crmkit_integration.syncing.models import SyncPair
from crmkit_integration.syncing.reconciling import compare
from crmkit_integration.syncing.running import run
from sqlalchemy import select

from crmkit import PluginManifest, hookimpl
from crmkit.app import CRM
from crmkit.errors import InvalidInput
from tests.conftest import Templates
from tests.plugins.integration.syncing.conftest import SYSTEM, add, change, keeper, known, named


@define
class Ledger:
    """Another vendor's system: rows by number, each change in a journal; it writes every town in capitals."""

    rows: dict[str, RemoteRecord] = field(factory=dict)
    journal: list[str] = field(factory=list)
    keys: dict[str, str] = field(factory=dict)
    down: bool = False
    stops: int = -1

    def write(self, identity: str, values: Mapping[str, Any]) -> RemoteRecord:
        """Write a row as this system does."""
        before = self.rows.get(identity)
        merged = {**(before.values if before is not None else {}), **values}
        merged["town"] = merged["town"].upper() if merged.get("town") else None
        self.rows[identity] = RemoteRecord(external_id=identity, values=merged, version=str(len(self.journal)))
        self.journal.append(identity)
        return self.rows[identity]


LEDGER = Ledger()


@define
class LedgerConnector:
    """Speaks to the ledger."""

    access: Access
    fields: Sequence[str]

    def now(self) -> str:
        """Return the place behind the journal."""
        if LEDGER.down:
            raise RemoteUnreachable("the ledger is down")
        return str(len(LEDGER.journal))

    def changes(self, since: str) -> RemoteChanges:
        """Return what is in the journal behind a place."""
        return RemoteChanges(external_ids=tuple(LEDGER.journal[int(since) :]), watermark=self.now())

    def everything(self) -> Iterator[str]:
        """Give all numbers."""
        yield from list(LEDGER.rows)

    def read(self, external_ids: Sequence[str]) -> Mapping[str, RemoteRecord]:
        """Return rows."""
        return {each: LEDGER.rows[each] for each in external_ids if each in LEDGER.rows}

    def create(self, values: Mapping[str, Any], *, reference: str, key: str) -> RemoteRecord:
        """Add a row, once for its key."""
        if key not in LEDGER.keys:
            if values.get("title") == "Refused":
                raise RemoteRefused("the ledger takes no such name")
            LEDGER.keys[key] = f"r{len(LEDGER.keys)}"
            LEDGER.write(LEDGER.keys[key], values)
        if LEDGER.stops == len(LEDGER.keys):
            LEDGER.stops = -1
            raise KeyboardInterrupt
        return LEDGER.rows[LEDGER.keys[key]]

    def update(self, record: RemoteRecord, values: Mapping[str, Any], *, key: str) -> RemoteRecord:
        """Change a row that is as it was read."""
        if LEDGER.rows[record.external_id].version != record.version:
            raise RemoteStale("changed")
        return LEDGER.write(record.external_id, values)


@hookimpl
def integration_connectors() -> Sequence[ConnectorKind]:
    """Return the vendor's kind."""
    return [ConnectorKind(name="ledger", title="Ledger", open=LedgerConnector, fields=["title", "town"])]


@pytest.fixture
def base(templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CRM]:
    """A customer base with the plugin and the vendor's, and an empty ledger."""
    LEDGER.__init__()  # type: ignore[misc]
    module = ModuleType("crmkit_ledger.plugin")
    module.integration_connectors = integration_connectors  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "crmkit_ledger", ModuleType("crmkit_ledger"))
    monkeypatch.setitem(sys.modules, "crmkit_ledger.plugin", module)
    manifest = PluginManifest(
        name="ledger",
        title="Ledger",
        version="1.0",
        api="1.0",
        module="crmkit_ledger.plugin",
        requires={"integration": ">=0"},
    )
    with CRM.open(templates.copy_enabled("sqlite", tmp_path, "integration"), plugins=[manifest]) as crm:
        crm.enable("ledger")
        yield crm


def agreed(crm: CRM, **values: Any) -> Any:
    """Agree on names and towns."""
    given = {
        "name": "ledger", "connector": "ledger", "url": "https://ledger.example.com", "token": "t",
        "fields": {"name": "newest", "city": "newest"}, "names": {"name": "title", "city": "town"},
        "runs_as_id": keeper(crm).user_id, **values,
    }  # fmt: skip
    return crm.run(SYSTEM, "integration.sync.create", given).id


def test_a_vendors_connector_is_used(base: CRM) -> None:
    """With its own names; a value that it writes otherwise is not sent again and again."""
    li = add(base, "Li Na", city="Bonn")
    LEDGER.write("x1", {"title": "Ann", "town": "Leeds"})
    plan = agreed(base)
    run(base, plan)
    assert sorted((each.values["title"], each.values["town"]) for each in LEDGER.rows.values()) == [
        ("Ann", "LEEDS"),
        ("Li Na", "BONN"),
    ]
    assert known(base)["Ann"]["city"] == "LEEDS"
    written = len(LEDGER.journal)
    for _each in range(3):
        run(base, plan)
    assert (len(LEDGER.journal), known(base)["Li Na"]["city"]) == (written, "Bonn")
    found = compare(base, plan).differences
    assert [(each["kind"], each["field"]) for each in found] == [("value", "city")]
    change(base, li, city="Ulm")
    run(base, plan)
    assert [each.values["town"] for each in LEDGER.rows.values() if each.values["title"] == "Li Na"] == ["ULM"]


def test_who_stops_while_adding_adds_nobody_twice(base: CRM) -> None:
    """What was written down before it was sent is sent again word for word, whatever was changed here since."""
    for number in range(4):
        add(base, f"C{number}")
    plan = agreed(base)
    LEDGER.stops = 2
    with pytest.raises(KeyboardInterrupt):
        run(base, plan)
    change(base, named(base, "C1"), city="Bonn")
    _let_go(base, plan)
    run(base, plan)
    run(base, plan)
    assert sorted((each.values["title"], each.values.get("town")) for each in LEDGER.rows.values()) == [
        ("C0", None),
        ("C1", "BONN"),
        ("C2", None),
        ("C3", None),
    ]


def _let_go(crm: CRM, plan: Any) -> None:
    from crmkit_integration.syncing.models import SyncPlan
    from sqlalchemy import update

    table = SyncPlan.__table__
    with crm.engines.system_write.begin() as connection:
        connection.execute(update(table).where(table.c.id == plan).values(held_until=None))


def test_a_row_that_is_refused_is_tried_again(base: CRM) -> None:
    """With its reason, until it is taken; the others are there long since."""
    bad = add(base, "Refused")
    add(base, "Good")
    plan = agreed(base)
    run(base, plan)
    with base.session(SYSTEM) as session:
        states = {each.state: each.reason for each in session.scalars(select(SyncPair))}
    assert states == {"paired": None, "failed": "the ledger takes no such name"}
    change(base, bad, name="Better")
    run(base, plan)
    assert sorted(each.values["title"] for each in LEDGER.rows.values()) == ["Better", "Good"]


def test_a_system_that_is_down_ends_the_run(base: CRM) -> None:
    """Nothing is noted as done; the next run does it all."""
    add(base, "Li")
    plan = agreed(base)
    LEDGER.down = True
    with pytest.raises(RemoteUnreachable):
        run(base, plan)
    LEDGER.down = False
    run(base, plan)
    assert len(LEDGER.rows) == 1


def test_only_fields_that_the_kind_knows_can_be_agreed_on(base: CRM) -> None:
    """Under the names over there."""
    with pytest.raises(InvalidInput) as raised:
        agreed(base, names={"name": "title", "city": "place"})
    assert [each.field for each in raised.value.problems] == ["names.city"]


def test_rows_are_left_as_they_were_read() -> None:
    """A record is a frozen value."""
    record = RemoteRecord(external_id="1", values={"a": 1})
    assert evolve(record, deleted=True).values == record.values
