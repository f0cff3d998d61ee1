"""A process of its own that lets points expire, and stops in the midst of a batch to be killed there."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any

from crmkit_loyalty.ledger import running
from crmkit_loyalty.ledger.books import Books

from crmkit import Settings
from crmkit.app import CRM


def main(url: str, now: str, batch: str, most: str) -> None:
    """Do what is due in batches of so many accounts; having written so many transactions, say so and go no further."""
    running.BATCH = int(batch)
    write, written = Books.write, 0

    def slowly(books: Books, *given: Any) -> Any:
        nonlocal written
        done = write(books, *given)
        written += 1
        if written == int(most):
            print("written", flush=True)
            time.sleep(600)
        return done

    Books.write = slowly  # type: ignore[method-assign]
    with CRM.open(Settings(database=url, clock=datetime.fromisoformat(now))) as crm:
        running.run_all(crm, crm.system("a test of kills"))


if __name__ == "__main__":
    main(*sys.argv[1:])
