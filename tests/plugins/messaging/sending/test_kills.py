"""Workers that are killed while they send: nobody gets a message twice, and none is lost without anybody's knowing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from crmkit_messaging.sending.dispatching import dispatch
from crmkit_messaging.sending.models import OutgoingMessage
from sqlalchemy import func, select

from crmkit import Interaction
from crmkit.app import CRM
from crmkit.settings import Settings
from tests.conftest import ENGINES, Scale, Templates
from tests.plugins.messaging.sending.conftest import SYSTEM, fill

OPTIONS: dict[str, Any] = {"messaging": {"sending_lease": 1, "sender_check": "off"}}
SCRIPT = "tests.plugins.messaging.sending.killing"


@contextmanager
def server(log: Path) -> Iterator[int]:
    """Serve SMTP in another process; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    given = [sys.executable, "-m", SCRIPT, "serve", str(port), str(log)]
    process = subprocess.Popen(given, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield port
    finally:
        process.kill()
        process.communicate()


def prepared(crm: CRM, port: int, number: int) -> None:
    """Set up the mailbox, and have so many messages wait, each to somebody else."""
    mailbox = {"name": "shop", "address": "shop@example.org", "private": True}
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    crm.run(SYSTEM, "messaging.mailbox.create", {**mailbox, **smtp})
    people = [
        {"name": f"C{each}", "contact_points": [{"kind": "email", "value": f"c{each}@example.net"}]}
        for each in range(number)
    ]
    ids = [outcome.result for outcome in crm.run_many(SYSTEM, "customer.create", people)]
    messages = [
        {
            "customer_id": each,
            "purpose": "service",
            "channel": "email",
            "subject": "Your order",
            "body": "It is on its way.",
            "urgent": True,
            "key": str(each),
        }
        for each in ids
    ]
    assert all(outcome.ok for outcome in crm.run_many(SYSTEM, "messaging.send", messages))


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_gets_anything_twice(engine: str, templates: Templates, tmp_path: Path, scale: Scale) -> None:
    """Workers are killed mid-send, again and again, while a real server takes what they hand over. Each message arrives
    once at the most; in the end each is sent, or known to be uncertain; what arrived is known to have, or uncertain.
    """
    kills = scale(small=6, full=50)
    number, log = kills * 8, tmp_path / "taken"
    url, _nothing = templates.copy_filled(engine, tmp_path, fill)
    settings = Settings(database=url, options=OPTIONS)
    with server(log) as port:
        with CRM.open(settings) as crm:
            prepared(crm, port, number)
        given = [sys.executable, "-m", SCRIPT, "kill", url, json.dumps(OPTIONS), str(kills), str(log)]
        killed = subprocess.run(given, capture_output=True, text=True, timeout=240, check=True)
        assert int(killed.stdout) == kills
        with CRM.open(settings) as crm:
            began = states(crm)
            time.sleep(1.1)
            crm.run(SYSTEM, "messaging.message.tidy")
            # What still waits leaves as ever.
            dispatch(crm, crm.system("a test"), "email")
            ended = states(crm)
            sent = messages(crm, "sent")
            uncertain = messages(crm, "uncertain")
            recorded = interactions(crm)
    taken = [line.partition("\t")[0] for line in log.read_text("utf-8").splitlines()]
    assert len(taken) == len(set(taken))
    assert set(ended) <= {"sent", "uncertain"}
    assert sum(ended.values()) == sum(began.values()) == number
    assert set(sent) <= set(taken) <= set(sent) | set(uncertain)
    assert sorted(recorded) == sorted(sent)
    assert sent, killed.stderr


def states(crm: CRM) -> dict[str, int]:
    """Return how many messages are in which state."""
    with crm.session(SYSTEM) as session:
        query = select(OutgoingMessage.state, func.count()).group_by(OutgoingMessage.state)
        return dict(session.execute(query).all())


def messages(crm: CRM, state: str) -> list[str]:
    """Return the Message-IDs of the messages in a state."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(OutgoingMessage.message_id).where(OutgoingMessage.state == state)))


def interactions(crm: CRM) -> list[str]:
    """Return the Message-IDs of the mails that were recorded as sent."""
    with crm.session(SYSTEM) as session:
        found = session.scalars(select(Interaction).where(Interaction.kind == "email"))
        return [each.payload["message_id"] for each in found]
