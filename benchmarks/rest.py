"""The API over the network: pages of fifty customers as JSON, of a token's owner and by the owner's rights, beside the
same of Django REST framework; two workers each, in turn on the same machine.

The load is made by ``wrk`` (a package of Debian), over the loopback, for a few seconds a round. ``--rows`` is how many
customers there are, of whom the caller owns a hundredth.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, cast
from urllib.request import Request, urlopen

from sqlalchemy import text

from benchmarks.measure import Bench
from benchmarks.population import populate
from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer

ACTOR = Actor.system("benchmark")
OWNERS = 100
WORKERS = 2
SECONDS = 6
ROUNDS = 3
CONNECTIONS = 16
VISITS = 100
BAR = {"sqlite": 3.0, "postgresql": 1.5}
"""How many times as many requests a second crmkit has to answer."""
ROOT = Path(__file__).resolve().parents[1]


def run(bench: Bench) -> None:
    """Measure on each engine."""
    if shutil.which("wrk") is None:
        raise SystemExit("benchmarks.rest needs wrk: apt-get install wrk")
    for engine in bench.engines:
        with bench.database(engine) as url, bench.database(engine) as other:
            token = fill(url, bench.rows)
            peers = fill_peer(other, bench.rows)
            with (
                serving(ours(url), "/api/v1/customer?limit=50", f"Bearer {token}") as own,
                serving(theirs(other), "/customers/", f"Token {peers}") as peer,
            ):
                assert len(own.read()["data"]) == len(peer.read()["results"]) == 50
                pairs = [(own.load(), peer.load()) for _round in range(ROUNDS)]
                mine, floor = (median(pair[side] for pair in pairs) for side in (0, 1))
                print(f"{engine}: {mine:.0f} requests a second, Django REST framework {floor:.0f}")
                bench.note(
                    "a request for a page of 50 as JSON",
                    engine,
                    1e3 / mine,
                    1e3 / floor,
                    floor_name="Django REST",
                    bar=1 / BAR[engine],
                    unit="ms",
                )
                _latency(bench, engine, url, own)


def _latency(bench: Bench, engine: str, url: str, server: Server) -> None:
    """Measure how long somebody who works alone waits for the list of customers and for all about one of them."""
    own = server.read()["data"][0]["id"]
    cookie = {"Cookie": f"crmkit={signed_in(url)}", "Accept-Language": "en"}
    pages = (("the list of customers", "/customers", 100.0), ("all about a customer", f"/customers/{own}", 150.0))
    for what, path, most in pages:
        waits: list[float] = []
        for number in range(VISITS + 5):
            start = time.perf_counter()
            with urlopen(Request(server.root + path, headers=cookie), timeout=30) as answer:
                assert answer.status == 200
                answer.read()
            waits.extend([(time.perf_counter() - start) * 1e3] if number >= 5 else [])
        late = sorted(waits)[int(len(waits) * 0.95)]
        bench.note(f"{what} as a page, p95", engine, late, most, floor_name="at most", bar=1.0, unit="ms")


def signed_in(url: str) -> str:
    """Return the cookie of a session of the first user."""
    from sqlalchemy import select

    from crmkit.core.access.models import User
    from crmkit.security.sessions.opening import open_session, proof_of

    with CRM.open(url) as crm:
        with crm.session(ACTOR) as session:
            user = session.scalars(select(User.id).where(User.login == "user0")).one()
        return str(open_session(crm, proof_of(crm, user, method="link")).token)


def fill(url: str, rows: int) -> str:
    """Write users and their customers, and return a token of the first user."""
    with CRM.init(url) as crm:
        crm.run(ACTOR, "role.create", {"name": "own", "title": "Own customers"})
        with crm.session(ACTOR) as session:
            from crmkit.core.access.models import Role

            role = session.query(Role).filter(Role.name == "own").one().id
        for resource, action in (("customer", "read"), ("token", "create")):
            crm.run(ACTOR, "role.grant", {"resource": resource, "action": action, "scope": "own"}, target=role)
        crm.run(ACTOR, "role.set_field_right", {"classified": "personal", "level": "full"}, target=role)
        people = [{"login": f"user{number}", "name": f"User {number}"} for number in range(OWNERS)]
        users = [crm.run(ACTOR, "user.create", each).id for each in people]
        crm.run(ACTOR, "user.assign_role", {"role": "own"}, target=users[0])
        made = crm.run(Actor.user(users[0]), "token.create", {"name": "bench", "scopes": ["*"]})
        ids = populate(crm, rows, 0)
        table = cast(Any, Customer).__table__
        with crm.engines.system_write.begin() as connection:
            for number, user in enumerate(users):
                mine = ids[number::OWNERS]
                for start in range(0, len(mine), 5000):
                    part = mine[start : start + 5000]
                    connection.execute(table.update().where(table.c.id.in_(part)).values(owner_id=user))
        with crm.engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return str(made.token)


def fill_peer(url: str, rows: int) -> str:
    """Write the peer's users and customers, and return a token of the first user."""
    done = subprocess.run(
        [sys.executable, "-c", f"from benchmarks.django_rest_peer import fill; fill({rows})"],
        env={**os.environ, "PEER_DATABASE": url},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()[-1]


# --- servers ---------------------------------------------------------------------------------------------------------


def ours(url: str) -> tuple[list[str], Mapping[str, str]]:
    """Return the command that serves crmkit, and what its environment has to say; the port is appended."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", str(WORKERS)]
    command += ["--no-access-log", "--log-level", "error", "benchmarks.rest_server:application", "--port"]
    return command, {"BENCH_DATABASE": url}


def theirs(url: str) -> tuple[list[str], Mapping[str, str]]:
    """Return the same for the peer."""
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS), "--log-level", "error"]
    command += ["benchmarks.django_rest_peer:application", "--bind"]
    return command, {"PEER_DATABASE": url}


class Server:
    """A server that answers at an address to somebody."""

    def __init__(self, port: int, path: str, authorization: str) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.address = f"{self.root}{path}"
        self.authorization = authorization

    def read(self) -> Any:
        """Return what the address answers."""
        import json

        with urlopen(Request(self.address, headers={"Authorization": self.authorization}), timeout=10) as answer:
            return json.loads(answer.read())

    def load(self) -> float:
        """Return how many requests a second are answered; every one of them has to be."""
        done = subprocess.run(
            [
                "wrk",
                "-t1",
                f"-c{CONNECTIONS}",
                f"-d{SECONDS}s",
                "-H",
                f"Authorization: {self.authorization}",
                self.address,
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS * 5,
        ).stdout
        assert "Non-2xx" not in done, done
        found = re.search(r"Requests/sec:\s+([\d.]+)", done)
        assert found, done
        return float(found[1])


@contextmanager
def serving(command: tuple[list[str], Mapping[str, str]], path: str, authorization: str) -> Iterator[Server]:
    """Run a server on a free port of the loopback for as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words, environment = command
    last = f"127.0.0.1:{port}" if words[-1] == "--bind" else str(port)
    process = subprocess.Popen(
        [*words, last], env={**os.environ, **environment}, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL
    )
    server = Server(port, path, authorization)
    try:
        for _try in range(300):
            try:
                server.read()
                break
            except OSError:
                if process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
