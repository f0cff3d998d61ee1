"""Imports that are killed go on: nothing is lost and nothing comes twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer, CustomerIdentifier
from crmkit.core.interactions.models import Interaction, PurchaseLine
from crmkit.errors import ImportConflict
from crmkit.exchange.api import ImportOptions, list_imports, plan_import, run_import
from crmkit.exchange.tables import ImportRow, ImportRun
from tests.conftest import Scale
from tests.exchange.importing import ACTOR, count, figures, rows_of, write_rows

CHILD = textwrap.dedent("""
    import sys
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.exchange import importer
    from crmkit.exchange.api import ImportOptions, plan_import, run_import
    url, path, resource, batch = sys.argv[1:5]
    importer.BATCH = int(batch)
    actor = Actor.system("testing imports")
    with CRM.open(url) as crm:
        plan = plan_import(crm, path, ImportOptions(resource=resource, create_customers=True, currency="EUR"))
        print("ready", flush=True)

        def told(progress):
            if sys.argv[5:] == ["hold"]:
                print("at work", flush=True)
                sys.stdin.readline()

        if plan.imported is None or plan.resumes is not None:  # a kill may come between the end and saying so
            run_import(crm, actor, plan, told)
        print("done", flush=True)
""")
ROOT = Path(__file__).parents[2]


def run_and_kill(url: str, path: Path, resource: str, batch: int, after: float | None) -> bool:
    """Run an import in a process of its own, kill it after some seconds, and say whether it had ended by itself."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(path), resource, str(batch)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "ready\n"
        if after is None:
            assert child.stdout.readline() == "done\n"
            return child.wait() == 0
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        ended = "done" in child.stdout.read()
        child.wait()
        return ended


def test_killed_customer_imports_lose_and_repeat_nothing(crm_url: str, tmp_path: Path, scale: Scale) -> None:
    """An import that is killed at random points ends with every good row once and every bad row once in the file."""
    kills, rows = scale(small=3, full=50), scale(small=1500, full=30000)
    batch = scale(small=40, full=100)
    table = [(f"C{n}", f"Name {n}", f"c{n}@example.com" if n % 7 else f"wrong{n}@") for n in range(rows)]
    path = write_rows(tmp_path / "many.csv", ["id", "name", "email"], table)
    chance = random.Random(7)
    for _kill in range(kills):
        if run_and_kill(crm_url, path, "customers", batch, chance.uniform(0.0, 0.5)):
            break
    else:
        run_and_kill(crm_url, path, "customers", batch, None)
    good = {id_ for id_, _name, email in table if not email.endswith("@")}
    bad = [id_ for id_, _name, email in table if email.endswith("@")]
    with CRM.open(crm_url) as crm:
        with crm.session(ACTOR) as session:
            known = list(session.scalars(select(CustomerIdentifier.external_id)))
            run = session.scalars(select(ImportRun)).one()
        assert sorted(known) == sorted(good)
        assert count(crm) == len(good)
        assert count(crm, ImportRow) == rows
        assert (run.state, run.rows_read, run.created, run.rejected) == ("done", rows, len(good), len(bad))
        assert run.rejected_file is not None
        assert [row["id"] for row in rows_of(Path(run.rejected_file))] == bad


def test_killed_purchase_imports_lose_and_repeat_nothing(crm_url: str, tmp_path: Path, scale: Scale) -> None:
    """Invoices whose rows are scattered over the file come out whole, each once, however often it is killed."""
    kills, invoices = scale(small=2, full=50), scale(small=300, full=6000)
    table = [
        (f"I{n}", f"2024-01-01T00:{n % 60:02d}:00Z", f"K{n % 50}", f"S{n % 20}", 2, "1.50")
        for _line in range(3)
        for n in range(invoices)
    ]
    path = write_rows(
        tmp_path / "many.csv", ["invoice", "occurred_at", "customer", "sku", "quantity", "unit_price"], table
    )
    chance = random.Random(11)
    for _kill in range(kills):
        if run_and_kill(crm_url, path, "purchases", 20, chance.uniform(0.0, 0.6)):
            break
    else:
        run_and_kill(crm_url, path, "purchases", 20, None)
    with CRM.open(crm_url) as crm:
        with crm.session(ACTOR) as session:
            recorded = session.execute(select(Interaction.external_id, Interaction.amount_minor)).all()
        assert sorted(recorded) == sorted((f"I{n}", 900) for n in range(invoices))
        assert count(crm, PurchaseLine) == 3 * invoices
        assert count(crm, Customer) == 50


def test_going_on_asks_for_the_same_options(crm: CRM, tmp_path: Path) -> None:
    """An interrupted import does not go on with other options, and begins anew when that is wanted."""
    path = write_rows(tmp_path / "few.csv", ["id", "name"], [(n, f"Name {n}") for n in range(10)])
    interrupt(crm, path)
    plan = plan_import(crm, path, ImportOptions(source="other"))
    assert plan.resumes is not None
    with pytest.raises(ImportConflict, match="other options"):
        run_import(crm, ACTOR, plan)
    report = run_import(crm, ACTOR, plan_import(crm, path, ImportOptions(source="other", fresh=True)))
    assert figures(report) == (10, 10, 0, 0, 0)
    assert [info.state for info in list_imports(crm, ACTOR)] == ["done", "abandoned"]


def test_an_interrupted_import_goes_on_and_reports_all(crm: CRM, tmp_path: Path) -> None:
    """The report of an import that went on counts what was done before, too."""
    path = write_rows(tmp_path / "few.csv", ["id", "name"], [(n, f"Name {n}") for n in range(10)])
    interrupt(crm, path)
    assert count(crm) == 4
    report = run_import(crm, ACTOR, plan_import(crm, path))
    assert (report.resumed, *figures(report)) == (True, 10, 10, 0, 0, 0)


def interrupt(crm: CRM, path: Path) -> None:
    """Import the first four rows of a file and stop there."""
    from crmkit.exchange import importer

    class Stop(Exception):
        pass

    def stop(progress: object) -> None:
        raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importer, "BATCH", 4)
        with pytest.raises(Stop):
            run_import(crm, ACTOR, plan_import(crm, path), stop)


def test_two_processes_do_not_import_one_file_at_once(crm_url: str, tmp_path: Path) -> None:
    """While a process is at work on an import, another one is refused."""
    path = write_rows(tmp_path / "many.csv", ["id", "name"], [(n, f"Name {n}") for n in range(40)])
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, crm_url, str(path), "customers", "20", "hold"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    try:
        assert child.stdout is not None
        assert [child.stdout.readline(), child.stdout.readline()] == ["ready\n", "at work\n"]
        with CRM.open(crm_url) as crm:
            plan = plan_import(crm, path, ImportOptions(resource="customers", create_customers=True, currency="EUR"))
            with pytest.raises(ImportConflict, match="at work"):
                run_import(crm, ACTOR, plan)
    finally:
        child.kill()
        child.communicate()


def test_of_two_imports_of_one_file_that_were_planned_together_one_is_refused(crm: CRM, tmp_path: Path) -> None:
    """An import that has begun since a file was looked at is no reason to import it twice."""
    path = write_rows(tmp_path / "few.csv", ["name"], [(f"Name {n}",) for n in range(10)])
    plan = plan_import(crm, path)
    interrupt(crm, path)
    with pytest.raises(ImportConflict, match="begun"):
        run_import(crm, ACTOR, plan)
    assert (4, 1) == (count(crm), count(crm, ImportRun))
    assert ["few.csv", "few.rejected.csv"] == sorted(file.name for file in tmp_path.glob("few*"))


def test_imports_at_the_same_time_add_nobody_twice(crm: CRM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files of the same people, imported at once in opposite order, end with every one of them once."""
    from crmkit.exchange import importer

    monkeypatch.setattr(importer, "BATCH", 20)
    people = [(f"C{n}" if n % 2 else "", f"Name {n}", f"n{n}@example.com") for n in range(160)]
    plans = [
        plan_import(crm, write_rows(tmp_path / f"{name}.csv", ["id", "name", "email"], rows))
        for name, rows in (("there", people), ("back", people[::-1]))
    ]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda plan: run_import(crm, ACTOR, plan), plans))
    assert (160, 160) == (count(crm), sum(report.created for report in reports))
    assert (160, 0) == (sum(report.duplicates for report in reports), sum(report.rejected for report in reports))


def test_a_file_that_grows_after_it_was_looked_at_is_not_imported(crm: CRM, tmp_path: Path) -> None:
    """What is imported is what was planned; a file that somebody still writes is refused before anything is written."""
    path = write_rows(tmp_path / "few.csv", ["name"], [("Ann",)])
    plan = plan_import(crm, path)
    with path.open("a") as file:
        file.write("Ben\n")
    with pytest.raises(ImportConflict, match="changed"):
        run_import(crm, ACTOR, plan)
    assert (0, 0) == (count(crm), count(crm, ImportRun))


def test_files_of_rejected_rows_never_replace_another_file(crm: CRM, tmp_path: Path) -> None:
    """An import whose rejected rows are to go to a file that is there is refused before anything is written."""
    path = write_rows(tmp_path / "people.csv", ["name", "email"], [("Ann", "ann@"), ("Ben", "ben@example.com")])
    before = path.read_bytes()
    with pytest.raises(ImportConflict, match="already"):
        run_import(crm, ACTOR, plan_import(crm, path, ImportOptions(reject_file=path)))
    assert (before, 0, 0) == (path.read_bytes(), count(crm), count(crm, ImportRun))


def test_going_on_never_removes_the_rejected_rows_of_another_import(crm: CRM, tmp_path: Path) -> None:
    """Files of the same stem that are imported at the same time have files of rejected rows of their own."""
    rows = [(n, f"Name {n}", f"n{n}@") for n in range(10)]
    good = [(f"G{n}", f"Good {n}", "") for n in range(4)]
    first = write_rows(tmp_path / "people.csv", ["id", "name", "email"], good + rows)
    second = write_rows(tmp_path / "people.txt", ["id", "name", "email"], rows)
    interrupt(crm, first)
    other = run_import(crm, ACTOR, plan_import(crm, second))
    report = run_import(crm, ACTOR, plan_import(crm, first))
    assert other.rejected_file is not None
    assert report.rejected_file is not None
    assert (10, 10) == (len(rows_of(other.rejected_file)), len(rows_of(report.rejected_file)))
    assert other.rejected_file != report.rejected_file
