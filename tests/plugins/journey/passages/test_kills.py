"""Processes in which flows go on are killed at any moment, two at a time: what a node does happens exactly once."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

from crmkit_journey.passages.models import Passage
from crmkit_journey.passages.replaying import replay
from crmkit_work.api import Task
from sqlalchemy import func, select

from crmkit import Interaction
from crmkit.app import CRM
from tests.conftest import Scale

FLOW = {
    "entry": {"on": "call"},
    "start": "ask",
    "nodes": {
        "ask": {"type": "task", "task": "Ask", "next": "note"},
        "note": {"type": "do", "operation": "interaction.record", "inputs": {"kind": "'note'"}, "next": "z"},
        "z": {"type": "exit"},
    },
}


def begin(url: str) -> subprocess.Popen[str]:
    """Begin a process in which flows go on."""
    command = [sys.executable, "-m", "tests.plugins.journey.passages.going", url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process without any warning."""
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


@contextlib.contextmanager
def killed_at_last(processes: list[subprocess.Popen[str]]) -> Iterator[None]:
    """Kill whatever still runs at the end."""
    try:
        yield
    finally:
        for each in processes:
            if each.returncode is None:
                kill(each)


def test_each_act_happens_exactly_once_whatever_is_killed(crm: CRM, crm_url: str, scale: Scale) -> None:
    chance = random.Random(5)
    for plugin in ("work", "journey"):
        crm.enable(plugin)
    system = crm.system("a test")
    flow = crm.run(system, "journey.flow.create", {"name": "killed", "document": FLOW}).id
    crm.run(system, "journey.flow.publish", {}, target=flow)
    customers = [
        crm.run(system, "customer.create", {"name": f"C{number}"}).id for number in range(scale(small=60, full=1000))
    ]
    for each in customers:
        crm.run(system, "journey.passage.enter", {"flow": "killed", "customer_id": each})

    def left() -> int:
        with crm.session(system) as session:
            return session.scalar(select(func.count(Passage.id)).where(Passage.status != "ended")) or 0

    processes: list[subprocess.Popen[str]] = []
    with killed_at_last(processes):
        for _each in range(scale(small=3, full=50)):
            pair = [begin(crm_url), begin(crm_url)]
            processes.extend(pair)
            for each in pair:
                assert each.stdout is not None
                assert each.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.02, 0.4))
            for each in pair:
                kill(each)
        processes.append(begin(crm_url))
        ends_at = time.monotonic() + 120
        while left() and time.monotonic() < ends_at:
            time.sleep(0.1)
    with crm.session(system) as session:
        assert session.scalar(select(func.count(Passage.id)).where(Passage.status != "ended")) == 0
        tasks = Counter(session.scalars(select(Task.customer_id)))
        notes = Counter(session.scalars(select(Interaction.customer_id).where(Interaction.kind == "note")))
        found = [replay(session, each) for each in session.scalars(select(Passage)).all()]
    assert set(tasks) == set(notes) == set(customers)
    assert set(tasks.values()) == set(notes.values()) == {1}
    assert [each for each in found if each.differs is not None or each.steps != 3] == []
