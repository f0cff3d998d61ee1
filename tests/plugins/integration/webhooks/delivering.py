"""A process that delivers web-hooks until it is killed: with short pauses, so that a test need not wait for days."""

from __future__ import annotations

import sys
import time
from typing import Any

from crmkit_integration.webhooks import desks, noting, schedule
from crmkit_integration.webhooks.running import Run

from crmkit.app import CRM
from crmkit.core.store.actor import Actor

HOLD = 1.2


def main() -> None:
    """Deliver in one run after the other; a line says that it has begun."""
    never = 10**9
    for module in (schedule, noting, desks):
        changed: Any = module
        changed.RESTING = never
    shortened: Any = schedule
    shortened.PAUSES = (0.05,)
    with CRM.open(sys.argv[1]) as crm:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            Run(crm=crm, system=Actor.system("a test"), run=5.0, hold=HOLD, answer=1.0).go()
            time.sleep(0.05)


if __name__ == "__main__":
    main()
