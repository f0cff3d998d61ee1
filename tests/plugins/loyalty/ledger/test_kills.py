"""A run that lets points expire is killed in the midst: the next one goes on, and no point is lost or expired twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from crmkit_loyalty.ledger.models import Lot, Posting, Transaction
from sqlalchemy import func, select

from tests.plugins.loyalty.shop import Shop

ACCOUNTS, BATCH = 24, 10


def expired(shop: Shop) -> tuple[int, Counter[object]]:
    """Return how many points have expired, and how many such transactions each account has."""
    with shop.crm.session(shop.actor) as session:
        points = session.scalar(select(func.sum(Posting.points)).where(Posting.side == "expired"))
        accounts = session.scalars(select(Transaction.account_id).where(Transaction.kind == "expire"))
        return int(points or 0), Counter(accounts)


def test_a_killed_run_loses_nothing_and_the_next_goes_on(both: Shop) -> None:
    for number in range(ACCOUNTS):
        both.give(100, f"Member {number}")
        both.give(7, f"Member {number}")
    both.clock.advance(days=800)
    url = both.crm.settings.database
    now = both.clock.as_clock().business_now().isoformat()
    command = [sys.executable, "-m", "tests.plugins.loyalty.ledger.expirer", url, now, str(BATCH), str(BATCH + 5)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.kill()
    assert "written\n" == said, "it came to the midst of the second batch"
    points, transactions = expired(both)
    assert (BATCH * 107, BATCH) == (points, len(transactions)), "the first batch is there, the second is not"
    both.tick()
    points, transactions = expired(both)
    assert (ACCOUNTS * 107, {1}) == (points, set(transactions.values()))
    with both.crm.session(both.actor) as session:
        assert 0 == session.scalar(select(func.sum(Lot.left)))
    assert both.agrees()
    assert 0 == both.tick(), "nothing is left to do"
