"""Fixtures of the doors over the network: an in-process client over the application, and a real Chromium.

``web`` is a customer base with a few people and their customers, and clients for each of them; ``sample`` is one that
tests only read and that is made once for each test process.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field, frozen
from starlette.testclient import TestClient

from crmkit import Settings
from tests.conftest import ENGINES, Enabling, Templates

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from crmkit.app import CRM
    from crmkit.core.store.clock import Clock

PEOPLE = {
    "ada": ("admin", "Ada Admin"),
    "mia": ("manager", "Mia Manager"),
    "sam": ("seller", "Sam Seller"),
    "sue": ("service_agent", "Sue Support"),
    "max": ("marketer", "Max Marketer"),
    "ann": ("analyst", "Ann Analyst"),
}
"""Logins with the role and the name of each; sam and mia are in one team, sue in another."""


@define(kw_only=True)
class Web:
    """A customer base behind its doors. ``users`` has the ids of the people, ``customers`` those of some customers;
    ``told`` is what the story returned that it was filled with."""

    crm: CRM
    users: Mapping[str, Any]
    customers: Mapping[str, Any]
    told: Any = None
    clients: list[TestClient] = field(factory=list)

    def token_of(self, login: str) -> str:
        """Return the cookie of a new session for somebody."""
        from crmkit.security.sessions.opening import open_session, proof_of

        return open_session(self.crm, proof_of(self.crm, self.users[login], method="link")).token

    def client(self, login: str | None = None, *, language: str = "en") -> Browsing:
        """Return a client, signed in as somebody, or as nobody."""
        inner = TestClient(
            self.crm.asgi(),
            base_url="http://localhost",
            headers={"Accept-Language": "zh-CN" if language == "zh_Hans" else language},
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        self.clients.append(inner)
        if login is not None:
            inner.cookies.set("crmkit", self.token_of(login))
        return Browsing(inner=inner)


@define(kw_only=True)
class Browsing:
    """A client that sends the token of its forms, as a browser that shows our pages does."""

    inner: TestClient
    csrf: str = ""

    def get(self, path: str, **values: Any) -> Any:
        """Read a page."""
        response = self.inner.get(path, **values)
        self._remember(response.text if "html" in response.headers.get("content-type", "") else "")
        return response

    def post(self, path: str, data: Mapping[str, Any] | None = None, **values: Any) -> Any:
        """Send a form."""
        if not self.csrf:
            self.get("/account")
        return self.inner.post(path, data={"csrf": self.csrf, **(data or {})}, **values)

    def part(self, path: str, **values: Any) -> Any:
        """Read a part of a page, as htmx asks for it."""
        return self.inner.get(path, headers={"HX-Request": "true"}, **values)

    def _remember(self, text: str) -> None:
        mark = '<meta name="csrf" content="'
        if mark in text:
            self.csrf = text.partition(mark)[2].partition('"')[0]


def populate(crm: CRM) -> Web:
    """Add people with their roles and teams, and customers who are theirs."""
    users, customers = people(crm)
    return Web(crm=crm, users=users, customers=customers)


def people(crm: CRM) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Do what `populate` does, and return the ids of the people and of the customers."""
    system = crm.system("a sample for tests")
    crm.run(
        system,
        "business.configure",
        {"name": "Tea House", "base_currency": "CNY", "zone": "Asia/Shanghai", "country": "CN"},
    )
    teams = {name: crm.run(system, "team.create", {"name": name}).id for name in ("North", "South")}
    users: dict[str, Any] = {}
    for login, (role, name) in PEOPLE.items():
        users[login] = crm.run(system, "user.create", {"login": login, "name": name}).id
        crm.run(system, "user.assign_role", {"role": role}, target=users[login])
        team = teams["South" if login == "sue" else "North"]
        crm.run(system, "team.add_member", {"user_id": str(users[login])}, target=team)
    customers: dict[str, Any] = {}
    for name, login, city in (
        ("Wang Lin", "sam", "上海"),
        ("李秀英", "sam", "杭州"),
        ("Blue Kettle Ltd", "mia", "London"),
        ("Sofia Rossi", "sue", "Roma"),
    ):
        made = crm.run(
            system,
            "customer.create",
            {
                "name": name,
                "kind": "organization" if name.endswith("Ltd") else "person",
                "city": city,
                "owner_id": str(users[login]),
                "contact_points": [{"kind": "email", "value": f"{len(customers)}@example.com"}],
            },
        )
        customers[name] = made.id
    return users, customers


People = tuple[Mapping[str, Any], Mapping[str, Any]]


@frozen
class Peopled:
    """Adds `people` to a base in which plugins are enabled: equal where the plugins are."""

    plugins: tuple[str, ...]

    @property
    def onto(self) -> Enabling | None:
        """Return what enables the plugins."""
        return Enabling(self.plugins) if self.plugins else None

    def __call__(self, crm: CRM, _nothing: None = None) -> People:
        """Return the ids of the people and of the customers."""
        return people(crm)


@frozen
class Story:
    """Has a function do something in a peopled base: equal where plugins and function are."""

    onto: Peopled
    tell: Callable[[Web], Any]

    def __call__(self, crm: CRM, found: People) -> tuple[People, Any]:
        """Return the ids of the people and of the customers, and what the function returned."""
        web = Web(crm=crm, users=found[0], customers=found[1])
        told = self.tell(web)
        for client in web.clients:
            client.close()
        return found, told


@contextmanager
def behind_doors(
    templates: Templates,
    engine: str,
    folder: Path,
    *plugins: str,
    fill: Callable[[Web], Any] | None = None,
    clock: Clock | None = None,
    **options: Any,
) -> Iterator[Web]:
    """Open a copy of the populated base in which plugins are enabled, and close the clients that were made of it.

    ``fill`` does in it what a test begins with, by the machine's clock and under no settings; it is called once in a
    process, so it is a function of a module, and what it returns is ``told``, shared by all copies. ``clock`` and
    ``options`` (those of `Settings`) are the test's.
    """
    from crmkit.app import CRM

    told: Any = None
    if fill is None:
        url, (users, customers) = templates.copy_filled(engine, folder, Peopled(plugins))
    else:
        url, ((users, customers), told) = templates.copy_filled(engine, folder, Story(Peopled(plugins), fill))
    with CRM.open(Settings(database=url, **options) if options else url, clock=clock) as crm:
        made = Web(crm=crm, users=dict(users), customers=dict(customers), told=told)
        yield made
        for client in made.clients:
            client.close()
    templates.give_back(url)


@pytest.fixture(params=ENGINES)
def web(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base of this test alone behind its doors, once for each engine."""
    with behind_doors(templates, request.param, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """The same on SQLite alone: for what does not depend on the database."""
    with behind_doors(templates, "sqlite", tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def sample(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A customer base that tests only read, made once for each test process, on SQLite."""
    with behind_doors(templates, "sqlite", tmp_path_factory.mktemp("sample")) as made:
        yield made


# --- a real browser --------------------------------------------------------------------------------------------------


@define(kw_only=True)
class Server:
    """An application that is served on a port of this machine."""

    url: str


def serve(app: Any) -> Generator[Server]:
    """Serve an application in a thread until the generator is closed."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > until:
            raise RuntimeError("the server of the tests did not start")
        time.sleep(0.01)
    yield Server(url=f"http://localhost:{port}")
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def served(sqlite_web: Web) -> Iterator[Server]:
    """The doors of ``sqlite_web`` on a port of this machine."""
    yield from serve(sqlite_web.crm.asgi())


@define(kw_only=True)
class Visit:
    """A person at a browser: the page, and everything that went wrong on it."""

    page: Page
    url: str
    faults: list[str]

    def go(self, path: str) -> None:
        """Open a page by its path."""
        self.page.goto(f"{self.url}{path}")


@pytest.fixture
def visit(chromium: Browser, served: Server, sqlite_web: Web) -> Iterator[Any]:
    """A function that opens a browser as somebody: ``visit("sam", language="zh_Hans", width=375)``. A script error, a
    breach of the content policy or a request to elsewhere fails the test."""
    contexts: list[Any] = []
    visits: list[Visit] = []

    def opened(login: str | None = None, *, language: str = "en", width: int = 1280, dark: bool = False) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900 if width > 500 else 812},
            locale="zh-CN" if language == "zh_Hans" else "en-GB",
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        if login is not None:
            context.add_cookies([{"name": "crmkit", "value": sqlite_web.token_of(login), "url": served.url}])
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(f"console: {message.text}")
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((served.url, "data:")) else faults.append(f"elsewhere: {request.url}")
            ),
        )
        visits.append(Visit(page=page, url=served.url, faults=faults))
        return visits[-1]

    yield opened
    for context in contexts:
        context.close()
    assert [fault for each in visits for fault in each.faults] == []
