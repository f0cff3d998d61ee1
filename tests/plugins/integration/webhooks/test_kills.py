"""A process that delivers web-hooks is killed at any moment: nothing is lost, and order holds for each customer."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from crmkit.app import CRM
from tests.conftest import Scale
from tests.plugins.integration.webhooks.conftest import SYSTEM, add, deliveries, person, rename, set_up
from tests.plugins.integration.webhooks.receiver import Receiver

CUSTOMERS = 5


def begin(url: str) -> subprocess.Popen[str]:
    """Begin to deliver, and wait until the process is at it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.plugins.integration.webhooks.delivering", url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process without any warning."""
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def test_kills_lose_nothing(crm: CRM, crm_url: str, receiver: Receiver, scale: Scale) -> None:
    """Killed again and again while a fifth of the attempts fails: every message is taken, the first time in order, and
    what comes twice has the same id and follows itself at once."""
    chance = random.Random(11)
    crm.enable("integration")
    made = set_up(crm, person(crm, "ada", "admin"), receiver.url)
    receiver.wants(secret=made.secret, fail=0.2, wait=0.02)
    customers = [add(crm, f"C{number}") for number in range(CUSTOMERS)]
    for number in range(scale(small=3, full=50)):
        process = begin(crm_url)
        for customer in customers:
            rename(crm, customer, f"A{number}", f"B{number}")
        time.sleep(chance.uniform(0.05, 0.6))
        kill(process)
    process = begin(crm_url)
    ends_at = time.monotonic() + 60
    rounds = scale(small=3, full=50) * 2 + 1
    try:
        while time.monotonic() < ends_at:
            found = deliveries(crm)
            if len(found) == rounds * CUSTOMERS and all(each.state == "delivered" for each in found):
                break
            time.sleep(0.1)
    finally:
        kill(process)
    assert {each.state for each in deliveries(crm)} == {"delivered"}
    taken = [each for each in receiver.got() if each["status"] == 204]
    assert {each["verified"] for each in receiver.got()} == {True}
    with crm.session(SYSTEM):
        expected = {
            each: [item.message_id for item in deliveries(crm) if item.customer_id == each] for each in customers
        }
    for customer, ids in expected.items():
        got = [
            each["headers"]["webhook-id"]
            for each in taken
            if str(customer) in (each["message"]["data"].get("customer_ids") or ())
        ]
        without_repeats = [each for place, each in enumerate(got) if place == 0 or got[place - 1] != each]
        assert without_repeats == ids
