"""A process that has flows go on until it is killed: ``python -m tests.plugins.journey.passages.going URL``."""

from __future__ import annotations

import sys
import time

from crmkit_journey.passages.running import run_due

from crmkit import Settings
from crmkit.app import CRM

FEW = {"journey": {"steps_at_once": 10}}


def main(url: str) -> None:
    """Say that it begins, and go on."""
    with CRM.open(Settings(database=url, options=FEW)) as crm:
        print("ready", flush=True)
        while True:
            run_due(crm, crm.system("a test"))
            time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1])
