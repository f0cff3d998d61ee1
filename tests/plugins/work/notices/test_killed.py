"""A worker that is killed while a carrier has a message: nobody gets it twice, and none is lost unseen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_work.notices.models import NoticeDelivery
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.operations.tables import JobRecord
from tests.conftest import Scale, Templates
from tests.plugins.work.staff import SYSTEM, carrier, person, sent, tell, work

WORKER = """
import sys, threading
sys.path.insert(0, sys.argv[2])
from crmkit.app import CRM
from crmkit.core.operations import worker
from crmkit.manifest import PluginManifest

manifest = PluginManifest(name="carrier", title="Carrier", version="1.0", api="1.0", module="crmkit_carrier.plugin")
worker.APART = 1
with CRM.open(sys.argv[1], plugins=[manifest]) as crm:
    crm.worker().run(threading.Event())
"""


def test_nobody_gets_a_notice_twice_after_a_kill(
    templates: Templates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scale: Scale
) -> None:
    """What was being sent is perhaps sent from then on, and stays so; what waited is sent once."""
    manifest = carrier(tmp_path, monkeypatch)
    url = templates.copy("sqlite", tmp_path)
    rounds = scale(small=2, full=20)
    with CRM.open(url, plugins=[manifest]) as crm:
        crm.enable("work")
        crm.enable("carrier")
        sam = person(crm, "sam", email="sam@example.com")
        crm.run(sam, "work.notice.choose", {"choices": [{"kind": "*", "channel": "email", "wanted": "now"}]})
        for number in range(rounds + 2):
            crm.run(SYSTEM, "work.notice.send", {"user_id": sam.user_id, "title": f"No {number}"})
        for each in range(rounds):
            tell(tmp_path, "hang")
            _kill_when_sending(url, tmp_path, each + 1)
            tell(tmp_path, "")
            _let_time_pass(crm)
            with crm.session(SYSTEM) as session:
                states = Counter(session.scalars(select(NoticeDelivery.state)))
            assert states["sending"] == 1
            crm.run(SYSTEM, "work.notice.sweep")
        work(crm)
        with crm.session(SYSTEM) as session:
            states = Counter(session.scalars(select(NoticeDelivery.state)))
    assert states == {"uncertain": rounds, "sent": 2}
    assert Counter(Counter(each["id"] for each in sent(tmp_path)).values()) == {1: rounds + 2}


def _kill_when_sending(url: str, tmp_path: Path, expected: int) -> None:
    """Run a worker until its carrier has got a message, and kill it there."""
    command = [sys.executable, "-c", WORKER, url, str(tmp_path / "carrier")]
    process = subprocess.Popen(command, env={**os.environ, "CARRIER_FOLDER": str(tmp_path / "sent")})
    try:
        until = time.monotonic() + 60
        while len(sent(tmp_path)) < expected:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _let_time_pass(crm: CRM) -> None:
    """Let the leases of the killed worker run out, and what it began be long ago."""
    jobs: Any = JobRecord.__table__
    deliveries: Any = NoticeDelivery.__table__
    past = datetime.now(UTC) - timedelta(minutes=20)
    with crm.engines.system_write.begin() as connection:
        connection.execute(jobs.update().where(jobs.c.state == "running").values(lease_until=past))
        connection.execute(deliveries.update().where(deliveries.c.state == "sending").values(started_at=past))
