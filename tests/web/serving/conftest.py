"""Serving processes, as somebody starts them from a shell, and an application of one process within the tests."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from crmkit.app import CRM

_CRMKIT = (sys.executable, "-m", "crmkit")
READY = 40.0
"""Seconds after which a server has to answer."""


@define
class Server:
    """A server that runs in processes of its own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    errors: Path
    tls: ssl.SSLContext | None = None

    def ask(self, path: str, *, timeout: float = 20.0, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Return the status and the body of an answer, over a connection of its own."""
        if self.tls is not None:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "localhost", self.port, timeout=timeout, context=self.tls
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def health(self) -> dict[str, Any]:
        """Return what the process says of its health."""
        found: dict[str, Any] = json.loads(self.ask("/health/ready")[1])
        return found

    def until(self, wanted: Any, *, seconds: float = READY) -> None:
        """Wait until something holds. Fails when it does not in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                if wanted():
                    return
            time.sleep(0.05)
        raise AssertionError(f"in vain: {self.log()[-3000:]}")

    def log(self) -> str:
        """Return what the server has logged."""
        return self.errors.read_text("utf-8")

    def crmkit(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call the command line on the installation, from another process."""
        return subprocess.run(
            [*_CRMKIT, "--home", str(self.home), *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=90,
        )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the first process."""
        self.process.send_signal(number)


@define
class Load:
    """Some who ask again and again, half of them over connections that stay open, and what they were answered."""

    server: Server
    path: str = "/health/live"
    answers: Counter[str] = field(factory=Counter)
    _stop: threading.Event = field(factory=threading.Event)
    _threads: list[threading.Thread] = field(factory=list)

    def __enter__(self) -> Load:
        for number in range(4):
            thread = threading.Thread(target=self._ask, args=(number % 2 == 0,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _ask(self, keep: bool) -> None:
        connection: http.client.HTTPConnection | None = None
        while not self._stop.is_set():
            fresh = connection is None
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                answer.read()
                said = str(answer.status)
                closing = answer.will_close
            except (OSError, http.client.HTTPException) as error:
                # A connection that stood idle may be closed at any time: every client opens another one. One that was
                # opened as its process ended may be closed before the request was read, and then without a byte.
                unread = isinstance(error, (http.client.RemoteDisconnected, ConnectionResetError))
                said = "closed while idle" if not fresh else "closed unread" if unread else type(error).__name__
                closing = True
            if closing or not keep:
                connection.close()
                connection = None
            self.answers[said] += 1
            time.sleep(0.005)
        if connection is not None:
            connection.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(home: Path, *words: str, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve an installation until the block ends; it has to end by itself then."""
    port = free_port()
    errors = home.parent / f"serve-{port}.log"
    with errors.open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "crmkit",
                "--home",
                str(home),
                "serve",
                "--port",
                str(port),
                "--logs",
                "json",
                *words,
            ],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={
                **{name: value for name, value in os.environ.items() if name != "CRMKIT_HOME"},
                "CRMKIT_RATE_LIMIT_PUBLIC": "off",
            },
        )
        server = Server(home, port, process, errors, tls)
        try:
            server.until(lambda: server.ask("/health/ready")[0] == 200)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation, to be copied."""
    home = tmp_path_factory.mktemp("served") / "shop"
    (home / "data").mkdir(mode=0o700, parents=True)
    from crmkit.settings import Settings

    with CRM.init(Settings.from_mapping({}, home=home)) as crm:
        system = crm.system("test")
        crm.run(system, "business.configure", {"name": "Tea House", "base_currency": "CNY"})
        crm.run(system, "customer.create", {"name": "Zhang Secret", "email": "secret@example.com"})
    (home / "crmkit.toml").write_text('database = "sqlite:///data/crmkit.db"\n', "utf-8")
    return home


@pytest.fixture
def home(installation: Path, tmp_path: Path) -> Path:
    """An installation of this test alone."""
    copy = tmp_path / "shop"
    shutil.copytree(installation, copy)
    return copy
