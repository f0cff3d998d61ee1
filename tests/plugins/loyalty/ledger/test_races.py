"""However many processes spend at once, nobody spends a point that is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import Scale
from tests.plugins.loyalty.shop import Shop

HERE = Path(__file__).parent
ROOT = HERE.parents[3]


def test_processes_at_once_never_overdraw(both: Shop, scale: Scale) -> None:
    """Together they spend what there is, to the point, and are refused the rest."""
    processes, times = scale(small=(3, 25), full=(8, 1000))
    there = processes * times * 3 // 4 * 7 + 3
    customer = both.customer()
    for _lot in range(5):
        both.give(there // 5)
    both.give(there - there // 5 * 5 or 1)
    whole = both.balance()
    url = both.crm.settings.database
    command = [sys.executable, "-m", "tests.plugins.loyalty.ledger.spender", url, str(customer), str(times), "7"]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _process in range(processes)
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    spent = []
    for each in running:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    for each in running:
        out, _err = each.communicate(timeout=1200)
        spent.append(int(out))
    assert sum(spent) == whole // 7
    assert both.balance() == whole % 7
    assert both.agrees()
