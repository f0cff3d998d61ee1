"""A base with a few customers, made once for each engine, that the tests of resources only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit import CRM
from tests.conftest import ENGINES, Templates
from tests.core.customers.test_queries import fill
from tests.web.conftest import Web, populate


@pytest.fixture(scope="package", params=ENGINES)
def people(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CRM]:
    """The people of the tests of customers' lists."""
    folder: Path = tmp_path_factory.mktemp("people")
    crm = fill(CRM.open(templates.copy(request.param, folder)))
    yield crm
    crm.close()


@pytest.fixture(scope="package", params=ENGINES)
def office(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    """People with their roles, customers of theirs, and what happened to these."""
    folder: Path = tmp_path_factory.mktemp("office")
    with CRM.open(templates.copy(request.param, folder)) as crm:
        made = populate(crm)
        system = crm.system("a sample for tests")
        for number, customer in enumerate(made.customers.values()):
            amount = {"amount": str(10 * (number + 1)), "currency": "CNY"}
            call = {"kind": "call", "customer_id": str(customer), "subject": "A call", "body": "About tea"}
            crm.run(system, "interaction.record", {**call, "occurred_at": "2026-01-05T10:00:00Z"})
            crm.run(
                system,
                "interaction.record",
                {"kind": "purchase", "customer_id": str(customer), **amount,
                 "occurred_at": f"2026-01-0{number + 1}T10:00:00Z"},
            )  # fmt: skip
        yield made
