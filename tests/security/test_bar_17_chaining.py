"""Bar 17: many writers at once leave one chain without a gap and without a fork.

Throughput, lag and the speed of verifying are measured by ``benchmarks/audit.py``.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import select, text

from crmkit import CRM
from crmkit.core.operations.audit_chain import links, pending, records
from crmkit.settings import Settings
from tests.conftest import Scale
from tests.security.audit_support import ACTOR, attacking, fill, settle, verified

ROOT = Path(__file__).resolve().parents[2]


def test_processes_that_write_at_once_leave_one_chain(crm: CRM, crm_url: str, scale: Scale) -> None:
    writers, number = scale(small=3, full=8), scale(small=20, full=1000)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.security.audit_writer", crm_url, f"writer {place}", str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in range(writers)
    ]
    for writer in started:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in started:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=1800) for writer in started] == [0] * writers
    for writer in started:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.close()
        writer.stdout.close()
    with crm.engines.system_read.connect() as connection:
        made = connection.execute(select(records.c.id).where(records.c.operation == "team.create")).all()
        places = list(connection.execute(select(links.c.seq).order_by(links.c.seq)).scalars())
        waiting = connection.execute(select(pending)).all()
    assert len(made) == writers * number
    assert waiting == [], "each process chains what it has written before it ends"
    assert places == list(range(1, len(places) + 1))
    found = verified(crm)
    assert (found.damages, found.records) == ((), len(places))


def test_records_are_chained_in_the_transaction_where_it_is_strict(crm_url: str, scale: Scale) -> None:
    strict = evolve(Settings.from_mapping({"database": crm_url}), audit="strict")
    with CRM.open(strict) as crm:
        number = scale(small=5, full=200)

        def write(name: str) -> None:
            for place in range(number):
                crm.run(ACTOR, "team.create", {"name": f"{name} {place}"})

        threads = [threading.Thread(target=write, args=(f"thread {place}",)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with crm.engines.system_read.connect() as connection:
            assert connection.execute(select(pending)).all() == []
            chained = connection.execute(select(links.c.seq)).all()
            written = connection.execute(select(records.c.id)).all()
        assert len(chained) == len(written) >= 4 * number
        assert verified(crm).damages == ()


def test_records_are_chained_by_themselves_soon_after_they_were_written(crm: CRM) -> None:
    """Nobody has to ask for it, and nothing waits for ever."""
    crm.run(ACTOR, "team.create", {"name": "one"})
    for _turn in range(200):
        with crm.engines.system_read.connect() as connection:
            if not connection.execute(select(pending)).all():
                break
        threading.Event().wait(0.05)
    found = verified(crm)
    assert (found.damages, found.waiting) == ((), 0)


def test_records_that_an_ended_process_left_behind_are_chained_by_another(crm: CRM) -> None:
    crm.gate.auditor.sealer.stop()  # as if the process had been killed before it came to it
    crm.run(ACTOR, "team.create", {"name": "left behind"})
    with CRM.open(crm.settings) as other:
        other.run(ACTOR, "team.create", {"name": "next"})
    with crm.engines.system_read.connect() as connection:
        assert connection.execute(select(pending)).all() == []
        assert len(connection.execute(select(links)).all()) == len(connection.execute(select(records)).all())
    assert verified(crm).damages == ()


def test_a_record_that_is_taken_away_before_it_is_chained_is_missed(crm: CRM) -> None:
    """Its writer's count has a hole. (On SQLite there is no such time.)"""
    crm.gate.auditor.sealer.stop()
    for name in ("one", "two", "three"):
        crm.run(ACTOR, "team.create", {"name": name})
    if crm.engines.dialect == "sqlite":
        with crm.engines.system_read.connect() as connection:
            assert connection.execute(select(pending)).all() == []
        return
    with attacking(crm), crm.engines.system_write.begin() as connection:
        middle = connection.execute(
            text("SELECT id FROM crm_audit WHERE operation = 'team.create' ORDER BY counter, id OFFSET 1 LIMIT 1")
        ).scalar_one()
        connection.execute(text("DELETE FROM crm_audit_pending WHERE audit_id = :id"), {"id": middle})
        connection.execute(text("DELETE FROM crm_audit WHERE id = :id"), {"id": middle})
    found = verified(crm)
    assert [damage.kind for damage in found.damages] == ["missed"]


def test_a_record_that_is_kept_from_being_chained_is_found(crm: CRM) -> None:
    crm.gate.auditor.sealer.stop()
    crm.run(ACTOR, "team.create", {"name": "one"})
    with attacking(crm), crm.engines.system_write.begin() as connection:
        connection.execute(text("DELETE FROM crm_audit_pending"))
        connection.execute(text("DELETE FROM crm_audit_chain WHERE seq = (SELECT max(seq) FROM crm_audit_chain)"))
    found = verified(crm)
    assert found.damages != ()
    assert {damage.kind for damage in found.damages} <= {"added", "unchained"}


@pytest.mark.parametrize("count", [999, 1000])
def test_a_checkpoint_is_made_after_a_thousand_records(crm: CRM, count: int) -> None:
    """Bulk: one transaction writes them all, as an operation inside another one does."""
    from crmkit.core.operations.audit_lines import line_of

    with crm.engines.system_read.connect() as connection:
        before = len(connection.execute(select(records.c.id)).all())
    now = crm.clock.now()
    crm.gate.audit([line_of(ACTOR, "test.note", "done", recorded_at=now) for _place in range(count - before)])
    settle(crm)
    with crm.engines.system_read.connect() as connection:
        made = connection.execute(text("SELECT seq FROM crm_audit_checkpoint")).scalars().all()
    assert made == ([1000] if count == 1000 else [])


def test_erasing_what_was_given_leaves_the_log_intact(crm: CRM) -> None:
    fill(crm, 4)
    with crm.engines.system_write.begin() as connection:
        gone = connection.execute(text("DELETE FROM crm_audit_payload")).rowcount
        connection.execute(text("DELETE FROM crm_data_key"))
    found = verified(crm)
    assert (found.damages, found.erased) == ((), gone)
    assert gone > 0
