"""The audit log on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from crmkit import CRM, Actor, Refused
from crmkit.security.audit.listing import audit_list
from crmkit.security.audit.reports import report_reveals
from crmkit.security.audit.verify import audit_verify
from tests.cli.conftest import Crmkit


def test_the_log_is_listed_by_what_whom_and_how_it_ended(crmkit: Crmkit) -> None:
    """A page at a time, the newest first."""
    ada = crmkit.json("customer", "add", "name=Ada")["result"]["id"]
    crmkit.json("customer", "add", "name=Mary")
    assert crmkit("run", "customer.restore", "--target", ada).code == 6
    about = crmkit.json("audit", "list", "--customer", ada)["items"]
    assert [(row["operation"], row["outcome"]) for row in about] == [
        ("customer.restore", "failed"),
        ("customer.create", "done"),
    ]
    assert {row["actor"] for row in about} == {"system"}
    assert [row["outcome"] for row in crmkit.json("audit", "list", "--outcome", "failed")["items"]] == ["failed"]
    first = crmkit.json("audit", "list", "--operation", "customer.*", "--limit", "2")
    second = crmkit.json("audit", "list", "--operation", "customer.*", "--limit", "2", "--after", first["next"])
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert crmkit.json("audit", "list", "--until", "2020-01-01")["items"] == []
    assert crmkit("audit", "list", "--customer", "Ada").code == 3


def test_looking_is_itself_listed(crmkit: Crmkit) -> None:
    crmkit.ok("audit", "list", "--actor", "system")
    (row,) = crmkit.json("audit", "list", "--operation", "audit.list")["items"]
    assert (row["details"]["actor"], row["outcome"]) == ("system", "done")


def test_a_log_that_is_as_it_was_written_is_said_to_be(crmkit: Crmkit) -> None:
    crmkit.ok("customer", "add", "name=Ada")
    found = crmkit.json("audit", "verify")
    assert (found["intact"], found["damages"]) == (True, [])
    assert crmkit.json("audit", "verify", "--incremental")["first"] == found["last"] + 1
    said = crmkit("audit", "verify")
    assert (said.code, "as it was written" in said.out, "no checkpoint yet" in said.err) == (0, True, True)


def test_a_log_that_was_tampered_with_ends_with_an_exit_code_of_its_own(crmkit: Crmkit) -> None:
    """The record is named."""
    import sqlite3

    crmkit.ok("customer", "add", "name=Ada")
    with sqlite3.connect(crmkit.home / "data" / "crmkit.db") as connection:
        connection.execute("DROP TRIGGER crm_audit_append_only")
        connection.execute("UPDATE crm_audit SET actor_id = 'host:me' WHERE operation = 'customer.create'")
    found = crmkit("--json", "audit", "verify")
    assert found.code == 9
    assert [damage["kind"] for damage in json.loads(found.out)["damages"]] == ["altered"]
    shown = crmkit("audit", "verify")
    assert shown.code == 9
    assert "The record was altered." in shown.out


def test_a_checkpoint_is_kept_in_the_home_and_compared(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.ok("customer", "add", "name=Ada")
    made = crmkit.json("audit", "checkpoint")
    path = crmkit.home / "audit" / "checkpoints.jsonl"
    assert made["files"] == [str(path)]
    (line,) = path.read_text("utf-8").splitlines()
    assert json.loads(line)["seq"] == made["seq"]
    assert path.stat().st_mode & 0o077 == 0
    elsewhere = tmp_path / "elsewhere.jsonl"
    elsewhere.write_text(line, "utf-8")
    assert crmkit.json("audit", "verify", "--checkpoints", str(elsewhere))["intact"] is True
    other = tmp_path / "other.jsonl"
    other.write_text(line.replace('"count":', '"count":9'), "utf-8")
    assert crmkit("audit", "verify", "--checkpoints", str(other)).code == 3


def test_reports_say_who_saw_a_customer_and_who_administers(crmkit: Crmkit) -> None:
    ada = crmkit.json("customer", "add", "name=Ada")["result"]["id"]
    crmkit.json("user", "add", "anna", "Anna")
    (row,) = crmkit.json("audit", "report", "seen", ada)["items"]
    assert (row["operation"], row["kind"], row["times"]) == ("customer.create", "changed", 1)
    operations = [row["operation"] for row in crmkit.json("audit", "report", "privileges")["items"]]
    assert "user.create" in operations
    for name in ("sign-ins", "admins", "reveals", "exports"):
        assert crmkit.json("audit", "report", name)["items"] == []
    listed = crmkit.json("audit", "list", "--operation", "audit.report_*")["items"]
    assert len(listed) == 6


def test_somebody_without_the_right_sees_nothing_of_the_log(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that it was tried is in it."""
    monkeypatch.delenv("CRMKIT_KEYS", raising=False)
    anna = Actor.user(UUID(crmkit.json("user", "add", "anna", "Anna")["result"]["id"]))
    with CRM.open(crmkit.home) as crm:
        for look in (audit_list, report_reveals):
            with crm.session(anna) as session, pytest.raises(Refused):
                look(session)
        with pytest.raises(Refused):
            audit_verify(crm, anna)
    refused = crmkit.json("audit", "list", "--actor", "anna", "--outcome", "refused")["items"]
    assert [row["operation"] for row in refused] == ["audit.verify", "audit.report_reveals", "audit.list"]


def test_a_reveal_counts_once(crmkit: Crmkit) -> None:
    """The operation and what it notes are two records of the log and one reveal; the reason is kept."""
    ada, mary = (
        crmkit.json("customer", "add", f"name={name}", f"email={name}@example.com")["result"]["id"]
        for name in ("Ada", "Mary")
    )
    for customer in (ada, ada, mary):
        crmkit.ok("customer", "show", customer, "--reveal", "--reason", "called back")
    (row,) = crmkit.json("audit", "report", "reveals")["items"]
    assert (row["operation"], row["times"], row["customers"]) == ("customer.reveal", 3, 2)


def test_a_reveal_that_is_only_noted_counts(crmkit: Crmkit, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is revealed by another door than the operation is in the report as well."""
    ada = UUID(crmkit.json("customer", "add", "name=Ada")["result"]["id"])
    monkeypatch.delenv("CRMKIT_KEYS")
    with CRM.open(crmkit.home) as crm, crm.session(Actor.system("tests")) as session:
        session.note("reveal", resource="customer", subjects=[ada], reason="called back")
    (row,) = crmkit.json("audit", "report", "reveals")["items"]
    assert (row["operation"], row["times"], row["customers"]) == ("customer.reveal", 1, 1)
