"""Workers killed at random points: every job has its effect exactly once."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crmkit import CRM
from crmkit.core.operations.tables import AuditRecord, JobRecord
from tests.conftest import Scale
from tests.core.operations.job_support import NOBODY, declare, jobs, put, teams
from tests.core.operations.kill_worker import SLOWLY

ROOT = Path(__file__).resolve().parents[3]


def started(url: str) -> subprocess.Popen[str]:
    """Start a worker in a process of its own."""
    command = [sys.executable, "-m", "tests.core.operations.kill_worker", url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@contextlib.contextmanager
def ended(workers: list[subprocess.Popen[str]]) -> Iterator[None]:
    """Kill what is left of the workers at the end."""
    try:
        yield
    finally:
        for worker in workers:
            kill(worker)


def kill(worker: subprocess.Popen[str]) -> None:
    """Kill a worker as a power cut would."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert worker.stdout is not None
    worker.stdout.close()


def waiting(crm: CRM) -> int:
    """Return how many jobs are not done."""
    with crm.session(NOBODY) as session:
        return int(
            session.scalar(
                select(func.count()).where(JobRecord.name == "test.make", JobRecord.state.in_(("queued", "running")))
            )
            or 0
        )


@pytest.mark.parametrize("seed", [1])
def test_every_jobs_effect_happens_once_whatever_is_killed(crm: CRM, crm_url: str, scale: Scale, seed: int) -> None:
    """Nothing is lost and nothing is done twice, though workers die in the middle of claims, handlers and commits."""
    chance = random.Random(seed)
    number, most, kills = scale(small=2, full=4), scale(small=40, full=1000), scale(small=4, full=200)
    declare(crm, SLOWLY)
    names = [f"{position:05}" for position in range(most)]
    for name in names:
        put(crm, name)
    workers: list[subprocess.Popen[str]] = []
    killed = 0
    with ended(workers):
        workers.extend(started(crm_url) for _ in range(number))
        while killed < kills:
            position = chance.randrange(number)
            victim = workers[position]
            assert victim.stdout is not None
            assert victim.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.25))
            while waiting(crm) < 10:  # a kill among idle workers would prove nothing
                names.append(f"{len(names):05}")
                put(crm, names[-1])
            kill(victim)
            killed += 1
            workers[position] = started(crm_url)
        end = time.monotonic() + scale(small=300, full=1800)
        while waiting(crm):
            assert time.monotonic() < end, "the queue is not worked off"
            time.sleep(0.1)
    assert teams(crm) == names
    assert Counter(jobs(crm, "state")) == {"done": len(names)}
    with crm.session(NOBODY) as session:
        effects = session.scalar(select(func.count()).where(AuditRecord.operation == "team.create"))
    assert effects == len(names)
