"""Where checkpoints go: files, the system's log, plugins; and what has been missed is sent again."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from attrs import evolve

from crmkit import CRM, Subscription
from crmkit.errors import ConfigurationError
from crmkit.security.audit.checkpoints import AuditCheckpointed, read_statement
from crmkit.security.audit.sinks import FileSink, SyslogSink, sinks_of
from crmkit.settings import Settings
from tests.security.audit_support import ACTOR, fill


def opened(url: str, sink: str) -> CRM:
    """Open a CRM whose checkpoints go somewhere."""
    return CRM.open(evolve(Settings.from_mapping({"database": url}), audit_sink=sink))


def test_statements_are_appended_to_every_file(crm_url: str, tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "one.jsonl", tmp_path / "other.jsonl"
    with opened(crm_url, f"{one}, {other}") as crm:
        fill(crm, 2)
        first = crm.run(ACTOR, "audit.checkpoint")
        fill_again = crm.run(ACTOR, "team.create", {"name": "one more"})
        second = crm.run(ACTOR, "audit.checkpoint")
        assert fill_again is not None
        for path in (one, other):
            lines = path.read_text("utf-8").splitlines()
            assert [json.loads(line)["seq"] for line in lines] == [first, second]
            assert all(read_statement(crm.vault, line) is not None for line in lines)


def test_what_a_file_has_missed_is_sent_with_the_next(crm_url: str, tmp_path: Path) -> None:
    path = tmp_path / "missed.jsonl"
    with opened(crm_url, "none") as crm:
        fill(crm, 1)
        first = crm.run(ACTOR, "audit.checkpoint")
        assert not path.exists()
    with opened(crm_url, str(path)) as crm:
        second = crm.run(ACTOR, "audit.checkpoint")
        assert [json.loads(line)["seq"] for line in path.read_text("utf-8").splitlines()] == [first, second]


def test_statements_are_sent_to_the_log_of_another_machine(crm_url: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        with opened(crm_url, f"syslog:127.0.0.1:{listener.getsockname()[1]}") as crm:
            place = crm.run(ACTOR, "audit.checkpoint")
        said = listener.recv(65_536).decode().rstrip("\0")
    assert json.loads(said[said.index("{") :])["seq"] == place


def test_plugins_are_told_of_each_checkpoint(crm: CRM) -> None:
    told: list[AuditCheckpointed] = []
    crm.registry.add(
        "crmkit",
        "subscription",
        [
            Subscription(
                name="test.keep",
                event="audit.checkpointed",
                handler=lambda _session, event: told.append(event),
                durable=False,
            )
        ],
    )
    place = crm.run(ACTOR, "audit.checkpoint")
    assert [event.seq for event in told] == [place]
    assert read_statement(crm.vault, told[0].statement) is not None


def test_a_statement_that_was_altered_is_none(crm: CRM) -> None:
    told = crm.run(ACTOR, "audit.checkpoint")
    with crm.engines.system_read.connect() as connection:
        from crmkit.security.audit.checkpoints import statements

        (line,) = statements(connection)
    assert read_statement(crm.vault, line) is not None
    for altered in (line.replace(f'"seq":{told}', f'"seq":{told + 1}'), line[:-3], "{}", "", "[1]", "null"):
        assert read_statement(crm.vault, altered) is None


def test_the_home_and_an_sqlite_file_have_a_file_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "crmkit.toml").write_text("", "utf-8")
    assert sinks_of(Settings.from_home(tmp_path, {})) == (FileSink(tmp_path / "audit" / "checkpoints.jsonl"),)
    beside = Settings.from_mapping({"database": f"sqlite:///{tmp_path}/shop.db"})
    assert sinks_of(beside) == (FileSink(tmp_path / "shop.db-audit" / "checkpoints.jsonl"),)
    assert sinks_of(Settings.from_mapping({"database": "postgresql://nobody@nowhere/x"})) == ()
    assert sinks_of(evolve(beside, audit_sink="syslog")) == (SyslogSink("/dev/log"),)
    with pytest.raises(ConfigurationError, match="audit_sink"):
        sinks_of(evolve(beside, audit_sink="syslog:nowhere"))
