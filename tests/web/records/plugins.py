"""Customer bases in which the first-party plugin and the example plugin run: prepared once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from crmkit.app import CRM
from crmkit.manifest import PluginManifest
from tests.conftest import Templates
from tests.vendor.wheels import WARRANTY
from tests.web.conftest import Web, populate


@frozen(kw_only=True)
class Prepared:
    """A database with plugins enabled and people and customers in it, to be copied."""

    file: Path
    users: Mapping[str, Any]
    customers: Mapping[str, Any]


def offered() -> list[PluginManifest]:
    """Return the example plugin."""
    from crmkit_warranty.manifest import MANIFEST

    return [MANIFEST]


@contextmanager
def copied(prepared: Prepared, folder: Path, *others: PluginManifest) -> Generator[Web]:
    """Open a copy of a prepared database; ``others`` are plugins that are enabled in it as well."""
    target = folder / "crmkit.db"
    shutil.copyfile(prepared.file, target)
    url = f"sqlite:///{target}"
    manifests = [*offered(), *others]
    if others:
        with CRM.open(url, plugins=manifests) as crm:
            for each in others:
                crm.enable(each.name)
    with CRM.open(url, plugins=manifests) as crm:
        made = Web(crm=crm, users=prepared.users, customers=prepared.customers)
        yield made
        for client in made.clients:
            client.close()


@pytest.fixture(scope="session")
def plugins_prepared(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Sales and warranties enabled, and people and customers, made once for each test process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(WARRANTY)
        folder = tmp_path_factory.mktemp("plugins")
        url = templates.copy("sqlite", folder)
        with CRM.open(url, plugins=offered()) as crm:
            crm.enable("sales")
            crm.enable("warranty")
        with CRM.open(url, plugins=offered()) as crm:
            made = populate(crm)
        file = Path(url.removeprefix("sqlite:///"))
        yield Prepared(file=file, users=made.users, customers=made.customers)


@pytest.fixture
def plugins_web(plugins_prepared: Prepared, tmp_path: Path) -> Iterator[Web]:
    """People and customers with sales and warranties, of this test alone."""
    with copied(plugins_prepared, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def plugins_sample(plugins_prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The same, for tests that only read."""
    with copied(plugins_prepared, tmp_path_factory.mktemp("plugins_sample")) as made:
        yield made
