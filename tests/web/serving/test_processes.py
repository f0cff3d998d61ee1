"""``crmkit serve`` as it runs: changed by others, reloaded, stopped, and no request lost."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from pathlib import Path

from tests.web.serving.conftest import Load, serving


def test_plugins_and_reloads_cost_no_request(home: Path) -> None:
    """Under load another process enables a plugin, which is there within seconds, and a HUP replaces both processes;
    every request that is read is answered. Then SIGTERM ends it at once, and with 0."""
    with serving(home, "--workers", "2") as server:
        with Load(server, "/sign-in") as load:
            server.crmkit("plugin", "enable", "sales", "--yes")
            server.until(lambda: server.log().count("was opened anew") >= 2)
            before = server.log().count("Started worker")
            server.signal(signal.SIGHUP)
            server.until(lambda: server.log().count("Started worker") >= before + 2)
            server.until(lambda: server.log().count("Stopping worker") >= 2)
            time.sleep(0.5)
        assert {"200"} == set(load.answers) - {"closed while idle", "closed unread"}, load.answers
        assert load.answers["closed unread"] <= 2, load.answers
        assert 50 < load.answers["200"]
        metrics = server.ask("/metrics")[1].decode()
        assert 'crmkit_http_request_duration_seconds_count{method="GET",route="/sign-in",status="200"}' in metrics
        (counted,) = (
            float(line.rsplit(" ", 1)[1])
            for line in metrics.splitlines()
            if line.startswith('crmkit_http_request_duration_seconds_count{method="GET",route="/sign-in"')
        )
        # Counted by four processes, two of which are gone.
        assert load.answers["200"] <= counted
        server.signal(signal.SIGTERM)
        assert 0 == server.process.wait(20)


def test_what_was_begun_is_answered_after_sigterm(home: Path) -> None:
    """A request that waits for the database when SIGTERM comes gets its answer; a new one finds nobody."""
    with serving(home) as server:
        holder = sqlite3.connect(home / "data" / "crmkit.db", isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        answers: list[int] = []

        def follow() -> None:
            # A link that opens nothing is counted, so its answer waits for who holds the database.
            answers.append(server.ask("/p/preferences/nothing", timeout=30)[0])

        asking = threading.Thread(target=follow)
        asking.start()
        time.sleep(1.0)
        server.signal(signal.SIGTERM)
        time.sleep(1.0)
        assert [] == answers
        holder.execute("COMMIT")
        holder.close()
        asking.join(20)
        assert [404] == answers
        assert 0 == server.process.wait(20)


def test_readiness_says_why_after_an_upgrade(home: Path) -> None:
    """When the database was brought to a version that this process does not know, it goes on answering, and tells who
    operates it that it has to be restarted."""
    with serving(home) as server:
        with sqlite3.connect(home / "data" / "crmkit.db") as connection:
            connection.execute("update crm_migration set version_num = 'crmkit_9999'")
        server.until(lambda: server.ask("/health/ready")[0] == 503)
        checks = {each["name"]: each for each in server.health()["checks"]}
        assert ("CK602", False) == (checks["migrations"]["why"], checks["migrations"]["ok"])
        assert 200 == server.ask("/sign-in")[0]
        assert 200 == server.ask("/health/live")[0]


def test_the_logs_of_a_journey_know_nobody(home: Path) -> None:
    """Names, addresses, what is searched for, tokens and cookies of a journey are in no line; each is JSON."""
    import json

    with serving(home) as server:
        for path in (
            "/sign-in?login=secret@example.com",
            "/customers?q=Zhang+Secret",
            "/api/v1/customer?filter=name+%3D%3D+%22Zhang%22",
            "/p/preferences/AAAAsecrettoken",
            "/nowhere/secret@example.com",
        ):
            server.ask(path, headers={"Cookie": "crmkit=cookie-of-zhang", "Authorization": "Bearer crm_secrettoken"})
        server.until(lambda: server.log().count('"event": "request"') == 5)
        log = server.log()
    lines = [json.loads(line) for line in log.splitlines()]
    asked = [line for line in lines if line["event"] == "request"]
    assert 5 == len(asked)
    assert {"/sign-in", "/p/{page}/{token}"} <= {line["route"] for line in asked}
    assert all({"request_id", "method", "status", "ms", "actor"} <= set(line) for line in asked)
    for word in ("secret", "Zhang", "example.com", "cookie-of"):
        assert word not in log, word
