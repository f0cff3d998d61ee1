"""Users, fields, options, jobs, workers, the schema, backups and the doctor on the command line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Crmkit


def test_users_are_listed_with_their_teams(crmkit: Crmkit) -> None:
    """Those who have left are listed on request."""
    anna = crmkit.json("user", "add", "anna", "Anna", "--email", "a@example.com")["result"]["id"]
    bob = crmkit.json("user", "add", "bob", "Bob")["result"]["id"]
    team = crmkit.json("run", "team.create", "name=Sales")["result"]["id"]
    crmkit.ok("run", "team.add_member", f"user_id={anna}", "--target", team)
    crmkit.ok("run", "user.deactivate", "--target", bob)
    assert [(row["login"], row["teams"]) for row in crmkit.json("user", "list")["items"]] == [("anna", ["Sales"])]
    assert [row["login"] for row in crmkit.json("user", "list", "--all")["items"]] == ["anna", "bob"]


def test_fields_are_added_and_retired(crmkit: Crmkit) -> None:
    """A custom field is there at once, and gone when it is retired."""
    crmkit.ok("field", "add", "colour", "--type", "choice", "--option", "red", "--option", "blue", "--title", "Colour")
    (row,) = crmkit.json("field", "list", "--resource", "customer")["items"]
    assert (row["name"], row["options"], row["required"]) == ("colour", ["red", "blue"], False)
    assert crmkit("customer", "add", "name=A", "custom.colour=green").code == 3
    crmkit.ok("customer", "add", "name=A", "custom.colour=red")
    crmkit.ok("field", "retire", "colour")
    assert crmkit.json("field", "list")["items"] == []
    assert [row["active"] for row in crmkit.json("field", "list", "--all")["items"]] == [False]
    assert crmkit("field", "retire", "colour").code == 5


def test_options_are_added_and_retired(crmkit: Crmkit) -> None:
    """A value stands in its list with its title until it is retired."""
    crmkit.ok("option", "add", "source", "fair", "Trade fair")
    assert ("fair", "Trade fair") in [
        (row["value"], row["title"]) for row in crmkit.json("option", "list", "source")["items"]
    ]
    crmkit.ok("option", "retire", "source", "fair")
    assert "fair" not in [row["value"] for row in crmkit.json("option", "list", "source")["items"]]


def test_operations_explain_themselves(crmkit: Crmkit) -> None:
    """Every operation is listed, and shown with what it takes."""
    names = [row["name"] for row in crmkit.json("operation", "list")["items"]]
    assert {"customer.create", "interaction.record", "user.hand_over"} <= set(names)
    assert names == sorted(names)
    shown = crmkit.json("operation", "show", "user.create")
    assert [(item["name"], item["required"]) for item in shown["inputs"][:2]] == [("login", True), ("name", True)]
    assert "login" in crmkit.ok("operation", "show", "user.create").out
    assert all(
        name.startswith("team.") for name in (row["name"] for row in crmkit.json("operation", "list", "team.")["items"])
    )


def test_dead_jobs_are_retried_and_discarded(crmkit: Crmkit) -> None:
    """The dead-letter list is read, and emptied by trying again or discarding."""
    from crmkit.app import CRM
    from crmkit.core.operations.tables import JobRecord
    from crmkit.core.store.clock import system_now
    from crmkit.core.store.ids import new_id

    with CRM.open(crmkit.home) as crm, crm.engines.system_write.begin() as connection:
        for number in (1, 2):
            row = {"name": f"test.{number}", "state": "dead", "error": "KeyError (a.py:1)"}
            known = {column.key for column in JobRecord.__table__.c}
            filled = {
                "id": new_id(), "version": 1, "run_at": system_now(), "created_at": system_now(),
                "updated_at": system_now(), "attempts": 12, "max_attempts": 12, "arguments": None, "actor_id": "system",
                "token": 0, "lease": 60, "depth": 0, **row,
            }  # fmt: skip
            connection.execute(JobRecord.__table__.insert().values({k: v for k, v in filled.items() if k in known}))
    first, second = crmkit.json("job", "list", "--state", "dead")["items"]
    crmkit.ok("job", "retry", first["id"])
    assert crmkit.json("job", "discard", second["id"]) == {"id": second["id"], "done": True}
    assert [(row["name"], row["state"]) for row in crmkit.json("job", "list")["items"]] == [("test.1", "queued")]
    assert crmkit("job", "retry", first["id"]).code == 6


def test_a_worker_carries_out_what_is_due_and_ends(crmkit: Crmkit) -> None:
    """``--once`` says how many jobs ended how."""
    done = crmkit("worker", "--once", "--json")
    assert (done.code, done.json["dead"], done.json["lost"]) == (0, 0, 0)


def test_a_worker_ends_on_a_signal(crmkit: Crmkit) -> None:
    """SIGTERM lets a worker end by itself, with its tally and exit code 0."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "crmkit", "worker"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "CRMKIT_HOME": str(crmkit.home), "LC_ALL": "C.UTF-8"},
    )
    assert process.stdout is not None
    assert "waits for jobs" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, "done" in out) == (0, True), err


def test_the_schema_is_checked_and_current(crmkit: Crmkit) -> None:
    """A fresh installation is what the models say, and has nothing to be upgraded."""
    found = crmkit.json("db", "check")
    assert (found["ok"], [row["name"] for row in found["items"]]) == (True, ["crmkit"])
    assert crmkit.json("db", "upgrade") == {"items": [], "next": None, "ok": True}
    crmkit.ok("db", "revision", "crmkit")


def test_a_difference_fails_the_check(crmkit: Crmkit) -> None:
    """A table that is not as declared is named, and the exit code is 7."""
    import sqlite3

    with sqlite3.connect(crmkit.home / "data" / "crmkit.db") as connection:
        connection.execute("ALTER TABLE crm_team ADD COLUMN surplus INTEGER")
    connection.close()
    done = crmkit("db", "check")
    assert (done.code, "surplus" in done.out) == (7, True)


def test_a_backup_comes_back(crmkit: Crmkit, tmp_path: Path) -> None:
    """What was there at the time of the backup is there after restoring it, and nothing else."""
    crmkit.ok("user", "add", "anna", "Anna")
    made = crmkit.json("backup", "--to", str(tmp_path / "saved"))
    assert (made["proved"], made["rows"] > 0) == (True, True)
    crmkit.ok("user", "add", "bob", "Bob")
    assert crmkit("restore", str(tmp_path / "saved")).code == 7
    assert crmkit("restore", str(tmp_path / "saved"), "--force").code == 2
    assert crmkit.json("restore", str(tmp_path / "saved"), "--force", "--yes")["restored"] is True
    assert [row["login"] for row in crmkit.json("user", "list")["items"]] == ["anna"]


def test_a_backup_goes_into_the_installation_by_default(crmkit: Crmkit) -> None:
    """Without a folder it is made in one named after the time."""
    folder = Path(crmkit.json("backup")["folder"])
    assert (folder.parent, (folder / "manifest.json").is_file()) == (crmkit.home / "backups", True)


def test_a_new_installation_takes_a_backup(crmkit: Crmkit, tmp_path: Path) -> None:
    """An installation whose data were lost is restored without being asked."""
    crmkit.ok("user", "add", "anna", "Anna")
    crmkit.ok("backup", "--to", str(tmp_path / "saved"))
    shutil.rmtree(crmkit.home / "data")
    (crmkit.home / "data").mkdir()
    crmkit.ok("restore", str(tmp_path / "saved"))
    assert [row["login"] for row in crmkit.json("user", "list")["items"]] == ["anna"]


def test_the_doctor_finds_a_sound_installation(crmkit: Crmkit) -> None:
    """A fresh installation has no errors."""
    found = crmkit.json("doctor")
    assert (found["ok"], "error" in {row["level"] for row in found["items"]}) == (True, False)
    assert "ok" in crmkit.ok("doctor").out


def test_the_doctor_fails_on_an_error(crmkit: Crmkit) -> None:
    """An installation that cannot be opened is a finding, and the exit code is 7."""
    (crmkit.home / "data" / "crmkit.db").write_bytes(b"no database at all " * 100)
    done = crmkit("doctor", "--json")
    assert (done.code, done.json["ok"]) == (7, False)
    assert crmkit("doctor").code == 7
