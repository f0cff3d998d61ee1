"""A rotation in a process of its own, for the tests that kill it: ``python -m …rotate_keys URL root|index BATCH``."""

from __future__ import annotations

import sys

from crmkit import CRM, Actor
from crmkit.core.vault import rotation
from crmkit.security.keys import indexes, rotating

SETTLE = 1.2
"""Seconds in which another process has surely noticed: a little more than it may take."""


def main(url: str, what: str, batch: int) -> None:
    """Rotate, and say a line at each step; the last one is ``done``."""

    def told(done: int, total: int) -> None:
        sys.stdout.write(f"{done} {total}\n")
        sys.stdout.flush()

    actor = Actor.system("rotating in a test")
    rotation.BATCH = batch
    with CRM.open(url) as crm:
        if what == "root":
            rotating.rotate_root(crm, actor, progress=told)
        else:
            indexes.BATCH = batch
            rotating.rotate_index(crm, actor, progress=told, settle=SETTLE)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
