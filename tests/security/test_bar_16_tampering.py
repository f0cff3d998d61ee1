"""Bar 16: whatever is done to the audit log behind the kernel's back is detected, and what was altered is named."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crmkit import CRM
from crmkit.core.store.ids import new_id
from crmkit.security.audit.verify import audit_verify
from crmkit.security.audit.verifying import Damage
from tests.conftest import Scale
from tests.security.audit_support import ACTOR, KEYS, TABLES, Attack, as_id, attacking, fill, settle, verified

BITS = {"items": 31, "key_version": 15}


def flipped(chance: random.Random, attack: Attack, table: str, column: str, value: Any) -> Any:
    """Return a value with one bit flipped, in a form that the database takes."""
    if isinstance(value, UUID):
        return UUID(int=value.int ^ 1 << chance.randrange(128))
    if isinstance(value, bytes):
        return _flip_bytes(chance, value)
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(BITS.get(column, 63))
    if isinstance(value, datetime):
        return value + timedelta(microseconds=chance.choice((-1, 1)) * (1 << chance.randrange(40)))
    assert isinstance(value, str)
    if not attack.postgresql:
        return _flip_bytes(chance, value.encode())
    while True:
        # PostgreSQL keeps no text that is not one.
        changed = _flip_bytes(chance, value.encode())
        try:
            decoded = changed.decode()
        except UnicodeDecodeError:
            continue
        if "\0" not in decoded:
            return decoded


def _flip_bytes(chance: random.Random, value: bytes) -> bytes:
    place = chance.randrange(len(value))
    return value[:place] + bytes((value[place] ^ 1 << chance.randrange(8),)) + value[place + 1 :]


def explained(damage: Damage, ids: set[UUID], places: set[int]) -> bool:
    """Say whether a damage is at one of some records, or one of some places in the chain."""
    return damage.audit_id in ids or damage.seq in places or (damage.last is not None and damage.last + 1 in places)


def test_every_flipped_bit_is_detected_where_it_is(crm: CRM, scale: Scale) -> None:
    chance = random.Random(16)
    fill(crm, scale(small=20, full=150))
    with attacking(crm) as begin:
        with begin() as attack:
            rows = {table: attack.rows(table) for table in TABLES}
            assert attack.verify().intact
        places = {as_id(row["audit_id"]): row["seq"] for row in rows["crm_audit_chain"]}
        columns = [(table, column) for table in TABLES for column in rows[table][0]]
        done = 0
        while done < scale(small=len(columns) * 2, full=1000):
            table, column = columns[done % len(columns)]
            row = chance.choice([row for row in rows[table] if row[column] not in (None, b"", "")] or [{}])
            if not row:  # no record has this column
                columns.remove((table, column))
                continue
            audit_id = as_id(row["id" if table == "crm_audit" else "audit_id"])
            with begin() as attack:
                value = flipped(chance, attack, table, column, row[column])
                if (table, column) == ("crm_audit_chain", "seq") and value in places.values():
                    continue  # the database itself refuses two links at one place
                attack.change(table, row, column, value)
                found = attack.verify()
            ids = {audit_id, as_id(value)} if column in ("id", "audit_id") else {audit_id}
            at = {places[audit_id], value} if column == "seq" else {places[audit_id]}
            assert not found.intact, (table, column, row[column], value)
            assert any(explained(damage, ids, at) for damage in found.damages), (table, column, found.damages)
            assert [damage for damage in found.damages if not explained(damage, ids, at)] == [], (table, column)
            done += 1
        with begin() as attack:
            assert attack.verify().intact


def test_every_deleted_row_is_detected(crm: CRM, scale: Scale) -> None:
    """Of the payloads none is: an erasure deletes them."""
    chance = random.Random(17)
    fill(crm, scale(small=10, full=150))
    with attacking(crm) as begin:
        with begin() as attack:
            rows = {table: attack.rows(table) for table in TABLES}
        links = {as_id(row["audit_id"]): row for row in rows["crm_audit_chain"][:-1]}
        for turn in range(scale(small=16, full=200)):
            what = ("crm_audit", "crm_audit_chain", "crm_audit_subject", "both")[turn % 4]
            with begin() as attack:
                if what == "both":
                    row = chance.choice([row for row in rows["crm_audit"] if as_id(row["id"]) in links])
                    attack.delete("crm_audit_chain", links[as_id(row["id"])])
                    attack.delete("crm_audit", row)
                    place = links[as_id(row["id"])]["seq"]
                else:
                    row = chance.choice(rows[what])
                    audit_id = as_id(row["id" if what == "crm_audit" else "audit_id"])
                    place = next(link["seq"] for link in rows["crm_audit_chain"] if as_id(link["audit_id"]) == audit_id)
                    attack.delete(what, row)
                found = attack.verify()
            assert not found.intact, (what, row)
            if what != "crm_audit_chain":
                assert place in {damage.seq for damage in found.damages}, (what, found.damages)


def test_swapped_rows_are_detected(crm: CRM, scale: Scale) -> None:
    chance = random.Random(18)
    fill(crm, scale(small=10, full=150))
    with attacking(crm) as begin:
        with begin() as attack:
            rows = {table: attack.rows(table) for table in TABLES}
        for turn in range(scale(small=12, full=200)):
            table = ("crm_audit", "crm_audit_chain", "crm_audit_payload", "crm_audit_subject")[turn % 4]
            one, other = chance.sample(rows[table], 2)
            if table == "crm_audit_subject" and one["customer_id"] == other["customer_id"]:
                continue
            columns = [name for name in one if name not in KEYS[table] and name != "audit_id"]
            with begin() as attack:
                if table == "crm_audit_chain" and turn % 8 < 4:
                    # The records change places, each with a link that looks as it did.
                    attack.delete(table, one)
                    attack.change(table, other, "audit_id", one["audit_id"])
                    attack.insert(table, {**one, "audit_id": other["audit_id"]})
                elif table == "crm_audit_subject":
                    attack.change(table, one, "customer_id", other["customer_id"])
                    attack.delete(table, other)
                    attack.insert(table, {**other, "customer_id": one["customer_id"]})
                else:
                    for column in columns:
                        attack.change(table, one, column, other[column])
                        attack.change(table, other, column, one[column])
                found = attack.verify()
            assert not found.intact, (table, one, other)


def test_inserted_rows_are_detected(crm: CRM, scale: Scale) -> None:
    chance = random.Random(19)
    fill(crm, scale(small=10, full=150))
    with attacking(crm) as begin:
        with begin() as attack:
            rows = {table: attack.rows(table) for table in TABLES}
        for turn in range(scale(small=12, full=200)):
            with begin() as attack:
                invented = new_id() if attack.postgresql else new_id().bytes
                copied = chance.choice(rows["crm_audit"])
                last = rows["crm_audit_chain"][-1]
                if turn % 3 == 0:
                    attack.insert("crm_audit", {**copied, "id": invented})
                elif turn % 3 == 1:
                    attack.insert("crm_audit", {**copied, "id": invented})
                    attack.insert("crm_audit_chain", {**last, "seq": last["seq"] + 1, "audit_id": invented})
                else:
                    about = chance.choice(rows["crm_audit_subject"])
                    attack.insert("crm_audit_subject", {**about, "customer_id": invented})
                found = attack.verify()
            assert not found.intact, turn


def test_an_end_that_was_cut_off_is_told_by_a_checkpoint(crm: CRM, scale: Scale) -> None:
    chance = random.Random(20)
    fill(crm, scale(small=10, full=150))
    crm.run(ACTOR, "audit.checkpoint")
    settle(crm)
    with attacking(crm) as begin:
        with begin() as attack:
            links = attack.rows("crm_audit_chain")
        signed = len(links) - 1
        checkpoints = {signed: links[signed - 1]["mac"]}
        assert links[signed - 1]["seq"] == signed
        for _turn in range(scale(small=6, full=200)):
            kept = chance.randrange(signed)
            with begin() as attack:
                for link in links[kept:]:
                    attack.delete("crm_audit_chain", link)
                    attack.run("DELETE FROM crm_audit_subject WHERE audit_id = ?", link["audit_id"])
                    attack.run("DELETE FROM crm_audit_payload WHERE audit_id = ?", link["audit_id"])
                    attack.run("DELETE FROM crm_audit WHERE id = ?", link["audit_id"])
                assert attack.verify().intact, "without a checkpoint nothing can tell"
                attack.checkpoints.update(checkpoints)
                found = attack.verify()
            assert [(damage.kind, damage.seq) for damage in found.damages] == [("truncated", kept + 1)]


def test_a_log_that_was_cut_off_is_told_by_the_file_of_checkpoints(crm: CRM, tmp_path: Path) -> None:
    fill(crm, 4)
    crm.run(ACTOR, "audit.checkpoint")
    settle(crm)
    with crm.engines.system_read.connect() as connection:
        statement = connection.execute(text("SELECT statement FROM crm_audit_checkpoint")).scalar_one()
    path = tmp_path / "elsewhere.jsonl"
    path.write_text(f"{statement}\n", "utf-8")
    assert audit_verify(crm, ACTOR, checkpoints=path).intact
    settle(crm)
    with attacking(crm), crm.engines.system_write.begin() as connection:
        last = "SELECT audit_id FROM crm_audit_chain WHERE seq > 3"
        for statement in (
            f"DELETE FROM crm_audit WHERE id IN ({last})",
            f"DELETE FROM crm_audit_subject WHERE audit_id IN ({last})",
            f"DELETE FROM crm_audit_payload WHERE audit_id IN ({last})",
            "DELETE FROM crm_audit_chain WHERE seq > 3",
            "DELETE FROM crm_audit_checkpoint",
        ):
            connection.execute(text(statement))
    found = audit_verify(crm, ACTOR, checkpoints=path)
    assert [(damage.kind, damage.seq) for damage in found.damages] == [("truncated", 4)]


def test_triggers_keep_the_log_from_being_changed(crm: CRM) -> None:
    fill(crm, 1)
    crm.run(ACTOR, "audit.checkpoint")
    settle(crm)
    for table, change in (
        ("crm_audit", "outcome = 'failed'"),
        ("crm_audit_subject", "audit_id = customer_id"),
        ("crm_audit_chain", "seq = seq + 100"),
        ("crm_audit_checkpoint", "statement = ''"),
    ):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {change}"):
            with pytest.raises(DBAPIError, match="append-only"), crm.engines.system_write.begin() as connection:
                connection.execute(text(statement))


def test_an_untouched_log_is_intact(crm: CRM) -> None:
    fill(crm, 5)
    found = verified(crm)
    assert (found.damages, found.waiting, found.erased) == ((), 0, 0)
    assert found.records == found.last


def test_verifying_goes_on_where_it_had_ended(crm: CRM) -> None:
    fill(crm, 3)
    whole = verified(crm)
    settle(crm)
    later = audit_verify(crm, ACTOR, incremental=True)
    assert (later.intact, later.first, later.records) == (True, whole.last + 1, 1)
