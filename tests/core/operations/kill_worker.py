"""A worker in a process of its own, for the tests that kill it: ``python -m …kill_worker URL``."""

from __future__ import annotations

import sys
import threading
import time

from crmkit import CRM, CrmSession, Job
from tests.core.operations.job_support import declare, make_team

PAUSE = 0.02


def slowly(session: CrmSession, *, name: str) -> None:
    """Write the effect and stay in the transaction for a while, so that a kill meets it there."""
    make_team(session, name=name)
    time.sleep(PAUSE)


SLOWLY = Job(name="test.make", acts_as="system", handler=slowly, lease=1, attempts=10_000)


def main(url: str) -> None:
    """Work until killed, and say when it begins."""
    with CRM.open(url) as crm:
        declare(crm, SLOWLY)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        crm.worker(threads=2).run(threading.Event())


if __name__ == "__main__":
    main(sys.argv[1])
