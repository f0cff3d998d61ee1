"""Mailboxes are read by IMAP, from a real server: nothing is lost, nothing is there twice, and nothing is changed."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crmkit_messaging.receiving import fetching
from crmkit_messaging.receiving.models import MailboxPlace, StuckMail
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.interactions.models import Interaction
from crmkit.settings import Settings
from tests.plugins.messaging.receiving.conftest import OPTIONS, SYSTEM, Office
from tests.plugins.messaging.receiving.samples import mail
from tests.plugins.messaging.receiving.servers import PASSWORD, USER, ImapServer, imap_server

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    """A server for the tests of this module, each of which has a folder of its own."""
    with imap_server() as found:
        yield found


@pytest.fixture
def folder(server: ImapServer) -> str:
    """A new folder."""
    name = f"Folder {next(_numbers)}"
    server.make(f'"{name}"')
    return name


def account(server: ImapServer, folder: str, **values: Any) -> dict[str, Any]:
    """Return the settings by which a mailbox is read."""
    given = {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_security": "none",
        "imap_user": USER,
        "imap_password": PASSWORD,
        "imap_folder": folder,
    }
    return {**given, **values}


def numbered(*numbers: int) -> list[bytes]:
    """Return mails that differ."""
    return [mail(f"text {each}", subject=f"Mail {each}", message_id=f"<{each}@customer.example>") for each in numbers]


def subjects(office: Office) -> list[str]:
    """Return the subjects of the mails that are there, in their order."""
    with office.crm.session(SYSTEM) as session:
        return [str(each.subject) for each in session.scalars(select(Interaction).order_by(Interaction.id))]


def place(office: Office) -> MailboxPlace:
    """Return how far the mailbox was read."""
    with office.crm.session(SYSTEM) as session:
        return session.scalars(select(MailboxPlace)).one()


def test_new_mails_are_taken_in_by_a_job(office: Office, server: ImapServer, folder: str) -> None:
    """In their order, each once; on the server nothing is marked as read."""
    office.mailbox("read", **account(server, folder))
    server.put(f'"{folder}"', *numbered(1, 2))
    assert office.crm.run(SYSTEM, "messaging.mailbox.fetch") == 1
    office.work()
    assert subjects(office) == ["Mail 1", "Mail 2"]
    server.put(f'"{folder}"', *numbered(3))
    fetching.fetch_all(office.crm, SYSTEM, datetime.now(UTC))
    fetching.fetch_mailbox(office.crm, SYSTEM, "read")
    assert subjects(office) == ["Mail 1", "Mail 2", "Mail 3"]
    assert server.unseen(f'"{folder}"') == 3
    assert place(office).error is None


def test_another_uid_validity_reads_anew_and_keeps_nothing_twice(lite: Office, server: ImapServer, folder: str) -> None:
    """The folder was made anew on the server, with an old mail and a new one."""
    lite.mailbox("read", **account(server, folder))
    server.put(f'"{folder}"', *numbered(1, 2, 3))
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    before = place(lite)
    server.remove(f'"{folder}"')
    server.make(f'"{folder}"')
    server.put(f'"{folder}"', *numbered(2, 4))
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    after = place(lite)
    assert subjects(lite) == ["Mail 1", "Mail 2", "Mail 3", "Mail 4"]
    assert before.uid_validity != after.uid_validity


def test_mails_that_are_gone_meanwhile_are_passed_over(lite: Office, server: ImapServer, folder: str) -> None:
    """Gaps in the numbers are nothing special."""
    lite.mailbox("read", **account(server, folder))
    server.put(f'"{folder}"', *numbered(1, 2, 3))
    server.delete(f'"{folder}"', 2)
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    assert subjects(lite) == ["Mail 1", "Mail 3"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"imap_password": "wrong"}, "sign in"),
        ({"imap_folder": "No such"}, "no such folder"),
        ({"imap_port": 1}, "connect"),
        ({"imap_user": "x\r\nDELETE INBOX"}, "unusable"),
    ],
)
def test_what_goes_wrong_is_kept_with_the_place(
    lite: Office, server: ImapServer, folder: str, values: dict[str, Any], expected: str
) -> None:
    """And the password is in no error."""
    lite.mailbox("read", **account(server, folder, **values))
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    found = place(lite)
    assert expected in (found.error or "")
    assert PASSWORD not in (found.error or "")
    assert (found.failures, found.failing_since is not None) == (1, True)


def test_a_server_in_the_own_network_is_not_called_unless_it_is_said(lite: Office, server: ImapServer) -> None:
    """Nor is a password sent without encryption."""
    lite.mailbox("read", **account(server, "INBOX", imap_security="tls"), private=False)
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    assert "network" in (place(lite).error or "")


def test_a_mail_that_cannot_be_taken_in_stops_no_other(
    lite: Office, server: ImapServer, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again some times, then waits for a person, and is there once it can be."""
    lite.mailbox("read", **account(server, folder))
    server.put(f'"{folder}"', *numbered(1, 2, 3))
    true = fetching.parse_mail

    def failing(raw: bytes, **given: Any) -> Any:
        if b"text 2" in raw:
            raise RuntimeError("a mistake")
        return true(raw, **given)

    with monkeypatch.context() as broken:
        broken.setattr(fetching, "parse_mail", failing)
        broken.setattr(fetching, "ATTEMPTS", 2)
        for _time in range(3):
            fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    assert subjects(lite) == ["Mail 1", "Mail 3"]
    with lite.crm.session(SYSTEM) as session:
        stuck = session.scalars(select(StuckMail)).one()
    assert (stuck.attempts, stuck.error, stuck.state) == (2, "RuntimeError", "open")
    lite.crm.run(SYSTEM, "messaging.stuck.retry", {}, target=stuck.id)
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    assert subjects(lite) == ["Mail 1", "Mail 3", "Mail 2"]
    assert lite.count(StuckMail, StuckMail.state == "open") == 0


def _read_until_killed(url: str, files: str) -> None:
    """Read for as long as the process lives."""
    with CRM.open(Settings(database=url, options=OPTIONS, files=Path(files))) as crm:
        while True:
            fetching.fetch_mailbox(crm, SYSTEM, "read")


def test_nothing_is_lost_or_doubled_under_kills(lite: Office, server: ImapServer, folder: str, tmp_path: Path) -> None:
    """A process that reads is killed at random places while mails come in; in the end each is there once."""
    lite.mailbox("read", **account(server, folder))
    source = random.Random(7)
    context = multiprocessing.get_context("fork")
    url = lite.crm.engines.system_read.url.render_as_string(hide_password=False)
    number = itertools.count()
    for _kill in range(8):
        process = context.Process(target=_read_until_killed, args=(url, str(tmp_path / "files")), daemon=True)
        process.start()
        server.put(f'"{folder}"', *numbered(*itertools.islice(number, 6)))
        time.sleep(source.uniform(0.1, 2.5))
        assert process.pid is not None
        os.kill(process.pid, 9)
        process.join()
    fetching.fetch_mailbox(lite.crm, SYSTEM, "read")
    assert sorted(subjects(lite), key=lambda each: int(each[5:])) == [f"Mail {each}" for each in range(48)]
