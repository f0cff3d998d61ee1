"""A process of its own that spends points of one customer, as often as it is told: for the test of races."""

from __future__ import annotations

import sys
from uuid import UUID

from crmkit_loyalty.ledger.errors import NotEnoughPoints

from crmkit import Settings
from crmkit.app import CRM


def main(url: str, customer: str, times: str, points: str) -> None:
    """Spend so many points so many times, and print how often there were enough."""
    done = 0
    with CRM.open(Settings(database=url)) as crm:
        system = crm.system("a test of races")
        print("ready", flush=True)
        sys.stdin.readline()
        for _time in range(int(times)):
            try:
                values = {"customer_id": UUID(customer), "points": int(points)}
                crm.run(system, "loyalty.points.spend", values)
                done += 1
            except NotEnoughPoints:
                pass
    print(done, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
