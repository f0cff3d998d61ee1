"""Fixtures that every test may use: real databases, and the size of a test that has a full-size form.

A database that cannot be had fails the test that wants it; nothing is ever skipped, so a green run has run everything.

Environment: ``CRMKIT_BARS=1`` gives the ``bars`` tests their full size, ``CRMKIT_REQUIRE=postgresql`` accepts the
system's PostgreSQL only, ``CRMKIT_POSTGRES_BIN`` names the folder of the server programs to use.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from attrs import define, field, frozen
from sqlalchemy.engine import make_url

from tests.servers.postgres import PostgresServer, running_server
from tests.servers.templates import copy_template

if TYPE_CHECKING:
    from crmkit.app import CRM

ENGINES = ("sqlite", "postgresql")

SizeT = TypeVar("SizeT")

_numbers = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn every skip and expected failure into a failure: a test holds or it does not."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped or expected to fail. Tests of crmkit never are: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure, for the same reason."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
    return report


TOGETHER = (
    "tests/demo/test_demo.py",
    "tests/security/test_attacks_existence.py",
    "tests/security/test_bar_08_bypass_matrix.py",
    "tests/security/test_guard.py",
    "tests/security/test_role_matrix.py",
    "tests/vendor/test_checks.py",
    "tests/vendor/test_wheel.py",
    "tests/web/rest/test_matrix.py",
)
"""Modules whose shared fixtures cost more than their tests: each stays in one process."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``bars`` every test that has a full-size form, and keep modules together that share what is costly."""
    for item in items:
        module = item.nodeid.partition("::")[0]
        if module in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(module))
        if "scale" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.bars)


@frozen(kw_only=True)
class Scale:
    """The size at which an attack or race test runs: small in every run, full by ``make bars``."""

    full: bool

    def __call__(self, *, small: SizeT, full: SizeT) -> SizeT:
        """Return the value for the present size."""
        return full if self.full else small


@pytest.fixture(scope="session", autouse=True)
def shared_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder of root keys for all tests, so that copies of a database open; tests of keys name their own."""
    folder = tmp_path_factory.mktemp("keys")
    folder.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMKIT_KEYS", str(folder))
        yield folder


@pytest.fixture(scope="session")
def scale() -> Scale:
    """The size of this run: ``scale(small=3, full=50)``."""
    return Scale(full=os.environ.get("CRMKIT_BARS", "") not in ("", "0"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process, without durability."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PG")]:
            patch.delenv(name)  # libpq would mix them into every address
        with running_server(system_only="postgresql" in os.environ.get("CRMKIT_REQUIRE", "")) as server:
            yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL database of this test alone."""
    name = f"test_{next(_numbers)}"
    postgres_server.create_database(name)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'crmkit.db'}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, once for each engine: for what must hold on both."""
    return _empty(request, request.param)


def _empty(request: pytest.FixtureRequest, engine: str) -> str:
    url: str = request.getfixturevalue("sqlite_url" if engine == "sqlite" else "postgres_url")
    return url


# --- a migrated database ---------------------------------------------------------------------------------------------


@define(kw_only=True)
class Templates:
    """Databases as ``CRM.init`` leaves them, made at the first use of their engine and copied for each test."""

    folder: Path
    request: pytest.FixtureRequest
    made: dict[str, str] = field(factory=dict)

    def server(self) -> PostgresServer:
        """Return the PostgreSQL server, started only now."""
        server: PostgresServer = self.request.getfixturevalue("postgres_server")
        return server

    def template(self, engine: str) -> str:
        """Return the address of the migrated database that copies are made from."""
        if engine not in self.made:
            from crmkit.app import CRM

            if engine == "sqlite":
                url = f"sqlite:///{self.folder / 'template.db'}"
            else:
                self.server().create_database("template_crmkit")
                url = self.server().url("template_crmkit")
            CRM.init(url).close()
            self.made[engine] = url
        return self.made[engine]

    def copy(self, engine: str, folder: Path) -> str:
        """Return the address of a migrated database of one's own; an SQLite file is made in ``folder``."""
        name = f"crm_{next(_numbers)}"
        if engine == "sqlite":
            return copy_template(self.template(engine), f"sqlite:///{folder / name}.db")
        server = self.server()
        return copy_template(self.template(engine), server.url(name), server=server)


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The migrated databases of this test process."""
    return Templates(folder=tmp_path_factory.mktemp("templates"), request=request)


@pytest.fixture(params=ENGINES)
def crm_url(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of this test alone, once for each engine."""
    url = templates.copy(request.param, tmp_path)
    yield url
    if request.param == "postgresql":
        templates.server().drop_database(make_url(url).database or "")


@pytest.fixture
def crm(crm_url: str) -> Iterator[CRM]:
    """A CRM on a migrated database of its own, closed at the end, once for each engine."""
    from crmkit.app import CRM

    crm: Any = CRM.open(crm_url)
    yield crm
    crm.close()
