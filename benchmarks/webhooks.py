"""How long it takes to deliver a web-hook, in order and written down, beside a post that nobody keeps account of."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.measure import Bench
from crmkit import CRM, Actor

ACTOR = Actor.system("benchmark")
MESSAGES = 1000
AT_ONCE = 4
"""Posts at a time, on both sides."""
RATIO = 12.0
"""How many times longer a delivery may take than a bare post of the same size by http.client over a new connection."""


def run(bench: Bench) -> None:
    """Measure on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm, _sink() as port:
            crm.enable("integration")
            ours = _delivered(crm, port)
            floor = _posted(port)
            bench.note(
                "deliver a web-hook",
                engine,
                ours / MESSAGES * 1e3,
                floor / MESSAGES * 1e3,
                floor_name="a bare post",
                bar=RATIO,
                unit="ms",
            )


def _delivered(crm: CRM, port: int) -> float:
    """Return the seconds that all messages took, from the event in the feed to the note that it was delivered."""
    from crmkit_integration.webhooks.models import Delivery
    from crmkit_integration.webhooks.running import Run
    from sqlalchemy import func, select

    user = crm.run(ACTOR, "user.create", {"login": "ada", "name": "Ada"})
    crm.run(ACTOR, "user.assign_role", {"role": "admin"}, target=user.id)
    values = {"name": "sink", "url": f"http://127.0.0.1:{port}/", "events": ["customer.created"], "private": True}
    crm.run(Actor.user(user.id), "integration.endpoint.create", values)
    for number in range(MESSAGES):
        crm.run(ACTOR, "customer.create", {"name": f"C{number}"})
    began = time.perf_counter()
    Run(crm=crm, system=ACTOR, run=600.0, idle=0.0).go()
    took = time.perf_counter() - began
    with crm.session(ACTOR) as session:
        done = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "delivered"))
    assert done == MESSAGES, done
    return took


def _posted(port: int) -> float:
    body = (
        b'{"type":"customer.created","timestamp":"2026-01-01T00:00:00Z","data":{"customer_ids":["' + b"0" * 36 + b'"]}}'
    )

    def post(_number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(post, range(MESSAGES)))
    return time.perf_counter() - began


@contextmanager
def _sink() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.webhook_sink"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
