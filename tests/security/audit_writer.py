"""A process that writes audit records: ``python -m tests.security.audit_writer URL NAME NUMBER``."""

from __future__ import annotations

import sys

from crmkit import CRM
from tests.security.audit_support import ACTOR


def main(url: str, name: str, number: int) -> None:
    """Run so many operations, one transaction each."""
    with CRM.open(url) as crm:
        print("ready", flush=True)
        sys.stdin.readline()
        for place in range(number):
            crm.run(ACTOR, "team.create", {"name": f"{name} {place}"})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
