"""The demonstration's administrator finds something to do on the first day."""

from __future__ import annotations

from pathlib import Path

import pytest
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit import CRM, Actor, Customer
from crmkit.cli.invocation import Invocation
from crmkit.demo.serving import sign_in_path
from tests.conftest import Templates

SYSTEM = Actor.system("a test")


@pytest.mark.parametrize("enabled", [True, False])
def test_the_administrator_has_tasks_where_there_can_be_any(
    templates: Templates, tmp_path: Path, enabled: bool
) -> None:
    """Each about a customer, one of them overdue, all given once; without the plugin there are none."""
    url = templates.copy("sqlite", tmp_path)
    with CRM.open(url) as crm:
        if enabled:
            crm.enable("work")
        for number in range(6):
            crm.run(SYSTEM, "customer.create", {"name": f"Customer {number}"})
    cli = Invocation()
    cli.home_option = str(tmp_path)
    (tmp_path / "crmkit.toml").write_text(f'database = "{url}"\n')
    assert sign_in_path(cli) != sign_in_path(cli)
    crm = cli.crm
    if enabled:
        with crm.session(SYSTEM) as session:
            tasks = session.scalars(select(Task)).all()
            customers = set(session.scalars(select(Customer.id)))
            assert {each.customer_id for each in tasks} <= customers
            assert sorted(each.due_at < crm.clock.now() for each in tasks) == [False] * 4 + [True]
    else:
        assert "work.task.create" not in crm.registry.operations
    cli.close()
