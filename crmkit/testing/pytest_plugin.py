"""Fixtures for the tests of a plugin. Loaded by pytest wherever crmkit is installed, so it imports nothing heavy.

In ``pyproject.toml``::

    [tool.pytest.ini_options]
    crmkit_plugin = "crmkit_warranty.manifest:MANIFEST"

A test class may name another plugin in its attribute ``plugin``. A fixture of the same name in a ``conftest.py``
replaces the one here, as always in pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.core.store.session import CrmSession
    from crmkit.testing.browsing import Clients
    from crmkit.testing.factories import Customers, Interactions
    from crmkit.testing.mailbox import Mailbox
    from crmkit.testing.people import Actors
    from crmkit.testing.workbench import MovableClock, Workbench


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the one setting."""
    parser.addini("crmkit_plugin", "Plugin under test: a name, or package.module:NAME of its manifest.", default="")


def _plugin_of(request: pytest.FixtureRequest) -> str:
    named = getattr(request.cls, "plugin", None) or request.config.getini("crmkit_plugin")
    if not named:
        raise pytest.UsageError('Name the plugin under test: crmkit_plugin = "…" under [tool.pytest.ini_options].')
    return str(named)


@pytest.fixture(scope="session")
def _workbenches(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workbench]:
    """Return a function that gives the workbench of a plugin, made at its first use in this process."""
    from crmkit.testing.workbench import Workbench, subject

    made: dict[str, Workbench] = {}

    def give(plugin: str) -> Workbench:
        if plugin not in made:
            made[plugin] = Workbench(subject=subject(plugin), folder=tmp_path_factory.mktemp("crmkit"))
        return made[plugin]

    return give


@pytest.fixture
def workbench(request: pytest.FixtureRequest, _workbenches: Callable[[str], Workbench]) -> Workbench:
    """Databases for the plugin under test: ``workbench.crm()`` opens another one."""
    return _workbenches(_plugin_of(request))


@pytest.fixture
def plugin_settings() -> Mapping[str, Any]:
    """The plugin's own settings in this test; replace it to try others."""
    return {}


@pytest.fixture
def clock() -> MovableClock:
    """The clock of ``crm``: it stands until ``clock.advance(days=1)`` moves it."""
    from crmkit.testing.workbench import MovableClock

    return MovableClock()


@pytest.fixture
def crm(workbench: Workbench, clock: MovableClock, plugin_settings: Mapping[str, Any]) -> Iterator[CRM]:
    """A fresh CRM on SQLite with the plugin under test, and what it requires, enabled."""
    with workbench.crm(clock=clock, options=plugin_settings) as opened:
        yield opened


@pytest.fixture
def actor(crm: CRM) -> Actor:
    """A user whose role grants everything, as the one who acts."""
    from crmkit.testing.people import tester

    return tester(crm)


@pytest.fixture
def actors(crm: CRM) -> Actors:
    """Makes other users: ``actors(permissions=["customer.read"])``, ``actors(role="seller", team="North")``, or
    ``actors()``, who may do nothing."""
    from crmkit.testing.people import Actors

    return Actors(crm=crm)


@pytest.fixture
def session(crm: CRM, actor: Actor) -> Iterator[CrmSession]:
    """A session in which ``actor`` reads. It sees what was written before its first query."""
    with crm.session(actor) as opened:
        yield opened


@pytest.fixture
def customers(crm: CRM) -> Customers:
    """Makes customers: ``customers(name="Li Na")``, ``customers.many(50)``."""
    from crmkit.testing.factories import Customers

    return Customers(crm=crm)


@pytest.fixture
def interaction(crm: CRM) -> Interactions:
    """Records what happened: ``interaction(customer, "call", days_ago=3, subject="Delivery")``."""
    from crmkit.testing.factories import Interactions

    return Interactions(crm=crm)


@pytest.fixture
def purchase(interaction: Interactions) -> Callable[..., Any]:
    """Records purchases: ``purchase(customer, "19.90", "EUR", days_ago=3)``, or with ``lines=[{"sku": "KETTLE",
    "quantity": 2, "unit_price": "9.95"}]``."""
    return interaction.purchase


@pytest.fixture
def run_jobs(crm: CRM) -> Callable[[], int]:
    """Carries out the jobs that are due, and what these defer: ``run_jobs()`` returns how many there were. What is
    periodic counts as seen when the test begins: a daily rule or job is due one day later."""
    from crmkit.testing.working import Jobs

    return Jobs(crm=crm)


@pytest.fixture
def mailbox(crm: CRM) -> Mailbox:
    """What would have been sent through the channels: a sequence of messages, oldest first."""
    from crmkit.testing.mailbox import open_mailbox

    return open_mailbox(crm)


@pytest.fixture
def cli(crm: CRM) -> Callable[..., Any]:
    """The command line on ``crm``: ``cli("doctor --json").json``, ``cli("customer show", customer.id).text``, and
    ``.code`` is the exit code."""
    import importlib

    # By its name, as the command line is built on the kit: it checks plugins by it.
    called: Callable[..., Any] = importlib.import_module("crmkit.cli.calling").CommandLine(crm=crm)
    return called


@pytest.fixture
def clients(crm: CRM) -> Iterator[Clients]:
    """Makes clients of the pages and the API: ``clients(somebody, language="zh_Hans")``, or ``clients()`` for a
    stranger."""
    from crmkit.testing.browsing import Clients

    made = Clients(crm=crm)
    yield made
    made.close()


@pytest.fixture
def client(clients: Clients, actor: Actor) -> TestClient:
    """A client of the pages and the API in this process, signed in as ``actor``: ``client.get("/customers").text``."""
    return clients(actor)


@pytest.fixture
def events(crm: CRM) -> Callable[..., Sequence[Mapping[str, Any]]]:
    """What was told: ``events("warranty.claimed")`` returns the payloads of these events, oldest first."""
    from crmkit.testing.workbench import emitted

    return lambda name=None: emitted(crm, name)


@pytest.fixture
def facts(crm: CRM) -> Callable[..., Sequence[Any]]:
    """What is known of customers: ``facts("warranty", as_of, known_at=…, customers=…)`` returns rows of a fact set."""
    from crmkit.testing.workbench import facts_at

    return lambda name, as_of=None, **limits: facts_at(crm, name, as_of, **limits)


@pytest.fixture
def audited(crm: CRM) -> Callable[[str], Sequence[Mapping[str, Any]]]:
    """What the audit log has: ``audited("warranty.claim")`` returns actor, resource, outcome, code and details."""
    from crmkit.testing import workbench

    return lambda action: workbench.audited(crm, action)
