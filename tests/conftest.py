"""Fixtures that every test may use: real databases, and the size of a test that has a full-size form.

A database that cannot be had fails the test that wants it; nothing is ever skipped, so a green run has run everything.

Environment: ``CRMKIT_BARS=1`` gives the ``bars`` tests their full size, ``CRMKIT_REQUIRE=postgresql`` accepts the
system's PostgreSQL only, ``CRMKIT_POSTGRES_BIN`` names the folder of the server programs to use.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from attrs import define, field, frozen
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from tests.servers.chromium import chromium
from tests.servers.leftovers import LEFTOVERS
from tests.servers.postgres import PostgresServer, running_server
from tests.servers.reuse import Reusable
from tests.servers.templates import copy_template

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.clock import Clock

__all__ = ["chromium"]

ENGINES = ("sqlite", "postgresql")

SizeT = TypeVar("SizeT")
FilledT = TypeVar("FilledT")

FAILED = pytest.StashKey[bool]()

MADE: list[Templates] = []
"""The templates of this test process."""

_numbers = itertools.count(1)

# What a test says must not depend on how busy the machine is.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# Hundreds of processes are started: with bytecode each begins a second sooner.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn every skip and expected failure into a failure: a test holds or it does not."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped or expected to fail. Tests of crmkit never are: {report.longrepr}"
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.outcome == "failed"
    if report.when == "teardown":
        LEFTOVERS.end(failed=item.stash[FAILED])
        for templates in MADE:
            templates.give_back_own()
    return report


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Tell what one test opens from what it opens for others, too."""
    with LEFTOVERS.sharing(fixturedef.scope != "function"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure, for the same reason."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
    return report


COSTLY = (
    "tests/demo/test_demo.py",
    "tests/vendor/test_wheel.py",
    "tests/vendor/test_checks.py",
    "tests/vendor/test_gold.py",
    "tests/web/rest/test_matrix.py",
)
"""Modules that take longest: these begin, as one process would be alone with them at the end. Each module stays in one
process (``--dist loadfile``), so that what its tests share is made once."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``bars`` every test that has a full-size form, and let the costly modules begin."""
    for item in items:
        if "scale" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.bars)
    ranks = {module: rank for rank, module in enumerate(COSTLY)}
    items.sort(key=lambda item: ranks.get(_module(item), len(COSTLY)))


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@frozen(kw_only=True)
class Scale:
    """The size at which an attack or race test runs: small in every run, full by ``make bars``."""

    full: bool

    def __call__(self, *, small: SizeT, full: SizeT) -> SizeT:
        """Return the value for the present size."""
        return full if self.full else small


def pytest_collection_finish() -> None:
    """Leave what was imported out of the collection of garbage: going through a million objects that stay, again and
    again, took a third of the time of tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def shared_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder of root keys for all tests, so that copies of a database open; tests of keys name their own."""
    folder = tmp_path_factory.mktemp("keys")
    folder.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMKIT_KEYS", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """What one test's engine compiled serves the engines of the others."""
    from tests.servers.compiled import compiled_once

    with compiled_once():
        yield


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


@frozen
class Enabling:
    """Enables plugins. Two are equal where their plugins are: all tests of a process share what they fill."""

    plugins: tuple[str, ...]

    def __call__(self, crm: CRM) -> None:
        """Enable them in their order."""
        for each in self.plugins:
            crm.enable(each)


@define(kw_only=True)
class Templates:
    """Databases as ``CRM.init`` leaves them, made at the first use of their engine and copied for each test."""

    folder: Path
    request: pytest.FixtureRequest
    made: dict[str, str] = field(factory=dict)
    filled: dict[tuple[str, Callable[..., Any]], tuple[str, Any]] = field(factory=dict)
    reusable: dict[str, Reusable] = field(factory=dict)
    lent: dict[str, Reusable] = field(factory=dict)
    own: list[str] = field(factory=list)
    """The addresses of copies that the present test alone has."""

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
            try:
                CRM.init(url).close()
            except BaseException:
                if engine != "sqlite":
                    self.server().drop_database("template_crmkit")
                raise
            self.made[engine] = url
        return self.made[engine]

    def copy(self, engine: str, folder: Path) -> str:
        """Return the address of a migrated database of one's own; an SQLite file is made in ``folder``."""
        return self._copy(self.template(engine), folder)

    def copy_filled(self, engine: str, folder: Path, fill: Callable[..., FilledT]) -> tuple[str, FilledT]:
        """Return the address of a database that ``fill`` has filled, and what it returned: it is called once in this
        process, and what it made is copied. What it returns is shared and must not hold the CRM. One that has an
        ``onto``, a fill too, goes on from what that has filled, and is called with what that returned as well."""
        from crmkit.app import CRM

        if (engine, fill) not in self.filled:
            # What is copied from now on stays, whichever test was the first.
            with LEFTOVERS.sharing(True):
                onto: Callable[..., Any] | None = getattr(fill, "onto", None)
                before: list[Any] = []
                if onto is None:
                    url = self.copy(engine, self.folder)
                else:
                    url, found = self.copy_filled(engine, self.folder, onto)
                    before.append(found)
                with CRM.open(url) as crm:
                    self.filled[engine, fill] = url, fill(crm, *before)
        url, made = self.filled[engine, fill]
        return self._copy(url, folder), made

    def copy_enabled(self, engine: str, folder: Path, *plugins: str) -> str:
        """Return the address of a migrated database of one's own in which plugins are enabled, in this order."""
        url, _nothing = self.copy_filled(engine, folder, Enabling(plugins))
        return url

    @contextlib.contextmanager
    def opened(
        self, engine: str, folder: Path, *plugins: str, clock: Clock | None = None, **options: Any
    ) -> Iterator[CRM]:
        """Open such a copy, with a test's own clock and `Settings`."""
        from crmkit.app import CRM
        from crmkit.settings import Settings

        url = self.copy_enabled(engine, folder, *plugins)
        with CRM.open(Settings(database=url, **options) if options else url, clock=clock) as crm:
            yield crm

    def give_back(self, url: str) -> None:
        """Have a copy again that its test is through with, whatever the test did to it."""
        name = make_url(url).database or ""
        if name in self.lent:
            self.lent.pop(name).give_back(name)

    def give_back_own(self) -> None:
        """Have again what the test that has ended had alone: hundreds of databases would fill the disk."""
        for url in self.own:
            self.give_back(url)
        self.own.clear()

    def _copy(self, url: str, folder: Path) -> str:
        if make_url(url).get_backend_name() == "sqlite":
            return copy_template(url, f"sqlite:///{folder / f'crm_{next(_numbers)}'}.db")
        template = make_url(url).database or ""
        copies = self.reusable.setdefault(template, Reusable(server=self.server(), template=template))
        name = copies.take()
        self.lent[name] = copies
        copy = self.server().url(name)
        if not LEFTOVERS.shared:
            self.own.append(copy)
        return copy


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    """The migrated databases of this test process."""
    made = Templates(folder=tmp_path_factory.mktemp("templates"), request=request)
    MADE.append(made)
    yield made
    MADE.remove(made)  # the server has ended


@pytest.fixture(params=ENGINES)
def crm_url(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> str:
    """The address of a migrated database of this test alone, once for each engine."""
    return templates.copy(request.param, tmp_path)


@pytest.fixture
def crm(crm_url: str) -> Iterator[CRM]:
    """A CRM on a migrated database of its own, closed at the end, once for each engine."""
    from crmkit.app import CRM

    crm: Any = CRM.open(crm_url)
    yield crm
    crm.close()
