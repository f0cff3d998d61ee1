"""Health and metrics of a process, and how it takes up what others change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from starlette.testclient import TestClient

from crmkit.app import CRM
from crmkit.settings import Settings
from crmkit.web.serving.application import Served
from crmkit.web.serving.installation import Installation

TOKEN = "t" * 20


@pytest.fixture
def settings(home: Path) -> Settings:
    """The settings of an installation, with a token for who operates it."""
    return evolve(Settings.from_home(home), metrics_token=TOKEN)


@pytest.fixture
def served(settings: Settings) -> Iterator[TestClient]:
    """A serving process within this one, asked from this machine."""
    with client(settings) as made:
        yield made


def client(settings: Settings, address: str = "127.0.0.1", **options: Any) -> TestClient:
    """Return a client of an application that is asked from an address."""
    application = Served(settings, lambda: CRM.open(settings), threads=4, every=0.05, **options)
    made = TestClient(application, base_url="http://localhost", client=(address, 5000), follow_redirects=False)
    made.served = application  # type: ignore[attr-defined]
    return made


def until(wanted: Callable[[], Any], seconds: float = 15.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.02)


def checks(answer: Any) -> dict[str, dict[str, Any]]:
    """Return the checks of a health document by name."""
    return {each["name"]: each for each in answer.json()["checks"]}


def test_a_sound_process_is_ready(served: TestClient) -> None:
    answer = served.get("/health/ready")
    assert 200 == answer.status_code, answer.text
    assert {"database", "migrations", "keys", "plugins", "broken plugins", "jobs"} == set(checks(answer))
    assert all(each["ok"] for each in checks(answer).values())
    assert "alive\n" == served.get("/health/live").text


def test_others_are_told_whether_and_not_why(settings: Settings) -> None:
    """From another machine there is a word for the load balancer, and nothing else without the token."""
    with client(settings, "203.0.113.9") as far:
        assert {"status": "ready"} == far.get("/health/ready").json()
        assert 404 == far.get("/metrics").status_code
        assert 404 == far.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code
        mine = {"Authorization": f"Bearer {TOKEN}"}
        assert "checks" in far.get("/health/ready", headers=mine).json()
        assert b"crmkit_database_up 1.0" in far.get("/metrics", headers=mine).content


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_on_this_machine_makes_nobody_local(served: TestClient, header: str) -> None:
    """What came through a proxy that is not named as trusted may be from anywhere."""
    assert 404 == served.get("/metrics", headers={header: "127.0.0.1"}).status_code


def test_a_trusted_proxy_says_who_asks(settings: Settings) -> None:
    with client(evolve(settings, trusted_proxies=("127.0.0.1/32",))) as made:
        assert 404 == made.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code
        assert 200 == made.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code


def test_a_database_that_is_away_is_told(served: TestClient, home: Path) -> None:
    """Readiness says it, liveness does not: a restart would help nobody."""
    file = home / "data" / "crmkit.db"
    served.served.installation.crm.engines.dispose()  # type: ignore[attr-defined]
    for path in list(file.parent.glob("crmkit.db*")):
        path.rename(path.with_name(f"away-{path.name}"))
    time.sleep(1.1)
    answer = served.get("/health/ready")
    assert 503 == answer.status_code
    assert answer.headers["retry-after"]
    assert not all(each["ok"] for each in checks(answer).values())
    assert 200 == served.get("/health/live").status_code


def test_metrics_name_routes_and_never_paths(served: TestClient) -> None:
    """What somebody typed into an address is no label: neither its words nor endlessly many of them."""
    served.get("/customers?q=Zhang")
    for number in range(3):
        served.get(f"/nowhere/secret-{number}")
    text = served.get("/metrics").text
    assert 'route="/customers"' in text
    assert "Zhang" not in text
    assert "secret" not in text
    routes = {line.partition('route="')[2].partition('"')[0] for line in text.splitlines() if 'route="' in line}
    assert all("{" in route or route.count("/") <= 2 or route == "-" for route in routes)


def test_metrics_count_operations_and_jobs(served: TestClient) -> None:
    """Operations by outcome as the gate ends them, jobs as the database has them."""
    crm: CRM = served.served.installation.crm  # type: ignore[attr-defined]
    crm.run(crm.system("test"), "customer.create", {"name": "Ada"})
    from crmkit import Actor, Refused

    with pytest.raises(Refused):
        crm.run(Actor(id="public", kind="public"), "customer.create", {"name": "Ada"})
    text = served.get("/metrics").text
    assert 'crmkit_operations_total{operation="customer.create",outcome="done"} 1.0' in text
    assert 'crmkit_operations_total{operation="customer.create",outcome="refused"} 1.0' in text
    assert 'crmkit_jobs{state="dead"} 0.0' in text
    assert "crmkit_outbox_lag_seconds" in text


def test_what_another_enables_is_taken_up_and_nothing_is_cut_off(served: TestClient, settings: Settings) -> None:
    """A request that is under way ends in the customer base that it began in, which is closed after it; the next one
    finds the plugin."""
    installation: Installation = served.served.installation  # type: ignore[attr-defined]
    before = installation.enter()
    assert before is not None
    assert "sales.pipeline.create" not in before.crm.registry.operations
    with CRM.open(settings) as other:
        other.enable("sales")
    # What it requires is enabled first, and may be taken up before it.
    until(lambda: installation.crm is not None and "sales.pipeline.create" in installation.crm.registry.operations)
    assert before.retired
    assert 0 < len(before.crm.business().name)
    installation.leave(before)
    assert 200 == served.get("/health/ready").status_code


def test_changes_that_cannot_be_taken_up_are_told(served: TestClient, settings: Settings) -> None:
    """When opening anew fails the process goes on with what it has, readiness says so, and it recovers by itself."""
    installation: Installation = served.served.installation  # type: ignore[attr-defined]
    from crmkit.errors import SchemaOutdated

    usual = installation.open_crm

    def failing() -> CRM:
        raise SchemaOutdated()

    installation.open_crm = failing
    with CRM.open(settings) as other:
        other.enable("sales")
    until(lambda: installation.problem is not None)
    time.sleep(1.1)
    answer = served.get("/health/ready")
    assert (503, "CK602") == (answer.status_code, checks(answer)["plugins"]["why"])
    assert 200 == served.get("/sign-in").status_code
    installation.open_crm = usual
    until(lambda: installation.problem is None and installation.reopened)


def test_jobs_are_carried_out_beside(settings: Settings) -> None:
    """With jobs, what is deferred in a request's customer base is done by the same process."""
    done = threading.Event()
    with client(settings, jobs=True) as made:
        installation: Installation = made.served.installation  # type: ignore[attr-defined]
        crm = installation.crm
        assert crm is not None
        running = installation.enter()
        assert running is not None
        assert running.worker is not None
        from crmkit import Job, operation

        @operation("test.begin", title="Begin")
        def begin(session: Any) -> None:
            session.defer("test.ring")

        def ring(session: Any) -> None:
            done.set()

        crm.registry.add("crmkit", "job", [Job(name="test.ring", handler=ring, acts_as="system", title="Ring")])
        crm.registry.add("crmkit", "operation", [begin])
        crm.run(crm.system("test"), "test.begin")
        assert done.wait(10)
        installation.leave(running)


def test_an_error_of_the_application_is_one_line_without_its_text(
    served: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception that nobody caught is answered by 500 and logged by its place alone."""
    import io

    from crmkit.web.serving import logs

    out = io.StringIO()
    logs.set_up("json", stream=out)
    installation: Installation = served.served.installation  # type: ignore[attr-defined]
    running = installation.enter()
    assert running is not None

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("secret@example.com")

    running.app = broken
    assert 500 == served.get("/x").status_code
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert ["request failed", "request"] == [line["event"] for line in lines]
    assert lines[0]["error"].startswith("ValueError (")
    assert "secret" not in out.getvalue()
    installation.leave(running)
