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
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.testing.workbench import Customers, MovableClock, Workbench


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
    from crmkit.testing.workbench import tester

    return tester(crm)


@pytest.fixture
def customers(crm: CRM) -> Customers:
    """Makes customers: ``customers(name="Li Na")``, ``customers.many(50)``."""
    from crmkit.testing.workbench import Customers

    return Customers(crm=crm)


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
